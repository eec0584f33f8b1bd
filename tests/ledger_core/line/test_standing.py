"""Stated rates, overlays, re-age, settlement, charge-off and what is recovered: the pure engine."""

import itertools
from datetime import date

import pytest

from ledger_core.dates import Moment, time
from ledger_core.line import payoff, plan
from ledger_core.line.autopay import decide_autopay
from ledger_core.line.delinquency import bucket, must_charge_off
from ledger_core.line.dispute import coming_closes
from ledger_core.line.events import (
    AutopaySet,
    BalanceForgiven,
    ChargedOff,
    DisputeResolved,
    LineClosureRequested,
    LineReaged,
    OverlayLifted,
    OverlayPlaced,
    PlanCancelled,
    PlanCompleted,
    PlanEnrolled,
    PlanPayment,
    PromotionGranted,
    RateChanged,
)
from ledger_core.line.fees import late_fee, membership_fee
from ledger_core.line.overlays import decide_lift, decide_place
from ledger_core.line.plan_progress import next_step
from ledger_core.line.projection import Projection
from ledger_core.line.promotions import decide_promotion
from ledger_core.line.reage import decide_reage
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up
from ledger_core.refusals import Refused
from tests.fixtures.line_book import DAY, LineBook

OPENED = date(2026, 1, 10)
FEB_1 = date(2026, 2, 1)


def _line(**terms: object) -> LineBook:
    line = LineBook(OPENED, **terms)  # type: ignore[arg-type]
    line.draw(OPENED, 100_000)
    return line


def _late(days: int) -> tuple[LineBook, date]:
    """A line whose first minimum was missed so many days ago, and the day."""
    line = _line()
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    today = line.state(issued.cycle_end).statements[0].due_on + days * DAY
    line.close_through(today - DAY)
    return line, today


def _promote(line: LineBook, apr_bp: int, starts_on: date, ends_on: date, written_on: date) -> None:
    line.add(written_on, PromotionGranted("promo", apr_bp, starts_on, ends_on, "welcome"))


def _place(line: LineBook, on: date, kind: str, since_on: date, chapter: int | None = None) -> object:
    facts = decide_place(
        line.product,
        line.state(on),
        kind=kind,
        since_on=since_on,
        chapter=chapter,
        at=Moment(on, time(10)),
        credit_id=lambda: f"credit_{len(line.events)}",
    )
    if not isinstance(facts, Refused):
        for fact in facts:
            line.add(on, fact)
    return facts


def _lift(line: LineBook, on: date, kind: str, outcome: str) -> object:
    facts = decide_lift(
        line.state(on), kind=kind, outcome=outcome, ended_on=on, today=on, forgiveness_id="forgiveness"
    )
    if not isinstance(facts, Refused):
        for fact in facts:
            line.add(on, fact)
    return facts


# Stated rates


def test_a_promotion_splits_the_interest_of_its_cycle_to_the_day_and_ends_by_itself() -> None:
    line = _line()
    _promote(line, 999, date(2026, 1, 20), date(2026, 1, 31), OPENED)
    segments = line.state(date(2026, 2, 10)).interest_days
    assert [(s.from_day, s.to_day, s.apr_bp) for s in segments] == [
        (OPENED, date(2026, 1, 19), 2599),
        (date(2026, 1, 20), date(2026, 1, 31), 999),
        (FEB_1, date(2026, 2, 9), 2599),
    ]
    assert [line.state(on).apr_bp for on in (date(2026, 1, 19), date(2026, 1, 31), FEB_1)] == [
        2599,
        999,
        2599,
    ]


def test_a_promotion_written_late_ends_in_the_same_books() -> None:
    early, late = _line(), _line()
    _promote(early, 999, date(2026, 1, 20), date(2026, 3, 31), date(2026, 1, 20))
    early.close_through(date(2026, 3, 20))
    late.close_through(date(2026, 3, 20))
    _promote(late, 999, date(2026, 1, 20), date(2026, 3, 31), date(2026, 3, 20))
    on = date(2026, 4, 20)
    assert early.state(on).account_totals == late.state(on).account_totals
    assert early.state(on).interest_days == late.state(on).interest_days


