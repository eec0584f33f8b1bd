"""Whole conversations with the real understanding: what must be said, what must not, and how the books stand after."""

from datetime import date

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.lock_line import lock_line
from tests.fixtures.books import open_book

SEAMS = ("{{", "None", "undefined", "_cents", "couldn't put that into words", "Input should")
"""What no reply may show: holes in a template, names of fields, a reply held back."""


async def owing(engine, draw=150_000, until=date(2026, 3, 16), **more):
    """A line that owes, current on the test's day, March 16, with a minimum due on March 28; $200.00 came in February."""
    book = await open_book(engine, due_day=28, **more)
    await book.draw(draw)
    await book.go_to(date(2026, 2, 20))
    await book.pay(20_000, settle=True)
    await book.go_to(until)
    return book


async def paid(book):
    """Amount and stage of the payments made in the conversation."""
    payments = sorted((await book.state()).payments.values(), key=lambda payment: payment.payment_id)
    return [(payment.amount_cents, payment.stage) for payment in payments[1:]]


async def say(talk, words, status=None, *, has=(), lacks=()):
    """One message: the status it must end in, words that must be in the reply and words that must not."""
    turn = await talk.say(words)
    text = turn["reply"]["text"]
    assert status is None or turn["status"] == status, (words, turn["status"], text)
    for must in has:
        assert must.lower() in text.lower(), (words, must, text)
    for never in (*lacks, *SEAMS):
        assert never not in text, (words, never, text)
    return turn


async def test_a_job_is_lost_one_question_is_asked_the_mind_changes_and_a_plan_stands(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "lost my job last week. no way i can make the 14th", "asking",
              has=["sorry", "does not affect your credit", "12 equal payments", "counselor"])
    await say(talk, "the last one. actually wait how much interest is that overall", "asking", has=["interest"])
    await say(talk, "ok do it", "proposed")
    turn = await say(talk, "no, the 12 payment one instead", "proposed", has=["12 payments"], lacks=["changed meanwhile"])
    await say(talk, "when is my payment due", "answered")
    turn = await say(talk, "yes", "proposed", has=["12 payments"])
    assert turn["proposal"]["terms"]["kind"] == "plan_12"
    await say(talk, "yes", "done", has=["your plan is set up"])
    assert (await book.state()).plan.kind == "plan_12"


async def test_a_payment_is_set_up_moved_and_called_off_in_few_words(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "i want to pay 100 on march 27", "proposed", has=["$100.00", "March 27"])
    assert turn["proposal"]["terms"]["amount_cents"] == 10_000
    await say(talk, "yes", "done", has=["scheduled"])
    await say(talk, "move it to april 2", "proposed", has=["April 2"])
    await say(talk, "yes", "done", has=["moved"])
    await say(talk, "actually cancel it", "proposed", has=["Cancel"])
    await say(talk, "yes", "done", has=["cancelled"])
    assert await paid(book) == [(10_000, "cancelled")]


async def test_a_correction_before_the_yes_changes_the_payment(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "pay 20 tomorrow", "proposed", has=["$20.00"])
    await say(talk, "no, make it 30 on april 1", "proposed", has=["$30.00", "April 1"])
    await say(talk, "yes", "done")
    assert await paid(book) == [(3_000, "scheduled")]


async def test_a_strange_draw_locks_first_and_the_limit_waits_its_turn(engine, talk_to):
    book = await owing(engine, until=date(2026, 3, 2))
    await book.draw(8_000)
    await book.go_to(date(2026, 3, 16))
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "there's an 80 dollar draw i never made. also can you raise my limit", "proposed",
                     has=["$80.00", "locked your line", "does not count against you"])
    assert (await book.state()).locked
    assert turn["reply"]["text"].index("$80.00") < turn["reply"]["text"].index("limit")
    await say(talk, "yes", "done", has=["is open as of today", "never counts against you", "least to pay"])
    assert [d.amount_cents for d in (await book.state()).disputes.values()] == [8_000]
    before = len(turn["obligations"])
    turn = await say(talk, "any news on the dispute?", "answered", has=["$80.00"], lacks=["Which of these"])
    assert len(turn["obligations"]) == before


async def test_the_same_draw_twice_is_a_notice_of_error_without_a_lock(engine, talk_to):
    book = await owing(engine, draw=50_000, until=date(2026, 3, 2))
    await book.draw(15_000)
    await book.draw(15_000)
    await book.go_to(date(2026, 3, 16))
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "you sent me the same draw of 150 twice", "proposed", has=["$150.00", "twice"])
    assert [item["right"] for item in turn["obligations"]] == ["dispute_open"]
    await say(talk, "yes", "done")
    state = await book.state()
    assert [d.kind for d in state.disputes.values()] == ["duplicate"]
    assert not state.locked


