"""The servicing flows over real books, with the message's understanding written down by the test."""

from datetime import date

import pytest

from agent.nodes import listen
from agent.understanding import Right
from tests.fixtures.books import open_book
from tests.fixtures.hearing import NO, YES, heard


@pytest.fixture
def tell(monkeypatch):
    """`await tell(talk, heard(…))`: one turn whose message is understood just so."""

    async def say(talk, said):
        monkeypatch.setattr(listen, "understand", lambda text, **_: said)
        return await talk.say(said.text)

    return say


async def owing(engine, clock, draw=150_000, until=date(2026, 3, 16), **more):
    book = await open_book(engine, **more)
    await book.draw(draw)
    await book.go_to(until)
    return book


READ_ONLY = [
    "balance", "available_credit", "limit_info", "rate_info", "due_date_info", "minimum_payment_info", "payoff_quote",
    "statement_explain", "interest_explain", "statement_get", "transactions_list", "transaction_explain",
    "payment_status", "draw_status", "dispute_status", "plan_status", "smalltalk", "out_of_scope", "fee_explain",
    "autopay_manage", "payment_manage", "draw_cancel",
]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_look_up_ends_in_words_with_sources(engine, clock, talk_to, tell, language):
    book = await owing(engine, clock)
    talk = await talk_to(book.customer_id)
    for intent in READ_ONLY:
        turn = await tell(talk, heard(f"about {intent}", intent, language=language))
        assert turn["status"] in ("answered", "asking"), (intent, turn["status"], turn["reply"]["text"])
        assert "couldn't put that into words" not in turn["reply"]["text"], intent
        assert "no pude decirlo" not in turn["reply"]["text"].lower(), intent


async def test_interest_is_explained_cause_by_cause_to_the_cent(engine, clock, talk_to, tell):
    book = await open_book(engine, limit_cents=300_000, opened_on=date(2025, 12, 1))
    await book.draw(150_000)
    await book.go_to(date(2026, 1, 30))
    await book.draw(60_000)
    await book.go_to(date(2026, 3, 16))
    turn = await tell(await talk_to(book.customer_id), heard("why is interest up", "interest_explain"))
    block = next(b for b in turn["reply"]["blocks"] if b["type"] == "breakdown")
    assert sum(row["amount_cents"] for row in block["rows"]) == block["total_cents"]
    assert "$600.00 draw on February 2" in turn["reply"]["text"]


async def test_a_customer_who_cannot_pay_asks_once_more_and_enrols(engine, clock, talk_to, tell):
    book = await owing(engine, clock)
    talk = await talk_to(book.customer_id)
    turn = await tell(talk, heard("lost my job, can't pay", "hardship", rights=["hardship"]))
    assert turn["status"] == "asking"
    options = next(b for b in turn["reply"]["blocks"] if b["type"] == "options")["items"]
    assert len(options) >= 3
    assert [o["right"] for o in turn["obligations"]] == ["hardship"]
    turn = await tell(talk, heard("the last one. wait how much interest is that?", "interest_explain", ordinals=[-1]))
    assert turn["status"] == "asking"
    turn = await tell(talk, heard("ok do it", assent="yes"))
    assert turn["status"] == "proposed"
    turn = await tell(talk, YES)
    assert turn["status"] == "done"
    assert (await book.state()).plan is not None


async def test_a_payment_is_set_up_moved_and_cancelled(engine, clock, talk_to, tell):
    book = await owing(engine, clock)
    talk = await talk_to(book.customer_id)
    turn = await tell(talk, heard("pay 200 on march 30", "payment_make", amounts=[20_000], dates=[date(2026, 3, 30)]))
    assert turn["status"] == "proposed", turn
    turn = await talk.press(turn["proposal"])
    assert turn["status"] == "done"
    turn = await tell(talk, heard("move it to april 2", "payment_change", dates=[date(2026, 4, 2)]))
    assert turn["status"] == "proposed", turn["reply"]["text"]
    turn = await tell(talk, YES)
    assert turn["status"] == "done"
    turn = await tell(talk, heard("cancel that payment", "payment_cancel"))
    assert turn["status"] == "proposed", turn["reply"]["text"]
    turn = await tell(talk, YES)
    stages = [p.stage for p in (await book.state()).payments.values()]
    assert stages == ["cancelled"]