def test_the_lowest_of_promotion_plan_servicemember_and_own_rate_applies() -> None:
    line = _line()
    line.add(FEB_1, RateChanged(600, "servicemember"))
    line.draw(FEB_1, 50_000)
    _promote(line, 999, FEB_1, FEB_1 + 30 * DAY, FEB_1)
    assert {(s.bucket, s.apr_bp) for s in line.state(FEB_1 + DAY).interest_days if s.from_day >= FEB_1} == {
        ("protected", 600),
        ("standard", 999),
    }
    _promote(line, 100, FEB_1 + DAY, FEB_1 + 30 * DAY, FEB_1)
    rates = line.state(FEB_1 + DAY).rates_ahead[0].apr_bp_by_bucket
    assert (rates["standard"], rates["protected"]) == (100, 100)


def test_a_promotion_does_not_raise_a_rate_that_fell_below_it() -> None:
    line = _line()
    _promote(line, 2_000, OPENED, OPENED + 300 * DAY, OPENED)
    line.add(FEB_1, RateChanged(1_799, "product"))
    assert line.state(FEB_1).apr_bp == 1_799


@pytest.mark.parametrize("ahead", [1, 10, 40, 100])
def test_a_payoff_quoted_across_the_end_of_a_promotion_is_exact(ahead: int) -> None:
    line = _line()
    _promote(line, 499, OPENED, date(2026, 3, 3), OPENED)
    on = FEB_1 + ahead * DAY
    quoted = payoff.quote(line.product, line.state(FEB_1), on).total_cents
    line.close_through(on - DAY)
    assert quoted == line.state(on).payoff_base_cents
    line.pay(on, quoted)
    line.close_through(on + 40 * DAY)
    assert line.state(on + 40 * DAY).payoff_base_cents == 0


def test_a_plan_enrolled_during_a_promotion_is_billed_exactly_as_scheduled() -> None:
    line, today = _late(3)
    _promote(line, 499, today, today + 75 * DAY, today)
    enrolled = plan.decide_enroll(line.product, line.state(today), plan_id="p", kind="plan_12")
    assert isinstance(enrolled, PlanEnrolled)
    line.add(today, enrolled)
    for payment in enrolled.payments:
        line.close_through(payment.due_on - DAY)
        assert line.state(payment.due_on).minimum_due_cents == payment.amount_cents
        line.pay(payment.due_on, payment.amount_cents)
    assert line.state(enrolled.payments[-1].due_on).payoff_base_cents == 0


def test_a_projection_knows_the_rates_to_come() -> None:
    line = _line()
    _promote(line, 499, OPENED, date(2026, 2, 9), OPENED)
    ahead = Projection(line.state(FEB_1))
    ahead.run_until(date(2026, 2, 20))
    assert ahead.accrued() == line.state(date(2026, 2, 20)).accrued_interest_cents


def test_who_gets_no_promotion_hears_every_reason() -> None:
    line = _line()
    line.add(FEB_1, ChargedOff())
    asked = decide_promotion(
        line.product,
        line.state(FEB_1),
        promo_id="p",
        apr_bp=2_599,
        starts_on=FEB_1,
        ends_on=FEB_1 - DAY,
        reason="welcome",
    )
    assert isinstance(asked, Refused)
    assert asked.codes == ("line_closed", "apr_out_of_range", "date_out_of_range")


# Death of the holder


