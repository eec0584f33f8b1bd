"""Corrections, changes of mind, digressions and returns, in both languages, over real books."""

from __future__ import annotations

from tests.agent.test_conversations import owing, paid, say


async def test_the_amount_then_the_day_are_corrected_before_the_yes(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "pay 60 tomorrow", "proposed", has=["$60.00", "March 17"])
    await say(talk, "no, I meant 80", "proposed", has=["$80.00", "March 17"])
    await say(talk, "make it friday", "proposed", has=["$80.00", "March 20"])
    await say(talk, "yes", "done")
    assert await paid(book) == [(8_000, "scheduled")]


async def test_se_corrigen_el_monto_y_el_dia_antes_del_si(engine, talk_to):
    book = await owing(engine, language="es")
    talk = await talk_to(book.customer_id)
    await say(talk, "quiero pagar 60 dólares mañana", "proposed", has=["$60.00", "17 de marzo"])
    await say(talk, "no, quise decir 80", "proposed", has=["$80.00", "17 de marzo"])
    await say(talk, "mejor el viernes", "proposed", has=["$80.00", "20 de marzo"])
    await say(talk, "sí", "done")
    assert await paid(book) == [(8_000, "scheduled")]


async def test_a_question_in_between_leaves_the_proposal_and_go_on_brings_it_back(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "pay 60 tomorrow", "proposed")
    await say(talk, "wait, what's my rate?", "answered", has=["25.99"])
    await say(talk, "ok go on", "proposed", has=["$60.00"])
    await say(talk, "yes", "done")
    assert await paid(book) == [(6_000, "scheduled")]


async def test_una_pregunta_en_medio_no_pierde_la_propuesta(engine, talk_to):
    book = await owing(engine, language="es")
    talk = await talk_to(book.customer_id)
    await say(talk, "quiero pagar 60 dólares mañana", "proposed")
    await say(talk, "espere, ¿cuál es mi tasa?", "answered", has=["25.99"])
    await say(talk, "sí, siga", "proposed", has=["$60.00"])
    await say(talk, "sí", "done")
    assert await paid(book) == [(6_000, "scheduled")]


async def test_a_change_of_mind_leaves_the_books_as_they_were(engine, talk_to):
    for language, words in (("en", ("pay 60 tomorrow", "actually forget it")), ("es", ("quiero pagar 60 mañana", "mejor no"))):
        book = await owing(engine, language=language)
        talk = await talk_to(book.customer_id)
        await say(talk, words[0], "proposed")
        await say(talk, words[1])
        assert await paid(book) == []


async def test_contact_wishes_are_set_at_a_yes_and_an_address_never_comes_from_the_chat(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "go paperless please", "proposed")
    await say(talk, "yes", "done", has=["saved"])
    turn = await say(talk, "change my email to new@example.org", "answered", has=["account settings", "one-time code"])
    assert "new@example.org" not in turn["reply"]["text"]


async def test_a_line_is_locked_for_the_asking_and_a_bank_account_is_named_and_kept(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "which bank account do you have on file", "answered", has=["4471"])
    await say(talk, "please lock my line", "done", has=["locked"])
    assert (await book.state()).locked


async def test_a_monthly_payment_is_counted_out_to_zero(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "what if I pay 200 a month", "answered", has=["you would be done on", "$200.00", "autopay"])
    await say(talk, "yes", "proposed", has=["$200.00"])
    assert (await book.state()).autopay is None
