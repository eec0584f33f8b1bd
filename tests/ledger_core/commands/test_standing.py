"""Promotions, overlays, re-age, settlement, charge-off and reporting, through the real commands and queries."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.charge_off import charge_off
from ledger_core.commands.close_line import close_line
from ledger_core.commands.complete_plan import complete_plan
from ledger_core.commands.enroll_plan import enroll_plan, preview_enroll_plan
from ledger_core.commands.grant_promotion import grant_promotion, preview_grant_promotion
from ledger_core.commands.lift_overlay import lift_overlay, preview_lift_overlay
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.place_overlay import place_overlay, preview_place_overlay
from ledger_core.commands.reage_line import preview_reage_line, reage_line
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.unlock_line import unlock_line
from ledger_core.errors import InvalidInput
from ledger_core.queries import payments
from ledger_core.queries.reporting import reporting
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import ledger_balances
from tests.fixtures.books import Book, open_book

_DAY = timedelta(days=1)


async def _written(book: Book) -> dict[str, int]:
    """Debits less credits by account, as stored."""
    async with transaction(book.engine, book.customer) as conn:
        rows = (await conn.execute(select(ledger_balances))).all()
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.account] = totals.get(row.account, 0) + row.debit_cents - row.credit_cents
    return {account: cents for account, cents in totals.items() if cents}


async def _holds(book: Book) -> None:
    state = await book.state()
    assert await _written(book) == {a: c for a, c in state.account_totals.items() if c}


async def _late_book(engine, days: int) -> Book:
    """One draw of $1,000 whose first minimum was missed so many days ago."""
    book = await open_book(engine)
    await book.draw(100_000)
    await book.close_cycle()
    due_on = (await book.state()).last_statement.due_on
    await book.go_to(due_on + days * _DAY)
    return book


async def test_a_promotion_granted_late_corrects_the_statement_that_stands(engine):
    book = await _late_book(engine, 5)
    state = await book.state()
    printed = state.last_statement.figures
    asked = {"apr_bp": 999, "starts_on": state.opened_on, "ends_on": book.at.on + 30 * _DAY}
    shown = await book.ask(preview_grant_promotion, **asked)
    done = await book.act(grant_promotion, **asked)
    assert shown.terms["ends_on"] == done.ends_on.isoformat()
    await _holds(book)
    after = await book.state()
    assert after.last_statement.figures == printed
    assert after.last_statement.interest_cents < printed.interest_cents
    await book.close_cycle()
    assert (await book.state()).last_statement.figures.corrections_interest_cents < 0
    await book.go_to(done.ends_on + _DAY)
    assert (await book.state()).apr_bp == 2599


async def test_a_bankruptcy_heard_late_stops_everything_from_the_filing_on(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    await book.act(set_autopay, mode="minimum", bank_account_id=book.bank_account_id)
    await book.close_cycle()
    later = await book.pay(5_000, pay_on=book.at.on + 58 * _DAY)
    await book.go_to((await book.state()).last_statement.due_on + 20 * _DAY)
    await book.act(charge_fee, kind="late", amount_cents=2_500)
    asked = {"kind": "bankruptcy", "since_on": book.at.on - 15 * _DAY, "chapter": 7}
    shown = await book.ask(preview_place_overlay, **asked)
    done = await book.act(place_overlay, **asked)
    assert shown.terms["fees_taken_back_cents"] == done.fees_taken_back_cents == 2_500
    await _holds(book)
    state = await book.state()
    assert (state.autopay, state.minimum_due_cents, state.fees_owed_cents) == (None, 0, 0)
    assert (state.payments[later.payment_id].stage, state.apr_bp) == ("cancelled", 0)
    drawing = await book.act(request_draw, amount_cents=5_000, bank_account_id=book.bank_account_id)
    assert drawing.codes == ("bankruptcy",)
    seen = await book.ask(reporting)
    assert (seen.days_past_due, seen.frozen_since_on, seen.consumer_indicator) == (5, done.since_on, "A")


async def test_a_discharge_ends_the_debt_and_the_line(engine):
    book = await _late_book(engine, 5)
    await book.act(place_overlay, kind="bankruptcy", since_on=book.at.on - 5 * _DAY, chapter=13)
    await book.go_to(book.at.on + 40 * _DAY)
    shown = await book.ask(preview_lift_overlay, kind="bankruptcy", outcome="discharged")
    done = await book.act(lift_overlay, kind="bankruptcy", outcome="discharged")
    assert shown.terms["forgiven_cents"] == done.forgiven_cents > 100_000
    await _holds(book)
    seen = await book.ask(reporting)
    assert (seen.balance_cents, seen.account_status, seen.consumer_indicator) == (0, "13", "H")
    await book.close_cycle()
    assert (await book.state()).last_statement.figures.new_balance_cents == 0


async def test_after_a_dismissal_a_line_is_as_late_as_it_was(engine):
    book = await _late_book(engine, 35)
    assert (await book.ask(reporting)).account_status == "71"
    await book.act(place_overlay, kind="bankruptcy", since_on=book.at.on, chapter=13)
    await book.go_to(book.at.on + 30 * _DAY)
    assert (await book.ask(reporting)).days_past_due == 35
    await book.act(lift_overlay, kind="bankruptcy", outcome="dismissed")
    await _holds(book)
    seen = await book.ask(reporting)
    assert (seen.days_past_due, seen.consumer_indicator, seen.frozen_since_on) == (35, "L", None)


async def test_an_estate_is_quoted_what_is_owed_and_it_grows_no_more(engine):
    book = await _late_book(engine, 12)
    await book.act(charge_fee, kind="late", amount_cents=2_500)
    done = await book.act(place_overlay, kind="deceased", since_on=book.at.on - 3 * _DAY)
    assert done.fees_taken_back_cents == 2_500
    await _holds(book)
    await book.go_to(book.at.on + 50 * _DAY)
    assert (await book.state()).payoff_base_cents == done.owed_cents
    assert (await book.ask(reporting)).is_deceased
    await book.pay(done.owed_cents, settle=True)
    assert (await book.state()).payoff_base_cents == 0


async def test_service_begins_and_ends_on_days_in_the_past(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    started = book.at.on + 5 * _DAY
    await book.go_to(started + 20 * _DAY)
    await book.act(place_overlay, kind="servicemember", since_on=started)
    assert (await book.act(place_overlay, kind="servicemember", since_on=started)).codes == ("already_placed",)
    await _holds(book)
    ended = book.at.on + 3 * _DAY
    await book.go_to(ended + 4 * _DAY)
    await book.act(lift_overlay, kind="servicemember", outcome="ended", ended_on=ended)
    await _holds(book)
    rates = [(s.from_day, s.apr_bp) for s in (await book.state()).interest_days if s.bucket == "protected"]
    assert rates == [(started, 600)]
    standard = [s for s in (await book.state()).interest_days if s.bucket == "standard" and s.principal_cents]
    assert (standard[-1].from_day, standard[-1].apr_bp) == (ended, 2599)


async def test_a_re_age_makes_a_late_line_current_and_is_previewed(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    for cycle in range(10):
        await book.close_cycle()
        statement = (await book.state()).last_statement
        if cycle != 4:
            await book.go_to(statement.due_on - 2 * _DAY)
            await book.pay(statement.figures.minimum_payment_cents, settle=True)
    await book.go_to(statement.due_on + 3 * _DAY)
    shown = await book.ask(preview_reage_line)
    done = await book.act(reage_line)
    assert (done.kind, shown.terms["folded_cents"]) == ("ordinary", done.folded_cents)
    await _holds(book)
    seen = await book.ask(reporting)
    assert (seen.past_due_cents, seen.bucket, seen.account_status) == (0, "current", "11")
    assert (await book.act(reage_line)).codes == ("not_past_due", "reaged_recently")


async def test_a_settlement_is_a_specialists_and_forgives_the_rest_when_kept(engine):
    book = await _late_book(engine, 121)
    assert (await book.act(enroll_plan, kind="settlement")).codes == ("specialist_needed",)
    asked = {"kind": "settlement", "payments": 2, "specialist_approved": True}
    shown = await book.ask(preview_enroll_plan, **asked)
    done = await book.act(enroll_plan, **asked)
    assert shown.terms["total_cents"] == done.total_cents == sum(p.amount_cents for p in done.payments)
    assert (await book.ask(reporting)).special_comment == "AC"
    for payment in done.payments:
        await book.go_to(payment.due_on - 3 * _DAY)
        await book.pay(payment.amount_cents, settle=True)
    completed = await book.act(complete_plan)
    assert completed.forgiven_cents == done.balance_cents - done.total_cents
    await _holds(book)
    state = await book.state()
    assert (state.payoff_base_cents, state.status) == (0, "closing")
    seen = await book.ask(reporting)
    assert (seen.account_status, seen.special_comment) == ("13", "AU")


async def test_what_comes_in_after_a_charge_off_is_recovered_and_paid_is_reported_as_paid(engine):
    book = await _late_book(engine, 179)
    assert (await book.act(charge_off)).codes == ("too_early",)
    await book.go_to(book.at.on + _DAY)
    done = await book.act(charge_off)
    await _holds(book)
    seen = await book.ask(reporting)
    assert (seen.account_status, seen.charged_off_cents) == ("97", done.owed_cents)
    await book.go_to(book.at.on + 40 * _DAY)
    await book.pay((await book.state()).owed_cents, settle=True)
    await _holds(book)
    assert (await book.ask(reporting)).account_status == "64"
    written = await _written(book)
    assert written["recovery_income"] == -written["charge_off_loss"]
    assert "charge_off_allowance" not in written


async def test_a_disputed_amount_is_not_reported_as_past_due_and_the_dispute_is_noted(engine):
    book = await _late_book(engine, 40)
    before = await book.ask(reporting)
    draw_id = next(iter((await book.state()).draws))
    await book.act(open_dispute, kind="unauthorized", about=draw_id)
    seen = await book.ask(reporting)
    assert (before.account_status, before.condition_code) == ("71", None)
    assert (seen.past_due_cents, seen.account_status, seen.condition_code) == (0, "11", "XB")
    assert seen.disputed_cents == 100_000
    earlier = await book.ask(reporting, as_of=book.at.on - 20 * _DAY)
    assert (earlier.days_past_due, earlier.is_delinquent, earlier.condition_code) == (20, False, None)


@pytest.mark.parametrize(("days", "code"), [(29, "11"), (30, "71"), (60, "78"), (90, "80"), (120, "82")])
async def test_days_past_due_are_reported_from_thirty(engine, days, code):
    book = await _late_book(engine, days)
    seen = await book.ask(reporting)
    assert (seen.account_status, seen.days_past_due, seen.is_delinquent) == (code, days, days >= 30)


async def test_a_second_payment_like_the_first_is_made_and_pointed_out(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    first = await book.pay(7_500)
    other = await book.pay(7_501)
    second = await book.pay(7_500, pay_on=book.at.on + _DAY)
    third = await book.pay(7_500, pay_on=book.at.on + 10 * _DAY)
    assert (first.same_as, other.same_as, second.same_as, third.same_as) == (None, None, first.payment_id, None)
    seen = {p.payment_id: p.same_as for p in await book.ask(payments.payments)}
    assert seen[second.payment_id] == first.payment_id
    assert [seen[p.payment_id] for p in (first, other, third)] == [None, None, None]
    await book.return_payment(first.payment_id)
    assert (await book.ask(payments.status, payment_id=second.payment_id)).same_as is None


async def test_what_few_lines_have_is_found_by_an_index(owner_engine):
    async with owner_engine.connect() as conn:
        found = await conn.execute(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = 'events_of_rare_types'")
        )
    assert "PromotionGranted" in found.scalar_one()




async def test_a_line_whose_plan_was_completed_waits_for_a_review(engine):
    book = await _late_book(engine, 5)
    await book.act(enroll_plan, kind="plan_12")
    await book.pay((await book.state()).payoff_base_cents, settle=True)
    await book.act(complete_plan)
    assert ((await book.state()).lock_reason, (await book.state()).plan) == ("review", None)
    asked = {"amount_cents": 5_000, "bank_account_id": book.bank_account_id}
    assert (await book.act(request_draw, **asked)).codes == ("line_locked",)
    await book.act(unlock_line)
    assert (await book.act(request_draw, **asked)).amount_cents == 5_000


async def test_a_return_code_and_a_fee_are_refused_where_there_can_be_none(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    payment = await book.pay(5_000)
    assert (await book.return_payment(payment.payment_id, "R00")).codes == ("return_code_unknown",)
    for code in ("X01", "R1", ""):
        with pytest.raises(InvalidInput):
            await book.return_payment(payment.payment_id, code)
    await book.act(place_overlay, kind="deceased", since_on=book.at.on)
    assert (await book.act(charge_fee, kind="late", amount_cents=2_500)).codes == ("holder_deceased",)


async def test_a_line_that_is_locked_and_closing_closes_when_it_is_paid(engine):
    book = await open_book(engine)
    await book.draw(20_000)
    await book.act(lock_line, reason="customer")
    assert (await book.act(request_closure)).status == "closing"
    await book.pay((await book.state()).payoff_base_cents, settle=True)
    await book.close_cycle()
    left = (await book.state()).payoff_base_cents
    if left:
        await book.pay(left, settle=True)
    assert (await book.act(close_line)).closed_on == book.at.on