def test_after_a_death_interest_stops_with_the_notice_and_fees_since_are_taken_back() -> None:
    line, today = _late(20)
    died_on = today - 8 * DAY
    line.add(died_on - 5 * DAY, AutopaySet("minimum", None, "bank_1"))
    before = line.fee(died_on - DAY, 2_500)
    since = line.fee(died_on + DAY, 2_500)
    _place(line, today, "deceased", died_on)
    state = line.state(today + 30 * DAY)
    assert (state.fees[before].outstanding_cents, state.fees[since].outstanding_cents) == (2_500, 0)
    assert (state.autopay, state.available_cents, state.apr_bp) == (None, 0, 0)
    assert max(s.to_day for s in state.interest_days if s.apr_bp) == today - DAY
    assert late_fee(line.product, line.state(today + 11 * DAY), "f") is None
    quoted = payoff.quote(line.product, line.state(today), today + 60 * DAY).total_cents
    assert quoted == line.state(today).payoff_base_cents


def test_nothing_new_is_agreed_after_a_death() -> None:
    line = _line()
    _place(line, FEB_1, "deceased", FEB_1)
    asked = decide_autopay(
        line.product,
        line.state(FEB_1),
        mode="minimum",
        amount_cents=None,
        bank_account_id="b",
        bank_account_verified=True,
    )
    assert isinstance(asked, Refused)
    assert asked.codes == ("holder_deceased",)
    offer = plan.offer_of(line.product, line.state(FEB_1), "plan_12")
    assert isinstance(offer, Refused)
    assert offer.codes == ("holder_deceased",)


def test_a_wrong_notice_of_death_is_taken_back_without_interest_for_the_time_between() -> None:
    line = _line()
    _place(line, FEB_1, "deceased", FEB_1)
    _lift(line, date(2026, 2, 11), "deceased", "error")
    state = line.state(date(2026, 2, 20))
    assert [(s.from_day, s.apr_bp) for s in state.interest_days[-2:]] == [
        (FEB_1, 0),
        (date(2026, 2, 11), 2599),
    ]


# Bankruptcy


def test_a_bankruptcy_heard_late_takes_interest_and_fees_back_to_the_filing() -> None:
    line, today = _late(40)
    filed_on = today - 25 * DAY
    fee = line.fee(filed_on + 5 * DAY, 2_500)
    _place(line, today, "bankruptcy", filed_on, 13)
    state = line.state(today)
    assert state.fees[fee].outstanding_cents == 0
    assert max(s.to_day for s in state.interest_days if s.apr_bp) == filed_on - DAY
    assert (state.minimum_due_cents, state.past_due_cents, state.days_past_due) == (0, 0, 0)
    assert line.close_through(today + 40 * DAY).figures.minimum_due_cents == 0  # type: ignore[union-attr]
    assert late_fee(line.product, line.state(today + 40 * DAY), "f") is None


def test_after_a_dismissal_the_terms_return_where_they_stood_and_no_interest_for_the_time_between() -> None:
    line, today = _late(12)
    before = line.state(today)
    _place(line, today, "bankruptcy", today, 7)
    until = today + 50 * DAY
    line.close_through(until - DAY)
    _lift(line, until, "bankruptcy", "dismissed")
    state = line.state(until)
    assert (state.days_past_due, state.past_due_cents) == (12, before.past_due_cents)
    assert all(s.apr_bp == 0 for s in state.interest_days if today <= s.from_day < until)
    assert state.apr_bp == 2599
    assert state.owed_cents - before.owed_cents <= before.accrued_interest_cents


def test_what_is_paid_under_a_stay_meets_the_old_minimums_after_a_dismissal() -> None:
    line, today = _late(12)
    past_due = line.state(today).past_due_cents
    _place(line, today, "bankruptcy", today, 13)
    line.pay(today + 10 * DAY, past_due)
    line.close_through(today + 20 * DAY)
    _lift(line, today + 21 * DAY, "bankruptcy", "dismissed")
    assert line.state(today + 21 * DAY).past_due_cents == 0