async def test_an_unrecognised_draw_locks_the_line_and_opens_the_notice(engine, clock, talk_to, tell):
    book = await owing(engine, clock, until=date(2026, 3, 2))
    await book.draw(8_000)
    await book.go_to(date(2026, 3, 16))
    talk = await talk_to(book.customer_id)
    said = heard("there's an 80 dollar draw i never made", "dispute_open", amounts=[8_000], rights=["dispute_open"])
    turn = await tell(talk, said)
    assert turn["status"] == "proposed"
    assert (await book.state()).locked
    turn = await tell(talk, YES)
    assert turn["status"] == "done"
    state = await book.state()
    assert [d.amount_cents for d in state.disputes.values()] == [8_000]
    turn = await tell(talk, heard("any news on my dispute", "dispute_status"))
    assert "$80.00" in turn["reply"]["text"]


async def test_two_wishes_that_need_a_yes_are_taken_one_after_the_other(engine, clock, talk_to, tell):
    book = await owing(engine, clock, opened_on=date(2026, 2, 2))
    talk = await talk_to(book.customer_id)
    said = heard("pay 100 today and move my due date to the 20th", "payment_make", "due_date_change",
                 amounts=[10_000], days=[20])
    turn = await tell(talk, said)
    assert turn["status"] == "proposed"
    turn = await tell(talk, YES)
    assert turn["status"] == "proposed", turn["agenda"]
    turn = await tell(talk, YES)
    assert turn["status"] == "done", turn
    state = await book.state()
    assert len(state.due_date_changes) == 1
    assert [p.amount_cents for p in state.payments.values()] == [10_000]


@pytest.mark.parametrize(
    "right",
    ["fraud_report", "identity_theft", "bankruptcy", "servicemember", "deceased", "cease_contact", "complaint",
     "credit_reporting", "human", "crisis", "attorney"],
)
@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_word_of_duty_starts_its_duty_and_reaches_a_person(engine, clock, talk_to, tell, right, language):
    book = await owing(engine, clock)
    talk = await talk_to(book.customer_id)
    turn = await tell(talk, heard("words of duty", rights=[right], language=language))
    assert turn["status"] == "handed_off", turn["reply"]["text"]
    assert turn["handoff"]["summary"]
    assert [o["state"] for o in turn["obligations"] if o["right"] == right] == ["discharged"]
    if right == "crisis":
        assert "988" in turn["reply"]["text"]
    if right in ("fraud_report", "identity_theft"):
        assert (await book.state()).locked


async def test_a_refused_draw_says_why_and_offers_the_way_out(engine, clock, talk_to, tell):
    book = await owing(engine, clock, draw=190_000)
    talk = await talk_to(book.customer_id)
    turn = await tell(talk, heard("draw 500", "draw_request", amounts=[50_000]))
    assert turn["status"] == "refused"
    assert turn["proposal"] is None


async def test_a_draw_takes_the_button_and_no_typed_yes(engine, clock, talk_to, tell):
    book = await owing(engine, clock, draw=50_000, opened_on=date(2026, 2, 2))
    talk = await talk_to(book.customer_id)
    turn = await tell(talk, heard("draw 100", "draw_request", amounts=[10_000]))
    assert turn["status"] == "proposed", turn["reply"]["text"]
    turn = await tell(talk, YES)
    assert turn["status"] == "proposed"
    assert not [d for d in (await book.state()).draws.values() if d.stage == "pending"]
    turn = await talk.press(turn["proposal"])
    assert turn["status"] == "done"


async def test_a_no_leaves_everything_as_it_was(engine, clock, talk_to, tell):
    book = await owing(engine, clock)
    talk = await talk_to(book.customer_id)
    await tell(talk, heard("pay 100", "payment_make", amounts=[10_000]))
    await tell(talk, NO)
    assert not (await book.state()).payments


async def test_a_late_fee_is_explained_and_taken_off_on_a_yes(engine, clock, talk_to, tell):
    from ledger_core.commands.charge_fee import charge_fee

    book = await owing(engine, clock)
    await book.go_to(date(2026, 3, 16))
    statement = (await book.state()).statements[0]
    await book.act(charge_fee, kind="late", amount_cents=2_500, about=statement.statement_id)
    talk = await talk_to(book.customer_id)
    turn = await tell(talk, heard("what is this fee", "fee_explain"))
    assert "late fee" in turn["reply"]["text"]
    turn = await tell(talk, YES)
    if turn["status"] == "proposed":
        turn = await tell(talk, YES)
    assert turn["status"] == "done", turn
    assert [f.waived_cents for f in (await book.state()).fees.values()] == [2_500]




async def test_fraud_that_only_the_classifier_saw_is_handed_over_and_locks_nothing(engine, clock, talk_to, tell):
    book = await owing(engine, clock)
    said = heard("you guys are thieves", "fraud_report")
    guessed = said.__class__(**{**vars(said), "rights": (Right("fraud_report", said.text, "classifier"),)})
    turn = await tell(await talk_to(book.customer_id), guessed)
    assert turn["status"] == "handed_off"
    assert not (await book.state()).locked