async def test_two_fees_and_a_promise_one_is_taken_off_the_other_goes_to_a_person(engine, talk_to):
    book = await owing(engine)
    for cents, statement in zip((2_500, 3_500), (await book.state()).statements[:2], strict=True):
        await book.act(charge_fee, kind="late", amount_cents=cents, about=statement.statement_id)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "your colleague already promised to refund both late fees", "proposed",
                     has=["don't see a note", "$35.00", "$25.00", "specialist"])
    assert turn["handoff"] is not None
    await say(talk, "yes", "done", has=["courtesy"])
    assert sorted(fee.waived_cents for fee in (await book.state()).fees.values()) == [0, 3_500]
    await say(talk, "when do I hear back", "answered", has=["specialist"], lacks=["Hello"])


async def test_two_wishes_are_taken_one_yes_at_a_time(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "pay 50 today and move my due date to the 20th", "proposed", has=["$50.00", "due date change"])
    await say(talk, "yes", "proposed", has=["counts as paid", "day 20"])
    await say(talk, "yes", "done", has=["day **20**"])
    assert await paid(book) == [(5_000, "received")]
    assert len((await book.state()).due_date_changes) == 1


async def test_figures_follow_the_question_and_a_no_leaves_the_books(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    first = await say(talk, "payoff amount today", "answered", has=["March 16"])
    second = await say(talk, "and on april 5?", "answered", has=["April 5"])
    assert first["reply"]["text"] != second["reply"]["text"]
    await say(talk, "yes", "proposed", has=["April 5"])
    await say(talk, "no", has=["left everything as it was"])
    await say(talk, "pay the minimum", "proposed")
    await say(talk, "never mind", has=["left everything as it was"])
    assert await paid(book) == []


async def test_one_message_asks_two_things_and_both_are_answered(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "what's my balance and how much can i draw", "answered", has=["You owe", "You can draw"])
    assert {figure["source"]["tool"] for figure in turn["figures"]} == {"get_overview"}
    await say(talk, "draw 100", "proposed", has=["$100.00"])
    turn = await say(talk, "yes", "proposed", has=["Confirm"])
    turn = await talk.press(turn["proposal"])
    assert turn["status"] == "done"
    await say(talk, "cancel it", "proposed", has=["$100.00"])
    await say(talk, "yes", "done", has=["No money goes out"])


async def test_danger_is_answered_at_once_and_with_nothing_about_money(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "honestly there's no point anymore, i just want it all to end", "handed_off",
                     has=["988", "a person reaches out"], lacks=["$", "balance", "payment"])
    assert [item["state"] for item in turn["obligations"]] == ["discharged"]


async def test_a_person_is_there_for_the_asking(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, "just let me talk to someone", "handed_off", has=["Of course", "specialist"], lacks=["?"])
    assert turn["handoff"]["summary"]
    turn = await say(talk, "when will they call me", "answered", has=["A specialist has your request"])
    assert turn["handoff"] is None


async def test_money_elsewhere_is_no_advice_of_ours_but_paying_off_is(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    await say(talk, "should i put my tax refund in bitcoin or pay this off", "answered",
              has=["can't advise on investments"])
    turn = await say(talk, "yes", "answered", has=["pays your line off in full"])
    assert turn["proposal"] is None


async def test_a_locked_line_says_so_and_who_opens_it(engine, talk_to):
    book = await owing(engine)
    await book.act(lock_line, reason="fraud")
    talk = await talk_to(book.customer_id)
    await say(talk, "why is my line locked", "handed_off", has=["locked to keep it safe", "Payments still work"])
    await say(talk, "how much can i draw", "answered", has=["locked"], lacks=["$0.00"])
    assert (await book.state()).locked


async def test_a_question_about_the_rules_starts_no_duty(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    for words in ("does asking for help hurt my credit", "how long do you have to answer a dispute",
                  "are you going to report me if i pay late"):
        turn = await say(talk, words, "answered")
        assert turn["obligations"] == [], words


async def test_un_cargo_se_explica_y_se_quita_con_un_solo_si(engine, talk_to):
    book = await owing(engine, language="es")
    statement = (await book.state()).statements[0]
    await book.act(charge_fee, kind="late", amount_cents=2_500, about=statement.statement_id)
    talk = await talk_to(book.customer_id)
    await say(talk, "no entiendo por qué me cobraron 25 dólares", "proposed",
              has=["$25.00", "pago tardío", "¿Quiere que lo haga?"], lacks=["late fee"])
    await say(talk, "sí", "done", has=["cortesía"])
    assert [fee.waived_cents for fee in (await book.state()).fees.values()] == [2_500]
    await say(talk, "quiero pagar 60 dólares mañana", "proposed", has=["$60.00"])
    await say(talk, "sí", "done")
    await say(talk, "cancélelo", "proposed")
    await say(talk, "sí", "done", has=["anulado"])
