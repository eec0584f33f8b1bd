"""Facts that arrive late: the past is put right, the difference is posted today, and mistakes are undone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ledger_core.commands.cancel_plan import cancel_plan
from ledger_core.commands.change_rate import change_rate
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.credit_payment import credit_payment, preview_credit_payment
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.resolve_dispute import resolve_dispute
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.line.fees import late_fee
from ledger_core.refusals import Refused
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import statements
from tests.fixtures.books import open_book
from tests.ledger_core.commands.test_corrections import ledger_totals, replayed_totals


@pytest.fixture
async def charged(engine):
    """1,500 drawn, the first minimum not paid, and its late fee charged on the eleventh day."""
    book = await open_book(engine)
    await book.draw(150_000)
    await book.close_cycle()
    printed = (await book.state()).last_statement
    await book.go_to(printed.due_on + timedelta(days=11))
    state = await book.state()
    fee = late_fee((await book.world()).product, state, "none")
    await book.act(charge_fee, kind="late", amount_cents=fee.amount_cents, about=fee.about)
    return book, printed


async def test_a_payment_received_in_time_is_credited_as_of_its_day_and_the_late_fee_taken_back(charged):
    book, printed = charged
    terms = await book.ask(
        preview_credit_payment, payment_id="payment_found", received_on=printed.due_on, amount_cents=20_000
    )
    assert terms.terms["fees_taken_back_cents"] == 2_500
    done = await book.act(
        credit_payment, payment_id="payment_found", received_on=printed.due_on, amount_cents=20_000
    )
    assert (done.received_on, done.fees_taken_back_cents) == (printed.due_on, 2_500)
    state = await book.state()
    assert (state.fees_owed_cents, state.days_past_due) == (0, 0)
    assert state.statements[0].paid_on == printed.due_on
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_the_issued_statement_stands_and_the_next_one_shows_what_was_put_right(charged):
    book, printed = charged
    await book.close_cycle()
    second = (await book.state()).last_statement
    assert second.figures.fees_cents == 2_500
    await book.act(
        credit_payment, payment_id="payment_found", received_on=printed.due_on, amount_cents=20_000
    )
    async with transaction(book.engine, book.customer) as conn:
        kept = (await conn.execute(select(statements).where(statements.c.number == second.number))).one()
    assert kept.figures["new_balance_cents"] == second.figures.new_balance_cents
    await book.close_cycle()
    third = (await book.state()).last_statement.figures
    assert third.corrections_fees_cents == -2_500
    assert third.corrections_principal_cents < 0
    assert third.corrections_interest_cents < 0
    assert third.corrections_cents < -20_000
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_payment_credited_too_late_moves_to_the_day_it_was_received(charged):
    book, printed = charged
    paid = await book.pay(20_000)
    before = await book.state()
    done = await book.act(credit_payment, payment_id=paid.payment_id, received_on=printed.due_on)
    assert (done.amount_cents, done.fees_taken_back_cents) == (20_000, 2_500)
    state = await book.state()
    assert state.payments[paid.payment_id].received_on == printed.due_on
    days = (book.at.on - printed.due_on).days
    assert days == 11
    assert state.interest_accrued_microcents < before.interest_accrued_microcents
    assert await ledger_totals(book) == await replayed_totals(book)
    await book.go_to(paid.settles_on)
    assert (await book.act(settle_payment, payment_id=paid.payment_id)).settled_on == book.at.on
    assert (await book.state()).payments[paid.payment_id].stage == "settled"


async def test_a_dispute_about_a_payment_not_credited_is_resolved_by_crediting_it(charged):
    book, printed = charged
    opened = await book.act(open_dispute, kind="payment_not_credited", about=None, amount_cents=20_000)
    await book.go_to(book.at.on + timedelta(days=5))
    done = await book.act(
        resolve_dispute, dispute_id=opened.dispute_id, amount_cents=20_000, received_on=printed.due_on
    )
    assert (done.outcome, done.fees_taken_back_cents) == ("for_customer", 2_500)
    state = await book.state()
    assert state.payments[done.payment_id].received_on == printed.due_on
    assert (state.disputed_cents, state.credit_balance_cents, state.past_due_cents) == (0, 0, 0)
    assert state.account_totals["credits_expense"] == 0
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_resolution_that_names_a_day_must_be_about_a_payment(charged):
    book, printed = charged
    opened = await book.act(open_dispute, kind="other", about=None, amount_cents=5_000)
    refusal = await book.act(
        resolve_dispute, dispute_id=opened.dispute_id, amount_cents=5_000, received_on=printed.due_on
    )
    assert refusal.codes == ("not_about_a_payment",)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"payment_id": "new", "amount_cents": 100, "days": 1}, "date_out_of_range"),
        ({"payment_id": "new", "amount_cents": 100, "days": -400}, "date_out_of_range"),
        ({"payment_id": "new", "days": -1}, "amount_not_positive"),
        ({"payment_id": "new", "amount_cents": 0, "days": -1}, "amount_not_positive"),
        ({"payment_id": "paid", "days": 0}, "already_credited"),
        ({"payment_id": "paid", "amount_cents": 1, "days": -1}, "amount_differs"),
        ({"payment_id": "returned", "days": -1}, "payment_undone"),
    ],
)
async def test_what_cannot_be_credited_is_refused(charged, asked, code):
    book, _ = charged
    paid, gone = await book.pay(9_000), await book.pay(8_000)
    await book.return_payment(gone.payment_id)
    ids = {"paid": paid.payment_id, "returned": gone.payment_id}
    received_on = book.at.on + timedelta(days=asked.pop("days"))
    payment_id = ids.get(asked.pop("payment_id"), "payment_new")
    refusal = await book.act(credit_payment, payment_id=payment_id, received_on=received_on, **asked)
    assert isinstance(refusal, Refused)
    assert refusal.codes == (code,)


async def test_the_bank_may_name_an_earlier_day_for_a_settlement_and_a_return(charged):
    book, _ = charged
    paid = await book.pay(9_000)
    await book.go_to(book.at.on + timedelta(days=6))
    early = await book.act(settle_payment, payment_id=paid.payment_id, settled_on=paid.pay_on - timedelta(days=1))
    assert early.codes == ("date_out_of_range",)
    done = await book.act(settle_payment, payment_id=paid.payment_id, settled_on=paid.settles_on)
    assert done.settled_on == paid.settles_on
    returned = await book.act(
        return_payment, payment_id=paid.payment_id, return_code="R01", returned_on=paid.settles_on
    )
    assert returned.returned_on == paid.settles_on
    state = await book.state()
    fees = [f for f in state.fees.values() if f.kind == "returned_payment"]
    assert all(f.charged_on == book.at.on for f in fees)
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_rate_that_was_wrong_from_the_start_leaves_a_founded_fee(charged):
    book, _ = charged
    opened_on = (await book.state()).opened_on
    await book.act(change_rate, apr_bp=1_000, reason="product", from_on=opened_on)
    assert (await book.state()).fees_owed_cents == 2_500
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_command_of_an_earlier_day_takes_back_a_fee_charged_since_on_the_latest_day(charged):
    """A worker that was held up acts with the day of its file; others have written down later days by then."""
    book, printed = charged
    latest, book.at = book.at, replace(book.at, on=book.at.on - timedelta(days=4))
    done = await book.act(
        credit_payment, payment_id="payment_found", received_on=printed.due_on, amount_cents=20_000
    )
    assert done.fees_taken_back_cents == 2_500
    book.at = latest
    state = await book.state()
    assert (state.fees_owed_cents, state.account_totals["fee_income"]) == (0, 0)
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_command_of_an_earlier_day_leaves_a_plan_alone_that_began_and_ended_since(engine):
    book = await open_book(engine)
    draw = await book.draw(50_000)
    earlier = book.at
    await book.go_to(book.at.on + timedelta(days=2))
    began = await book.act(enroll_plan, kind="plan_12")
    assert (await book.act(cancel_plan)).plan_id == began.plan_id
    latest, book.at = book.at, earlier
    assert (await book.act(fail_draw, draw_id=draw.draw_id, code="R03")).code == "R03"
    book.at = latest
    assert (await book.state()).owed_cents == 0
    assert await ledger_totals(book) == await replayed_totals(book)
