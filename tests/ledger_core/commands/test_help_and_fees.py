"""Fees, help with payments, disputes, limits and closing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ledger_core.commands.cancel_plan import cancel_plan
from ledger_core.commands.change_due_date import change_due_date
from ledger_core.commands.change_limit import change_limit
from ledger_core.commands.change_plan import change_plan
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.complete_plan import complete_plan
from ledger_core.commands.enroll_plan import enroll_plan, preview_enroll_plan
from ledger_core.commands.narratives import record
from ledger_core.commands.open_dispute import open_dispute, preview_open_dispute
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.waive_fee import preview_waive_fee, waive_fee
from ledger_core.commands.withdraw_dispute import withdraw_dispute
from ledger_core.queries import explain, plans
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import narratives
from tests.fixtures.books import open_book


async def billed_book(engine, amount_cents=150_000, **kwargs):
    book = await open_book(engine, **kwargs)
    await book.draw(amount_cents)
    await book.close_cycle()
    return book


async def test_one_late_fee_a_year_is_waived_and_the_second_is_not(engine):
    book = await billed_book(engine)
    first = await book.act(charge_fee, kind="late", amount_cents=2_500)
    second = await book.act(charge_fee, kind="late", amount_cents=3_500)
    shown = await book.ask(preview_waive_fee, fee_id=first.fee_id)
    assert (shown.terms["amount_cents"], shown.terms["reason"]) == (2_500, "courtesy")
    waived = await book.act(waive_fee, fee_id=first.fee_id)
    assert waived.amount_cents == 2_500
    refusal = await book.act(waive_fee, fee_id=second.fee_id)
    assert refusal.codes == ("courtesy_used",)
    corrected = await book.act(waive_fee, fee_id=second.fee_id, reason="error")
    assert corrected.amount_cents == 3_500


async def test_one_event_bears_one_fee(engine):
    book = await billed_book(engine)
    statement = (await book.state()).last_statement
    await book.act(charge_fee, kind="late", amount_cents=2_500, about=statement.statement_id)
    again = await book.act(charge_fee, kind="late", amount_cents=2_500, about=statement.statement_id)
    assert again.codes == ("fee_already_charged",)


@pytest.mark.parametrize(("code", "fee_cents"), [("R01", 2_000), ("R10", 0)])
async def test_a_return_that_the_customer_never_authorised_bears_no_fee(engine, code, fee_cents):
    book = await billed_book(engine)
    await book.act(receive_payment, payment_id="payment_1", amount_cents=5_000)
    returned = await book.act(return_payment, payment_id="payment_1", return_code=code)
    assert returned.fee_cents == fee_cents


async def test_a_late_fee_explains_what_was_missed(engine):
    book = await billed_book(engine)
    statement = (await book.state()).last_statement
    await book.go_to(statement.due_on + timedelta(days=11))
    fee = await book.act(charge_fee, kind="late", amount_cents=2_500, about=statement.statement_id)
    why = await book.ask(explain.fee, fee_id=fee.fee_id)
    assert why.waivable_as_courtesy
    assert why.facts["minimum_due_cents"] == statement.figures.minimum_due_cents
    assert (why.facts["due_on"], why.facts["days_late"]) == (statement.due_on, 11)


async def test_enrolling_makes_exactly_the_terms_that_were_shown(engine):
    book = await billed_book(engine)
    offered = {option.kind: option for option in await book.ask(plans.options)}
    shown = await book.ask(preview_enroll_plan, kind="plan_12")
    done = await book.act(enroll_plan, kind="plan_12")
    assert done.payments == offered["plan_12"].payments
    assert shown.terms["payment_cents"] == done.payments[0].amount_cents
    assert shown.terms["total_cents"] == sum(p.amount_cents for p in done.payments) == done.total_cents
    assert shown.terms["last_payment_on"] == done.payments[-1].due_on.isoformat()
    assert (await book.state()).apr_bp == 999


async def test_a_plan_pauses_draws_until_it_is_cancelled(engine):
    book = await billed_book(engine)
    await book.act(enroll_plan, kind="plan_24")
    asked = {"amount_cents": 10_000, "bank_account_id": book.bank_account_id}
    assert (await book.act(request_draw, **asked)).codes == ("plan_active",)
    assert (await book.act(enroll_plan, kind="relief")).codes[0] == "plan_active"
    cancelled = await book.act(cancel_plan)
    assert cancelled.apr_bp == 2599
    assert (await book.ask(plans.status))[0].status == "cancelled"
    assert (await book.act(request_draw, **asked)).amount_cents == 10_000


async def test_a_plan_is_changed_as_if_it_were_cancelled_and_the_other_enrolled(engine):
    one, two = await billed_book(engine), await billed_book(engine)
    for book in (one, two):
        await book.act(enroll_plan, kind="plan_12")
        await book.go_to(book.at.on + timedelta(days=40))
    await one.act(cancel_plan)
    by_hand = await one.act(enroll_plan, kind="plan_24")
    changed = await two.act(change_plan, kind="plan_24")
    assert changed.plan.payments == by_hand.payments
    states = [await book.state() for book in (one, two)]
    assert states[0].minimum_due_cents == states[1].minimum_due_cents
    assert states[0].apr_bp == states[1].apr_bp == 599


async def test_a_line_that_does_not_qualify_for_the_other_plan_keeps_the_one_it_has(engine):
    book = await billed_book(engine)
    assert (await book.act(change_plan, kind="plan_12")).codes == ("plan_not_active",)
    await book.act(enroll_plan, kind="relief")
    await book.act(change_plan, kind="plan_12")
    running = (await book.state()).plan
    assert (await book.act(change_plan, kind="relief")).codes == ("used_recently",)
    assert (await book.act(change_plan, kind="settlement")).codes == ("programme_not_offered",)
    assert (await book.act(change_plan, kind="plan_12")).codes == ("plan_unchanged",)
    assert (await book.state()).plan == running


async def test_a_running_plan_is_not_complete_before_its_payments_are(engine):
    book = await billed_book(engine)
    await book.act(enroll_plan, kind="plan_12")
    assert (await book.act(complete_plan)).codes == ("plan_not_done",)


async def test_options_come_cheapest_first_and_hide_hardship_when_not_asked(engine):
    book = await billed_book(engine)
    options = await book.ask(plans.options)
    assert [o.interest_cents for o in options] == sorted(o.interest_cents for o in options)
    assert {o.kind for o in options} >= {"extension", "relief", "plan_12", "plan_24"}
    plain = await book.ask(plans.options, hardship=False)
    assert {o.kind for o in plain} == {"extension"}


async def test_an_extension_moves_the_due_date_that_is_open(engine):
    book = await billed_book(engine)
    statement = (await book.state()).last_statement
    wanted = statement.due_on + timedelta(days=10)
    await book.act(enroll_plan, kind="extension", new_due_on=wanted)
    state = await book.state()
    assert (state.next_due_on, state.plan) == (wanted, None)


async def test_a_dispute_leaves_the_minimum_and_keeps_the_words_beside_the_books(engine):
    book = await open_book(engine)
    draw = await book.draw(8_000)
    await book.draw(100_000)
    await book.close_cycle()
    before = await book.state()
    async with transaction(engine, system("test")) as conn:
        narrative_id = await record(
            conn, customer_id=book.customer_id, line_id=book.line_id, kind="dispute", body="not mine"
        )
    asked = {"kind": "unauthorized", "about": draw.draw_id}
    shown = await book.ask(preview_open_dispute, **asked)
    done = await book.act(open_dispute, narrative_id=narrative_id, **asked)
    assert shown.terms["amount_cents"] == done.amount_cents == 8_000
    assert shown.terms["resolve_by"] == done.resolve_by.isoformat()
    assert done.acknowledge_by == book.at.on + timedelta(days=30)
    assert done.minimum_due_cents < before.minimum_due_cents
    async with transaction(engine, book.customer) as conn:
        kept = (await conn.execute(select(narratives))).one()
    assert (kept.body, kept.reference_id) == ("not mine", done.dispute_id)


async def test_a_dispute_is_opened_once_and_can_be_taken_back(engine):
    book = await open_book(engine)
    draw = await book.draw(8_000)
    done = await book.act(open_dispute, kind="unauthorized", about=draw.draw_id)
    again = await book.act(open_dispute, kind="unauthorized", about=draw.draw_id)
    assert again.codes == ("already_disputed",)
    await book.act(withdraw_dispute, dispute_id=done.dispute_id)
    state = await book.state()
    assert (state.disputed_cents, state.principal_cents) == (0, 8_000)


async def test_a_due_date_moves_twice_a_year_at_most(engine):
    book = await open_book(engine)
    moved = await book.act(change_due_date, due_day=20)
    assert (moved.earlier_due_day, moved.first_due_on.day) == (14, 20)
    await book.act(change_due_date, due_day=21)
    assert (await book.act(change_due_date, due_day=22)).codes == ("moved_too_often",)


async def test_a_limit_rises_after_six_months_and_never_falls_below_the_balance(engine):
    book = await open_book(engine)
    assert (await book.act(change_limit, limit_cents=300_000)).codes == ("limit_not_lower",)
    await book.draw(60_000)
    assert (await book.act(change_limit, limit_cents=50_000)).codes == ("below_balance",)
    lowered = await book.act(change_limit, limit_cents=100_000)
    assert (lowered.earlier_limit_cents, lowered.available_cents) == (200_000, 40_000)


async def test_a_line_without_a_balance_closes_at_once_and_one_with_a_balance_runs_out(engine):
    empty = await open_book(engine)
    assert (await empty.act(request_closure)).status == "closed"
    owing = await billed_book(engine)
    done = await owing.act(request_closure)
    assert (done.status, done.owed_cents > 150_000) == ("closing", True)
    assert (await owing.act(request_closure)).codes == ("already_closing",)


async def test_the_membership_fee_is_billed_after_the_free_month(engine):
    book = await open_book(engine, product_id="cash_line_membership", limit_cents=50_000)
    await book.draw(20_000)
    await book.close_cycle()
    assert (await book.state()).last_statement.figures.fees_cents == 0
    await book.close_cycle()
    figures = (await book.state()).last_statement.figures
    assert figures.fees_cents == 999
    assert figures.interest_cents == 0
    assert (await book.state()).opened_on == date(2026, 1, 5)