def test_a_discharge_forgives_all_and_closes_the_line() -> None:
    line, today = _late(12)
    _place(line, today, "bankruptcy", today - 12 * DAY, 7)
    until = today + 60 * DAY
    line.close_through(until - DAY)
    owed = line.state(until).payoff_base_cents
    _lift(line, until, "bankruptcy", "discharged")
    state = line.state(until)
    assert (state.payoff_base_cents, state.status, state.forgiven_cents) == (0, "closing", owed)
    assert state.account_totals["forgiveness_expense"] == owed
    figures = line.close_through(until + 40 * DAY).figures  # type: ignore[union-attr]
    assert (figures.new_balance_cents, figures.minimum_due_cents) == (0, 0)


def test_a_discharge_waits_for_a_dispute_and_for_interest_that_is_not_billed() -> None:
    line = _line()
    line.dispute(FEB_1, None, 10_000)
    _place(line, FEB_1, "bankruptcy", FEB_1, 7)
    refusal = _lift(line, FEB_1 + DAY, "bankruptcy", "discharged")
    assert isinstance(refusal, Refused)
    assert refusal.codes == ("dispute_open", "cycle_not_over")


def test_a_plan_ends_with_a_bankruptcy_and_its_minimums_stay_asleep() -> None:
    line, today = _late(12)
    enrolled = plan.decide_enroll(line.product, line.state(today), plan_id="p", kind="plan_12")
    assert isinstance(enrolled, PlanEnrolled)
    line.add(today, enrolled)
    facts = _place(line, today + DAY, "bankruptcy", today + DAY, 13)
    assert PlanCancelled("p", "bankruptcy") in facts  # type: ignore[operator]
    state = line.state(today + DAY)
    assert (state.plan, state.past_due_cents) == (None, 0)


def test_a_bankruptcy_is_charged_off_sixty_days_after_its_notice() -> None:
    line, today = _late(12)
    _place(line, today, "bankruptcy", today, 7)
    line.close_through(today + 59 * DAY)
    assert not must_charge_off(line.product, line.state(today + 59 * DAY))
    assert must_charge_off(line.product, line.state(today + 60 * DAY))


@pytest.mark.parametrize(
    ("kind", "chapter", "since_on", "codes"),
    [
        ("divorce", None, FEB_1, ("kind_unknown",)),
        ("bankruptcy", None, FEB_1, ("chapter_unknown",)),
        ("deceased", 7, FEB_1, ("chapter_unknown",)),
        ("bankruptcy", 7, FEB_1 + DAY, ("date_out_of_range",)),
        ("bankruptcy", 7, OPENED - DAY, ("date_out_of_range",)),
    ],
)
def test_an_overlay_needs_a_kind_a_chapter_and_a_day(
    kind: str, chapter: int | None, since_on: date, codes: tuple[str, ...]
) -> None:
    refusal = _place(_line(), FEB_1, kind, since_on, chapter)
    assert isinstance(refusal, Refused)
    assert refusal.codes == codes


def test_an_overlay_lies_once_and_is_lifted_once() -> None:
    line = _line()
    _place(line, FEB_1, "bankruptcy", FEB_1, 7)
    again = _place(line, FEB_1, "bankruptcy", FEB_1, 7)
    assert isinstance(again, Refused)
    assert again.codes == ("already_placed",)
    wrong = _lift(line, FEB_1, "bankruptcy", "paid")
    assert isinstance(wrong, Refused)
    assert wrong.codes == ("outcome_unknown",)
    none = _lift(line, FEB_1, "deceased", "error")
    assert isinstance(none, Refused)
    assert none.codes == ("overlay_not_placed",)


# Re-age


def _behind_and_paying(cycles: int = 10, missed: tuple[int, ...] = (4,)) -> tuple[LineBook, date]:
    """A line that missed the minimums of some cycles, counted from 0, and paid each other one on its day."""
    line = _line()
    today = OPENED
    for cycle in range(cycles):
        issued = line.close_through(line.state(today).next_close_on)
        assert issued is not None
        today = issued.due_on
        if cycle not in missed:
            line.pay(today, issued.figures.minimum_payment_cents)
    return line, today + DAY


