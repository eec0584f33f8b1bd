"""What a customer settles beside the debt: a bank account off the line, more on a dispute, a line to be closed."""

from __future__ import annotations

from datetime import date

import pytest

from agent.words import money
from ledger_core.bank import accounts
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.store.postgres import customer, transaction
from tests.agent.test_conversations import owing, say
from tests.fixtures.books import open_book


async def status_of(engine, book):
    async with transaction(engine, customer(book.customer_id)) as conn:
        account = await accounts.find(conn, book.bank_account_id)
    return account.status


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "remove my bank account"), ("es", "quiero quitar mi cuenta de banco")],
)
async def test_a_bank_account_comes_off_only_at_a_yes(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, words, "proposed", has=["4471"])
    assert turn["obligations"] == []
    assert await status_of(engine, book) == "verified"
    assert (await talk.press(turn["proposal"]))["status"] == "done"
    assert await status_of(engine, book) == "closed"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "I have a receipt to add to my dispute"), ("es", "quiero agregar un comprobante a mi disputa")],
)
async def test_more_is_put_on_a_dispute_that_is_open(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    draw = next(iter((await book.state()).draws.values()))
    await book.act(open_dispute, kind="wrong_amount", about=draw.draw_id)
    turn = await say(await talk_to(book.customer_id), words)
    assert turn["status"] in ("done", "proposed")
    assert len((await book.state()).disputes) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "close my account"), ("es", "quiero cerrar mi línea")])
async def test_a_line_is_closed_by_no_word_alone(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, words, "proposed")
    assert [task["intent"] for task in turn["agenda"]] == ["close_account"]
    assert (await book.state()).status == "open"
    await talk.press(turn["proposal"], "decline")
    assert (await book.state()).status == "open"


@pytest.mark.parametrize(
    ("language", "words", "when"),
    [("en", "I want my credit balance back", "when does it get here?"), ("es", "devuélvanme mi saldo a favor", "¿cuándo llega?")],
)
async def test_a_credit_balance_goes_back_at_the_button_and_is_asked_after(engine, talk_to, language, words, when):
    book = await open_book(engine, due_day=28, language=language)
    await book.draw(10_000)
    await book.go_to(date(2026, 2, 20))
    await book.pay(15_000, settle=True)
    talk = await talk_to(book.customer_id)
    await book.go_to(date(2026, 3, 16))
    credit = money((await book.state()).credit_balance_cents)
    turn = await say(talk, words, "proposed", has=[credit])
    assert (await talk.press(turn["proposal"]))["status"] == "done"
    await say(talk, when, "answered", has=[credit, "7"])
    assert (await book.state()).credit_balance_cents == 0


@pytest.mark.parametrize(
    ("language", "words", "choice", "yes"),
    [
        ("en", "can I switch my plan to smaller payments?", "the 24 payments one", "yes"),
        ("es", "¿puedo cambiar mi plan a pagos más pequeños?", "el de 24 pagos", "sí"),
    ],
)
async def test_a_plan_changes_to_another_in_one_yes(engine, talk_to, language, words, choice, yes):
    book = await owing(engine, language=language)
    await book.act(enroll_plan, kind="plan_12")
    talk = await talk_to(book.customer_id)
    await say(talk, words, "asking", has=["24", "$"])
    await say(talk, choice, "proposed", has=["24"])
    assert (await book.state()).plan.kind == "plan_12"
    await say(talk, yes, "done")
    assert (await book.state()).plan.kind == "plan_24"


@pytest.mark.parametrize(
    ("language", "words", "yes", "wish"),
    [("en", "please write to me in Spanish", "yes", {"language": "es"}), ("es", "quiero los estados de cuenta sin papel", "sí", {"paper_statements": "unwanted"})],
)
async def test_contact_wishes_are_kept_only_after_the_yes(engine, talk_to, language, words, yes, wish):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, words, "proposed")
    assert wish.items() <= turn["proposal"]["terms"].items()
    await say(talk, yes, "done")