def test_a_line_that_pays_again_is_current_again_and_owes_the_same() -> None:
    line, today = _behind_and_paying()
    before = line.state(today)
    assert before.past_due_cents
    fact = decide_reage(line.product, before)
    assert not isinstance(fact, Refused)
    line.add(today, fact)
    state = line.state(today)
    assert (state.past_due_cents, state.days_past_due, bucket(state.days_past_due)) == (0, 0, "current")
    assert (state.owed_cents, state.accrued_interest_cents) == (
        before.owed_cents,
        before.accrued_interest_cents,
    )
    assert dict(state.account_totals) == dict(before.account_totals)


def test_a_re_age_needs_nine_months_and_three_payments() -> None:
    line, today = _late(12)
    refusal = decide_reage(line.product, line.state(today))
    assert isinstance(refusal, Refused)
    assert refusal.codes == ("too_new", "not_enough_paid")


def test_a_line_is_re_aged_once_in_a_year_and_once_more_after_a_programme() -> None:
    line, on = _behind_and_paying(15, (4, 10))
    line.add(on - 160 * DAY, LineReaged("ordinary"))
    barred = decide_reage(line.product, line.state(on))
    assert isinstance(barred, Refused)
    assert barred.codes == ("reaged_recently",)
    payments = tuple(PlanPayment(OPENED + n * DAY, 100) for n in range(1, 4))
    terms = PlanEnrolled("p", "plan_12", 999, payments, None, None, OPENED + 3 * DAY, 300, 0)
    line.add(OPENED, terms)
    line.pay(OPENED + DAY, 300)
    line.add(OPENED + 4 * DAY, PlanCompleted("p"))
    assert decide_reage(line.product, line.state(on)) == LineReaged("workout")


# Settlement


def _settling(payments: int = 3) -> tuple[LineBook, date, PlanEnrolled]:
    line, today = _late(121)
    enrolled = plan.decide_enroll(
        line.product,
        line.state(today),
        plan_id="s",
        kind="settlement",
        payments=payments,
        specialist_approved=True,
    )
    assert isinstance(enrolled, PlanEnrolled)
    line.add(today, enrolled)
    return line, today, enrolled


@pytest.mark.parametrize(("payments", "share_bp"), [(1, 6000), (2, 7000), (3, 8000)])
def test_a_settlement_takes_part_of_the_balance_and_no_interest(payments: int, share_bp: int) -> None:
    line, today, enrolled = _settling(payments)
    balance = line.state(today).payoff_base_cents
    total = sum(p.amount_cents for p in enrolled.payments)
    assert (enrolled.balance_cents, len(enrolled.payments)) == (balance, payments)
    assert total == (balance * share_bp + 5_000) // 10_000
    assert line.state(today).apr_bp == 0


def test_a_settlement_that_is_kept_forgives_the_rest_to_the_cent() -> None:
    line, _, enrolled = _settling()
    for payment in enrolled.payments:
        line.close_through(payment.due_on - DAY)
        assert line.state(payment.due_on).minimum_due_cents == payment.amount_cents
        line.pay(payment.due_on, payment.amount_cents)
    on = enrolled.payments[-1].due_on
    assert next_step(line.product, line.state(on)) == PlanCompleted("s")
    left = line.state(on).payoff_base_cents
    assert left == enrolled.balance_cents - sum(p.amount_cents for p in enrolled.payments)
    line.add(on, PlanCompleted("s"))
    line.add(on, BalanceForgiven("f", left, "settlement"))
    figures = line.close_through(on + 40 * DAY).figures  # type: ignore[union-attr]
    assert (figures.new_balance_cents, line.state(on).forgiven_cents) == (0, left)


def test_a_settlement_waits_for_the_bank_and_for_interest_that_is_not_billed() -> None:
    line, today, enrolled = _settling(1)
    line.pay(today, enrolled.payments[0].amount_cents, "p", settled=False)
    assert next_step(line.product, line.state(today)) is None
    line.close_through(today + 31 * DAY)
    assert next_step(line.product, line.state(today + 32 * DAY)) is None
    line.return_payment(today + 32 * DAY, "p")
    assert line.state(today + 32 * DAY).plan.next_payment == enrolled.payments[0]  # type: ignore[union-attr]


def test_a_settlement_that_is_broken_and_not_cured_returns_to_the_terms() -> None:
    line, _, enrolled = _settling()
    line.close_through(enrolled.payments[0].due_on + 50 * DAY)
    late = enrolled.payments[0].due_on + 11 * DAY
    assert next_step(line.product, line.state(late)).TYPE == "PlanBroken"  # type: ignore[union-attr]
    line.add(late, PlanCancelled("s", "not_cured"))
    state = line.state(late)
    assert (state.apr_bp, state.days_past_due) == (2599, (late - state.statements[0].due_on).days)


def test_hindsight_never_forgives_more_than_is_owed() -> None:
    line, today, enrolled = _settling(1)
    line.close_through(today + 31 * DAY)
    on = today + 32 * DAY
    line.pay(on, enrolled.payments[0].amount_cents)
    line.add(on, PlanCompleted("s"))
    line.add(on, BalanceForgiven("f", line.state(on).payoff_base_cents, "settlement"))
    line.pay(today + DAY, 5_000)
    state = line.state(on)
    assert (state.owed_cents, state.credit_balance_cents) == (0, 0)
    assert state.forgiven_cents == enrolled.balance_cents - enrolled.payments[0].amount_cents - 5_000


# Charge-off and recovery


def _charged_off() -> tuple[LineBook, date]:
    line, today = _late(180)
    line.fee(today - 150 * DAY, 2_500)
    line.add(today, ChargedOff())
    return line, today


def test_what_is_paid_after_a_charge_off_is_recovered_principal_first() -> None:
    line, today = _charged_off()
    before = line.state(today)
    loss = before.account_totals["charge_off_loss"]
    line.pay(today + DAY, 60_000)
    state = line.state(today + DAY)
    assert (loss, before.owed_cents) == (before.owed_cents, loss)
    assert state.principal_cents == before.principal_cents - 60_000
    assert (state.fees_owed_cents, state.interest_billed_cents) == (2_500, before.interest_billed_cents)
    assert state.account_totals["recovery_income"] == -60_000
    assert -state.account_totals["charge_off_allowance"] == state.owed_cents


def test_a_charged_off_line_bears_no_interest_and_what_had_accrued_is_lost_when_billed() -> None:
    line, today = _charged_off()
    accrued = line.state(today).accrued_interest_cents
    owed = line.state(today).owed_cents
    line.close_through(today + 70 * DAY)
    state = line.state(today + 70 * DAY)
    assert (state.owed_cents, state.account_totals["charge_off_loss"]) == (owed + accrued, owed + accrued)


def test_the_cycle_of_a_charge_off_is_the_last_with_a_statement() -> None:
    line, today = _charged_off()
    last = line.close_through(today + 31 * DAY)
    assert last is not None
    assert last.cycle_end >= today
    state = line.state(today + 400 * DAY)
    assert line.close_through(today + 400 * DAY) is None
    assert state.statements_ended
    assert state.next_close_on > today + 400 * DAY
    assert state.coming_due_on.day == state.due_day
    paid = line.pay(today + 401 * DAY, 10_000)
    recovered = line.state(today + 401 * DAY)
    assert recovered.payments[paid].stage == "settled"
    assert recovered.account_totals["recovery_income"] == -10_000


def test_a_dispute_about_a_charged_off_line_has_its_clocks_by_the_months_that_would_close() -> None:
    line, today = _charged_off()
    line.close_through(today + 31 * DAY)
    on = today + 300 * DAY
    closes = coming_closes(line.product, line.state(on), on - 40 * DAY)
    assert on - 40 * DAY <= closes[0] < on - 8 * DAY
    assert all(27 < (b - a).days < 32 for a, b in itertools.pairwise(closes))


def test_a_recovery_that_comes_back_is_a_loss_again() -> None:
    line, today = _charged_off()
    before = line.state(today)
    payment = line.pay(today + DAY, 60_000)
    line.return_payment(today + 3 * DAY, payment)
    assert dict(line.state(today + 3 * DAY).account_totals) == dict(before.account_totals)


def test_a_charged_off_line_paid_in_full_owes_nothing_and_carries_nothing() -> None:
    line, today = _charged_off()
    line.close_through(today + 31 * DAY)
    line.pay(today + 32 * DAY, line.state(today + 32 * DAY).owed_cents)
    totals = line.state(today + 32 * DAY).account_totals
    assert totals["charge_off_allowance"] == 0
    assert totals["charge_off_loss"] == -totals["recovery_income"]


def test_a_dispute_found_for_the_customer_makes_the_loss_smaller_back_to_the_day() -> None:
    line, today = _charged_off()
    draw = next(iter(line.state(today).draws))
    opened = line.dispute(today + DAY, draw, 30_000)
    line.add(today + 5 * DAY, DisputeResolved(opened, "for_customer", 30_000))
    state = line.state(today + 5 * DAY)
    assert state.account_totals["charge_off_loss"] == state.owed_cents
    assert state.account_totals["recovery_income"] == 0


def test_a_charged_off_line_may_settle_and_what_is_forgiven_uses_up_the_allowance() -> None:
    line, today = _charged_off()
    line.close_through(today + 31 * DAY)
    on = today + 32 * DAY
    enrolled = plan.decide_enroll(
        line.product, line.state(on), plan_id="s", kind="settlement", specialist_approved=True
    )
    assert isinstance(enrolled, PlanEnrolled)
    line.add(on, enrolled)
    line.pay(on, enrolled.payments[0].amount_cents)
    line.add(on, PlanCompleted("s"))
    line.add(on, BalanceForgiven("f", line.state(on).owed_cents, "settlement"))
    state = line.state(on)
    assert (state.owed_cents, state.status) == (0, "charged_off")
    assert (state.account_totals["forgiveness_expense"], state.account_totals["charge_off_allowance"]) == (
        0,
        0,
    )


def test_a_line_that_owes_nothing_is_not_charged_off_and_a_late_payment_leaves_no_loss() -> None:
    line, today = _charged_off()
    line.pay(today - 100 * DAY, line.state(today - 100 * DAY).payoff_base_cents + 50_000)
    state = line.state(today)
    assert state.account_totals["charge_off_loss"] == 0
    assert state.credit_balance_cents > 0


# Membership


def test_a_cancelled_membership_bears_no_fee_and_its_balance_is_due_as_scheduled() -> None:
    line = LineBook(OPENED, product_id="cash_line_membership", limit_cents=100_000, apr_bp=0)
    line.draw(OPENED, 20_000)
    first = line.close_through(line.state(OPENED).next_close_on)
    assert first is not None
    assert first.figures.minimum_due_cents == 20_000
    close_on = line.state(first.cycle_end + DAY).next_close_on
    assert membership_fee(line.product, line.state(close_on), "f", covered=False) is not None
    line.add(first.cycle_end + DAY, LineClosureRequested())
    assert membership_fee(line.product, line.state(close_on), "f", covered=False) is None
    assert line.state(first.due_on).minimum_due_cents == 20_000


def test_interest_of_an_overlay_is_what_a_day_bears() -> None:
    line = _line()
    line.add(FEB_1, OverlayPlaced("bankruptcy", OPENED + DAY, OPENED + DAY, 7))
    line.add(FEB_1, OverlayLifted("bankruptcy", "error", FEB_1, FEB_1))
    state = line.state(FEB_1 + DAY)
    assert state.interest_accrued_microcents == 2 * daily_interest_microcents(100_000, 2599)
    assert state.accrued_interest_cents == microcents_to_cents_half_up(state.interest_accrued_microcents)
