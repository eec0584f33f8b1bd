"""Help with payments: who qualifies, the exact terms, and that the engine bills what was promised."""

from datetime import date, timedelta

from ledger_core.line import plan, plan_progress
from ledger_core.line.events import (
    PlanBroken,
    PlanCancelled,
    PlanCompleted,
    PlanCured,
    PlanEnrolled,
)
from ledger_core.line.plan import PlanOffer
from ledger_core.refusals import Refused
from tests.fixtures.line_book import LineBook

DAY = timedelta(days=1)
APRIL_22 = date(2026, 4, 22)


def _line(principal: int = 210_000, *, pay_minimums: bool = True) -> LineBook:
    """Due on the 14th; the May 14 minimum is unpaid on April 22."""
    line = LineBook(date(2025, 9, 1), due_day=14)
    line.draw(date(2025, 9, 1), principal)
    while True:
        issued = line.close_through(_next_close(line))
        assert issued is not None
        if issued.due_on == date(2026, 5, 14):
            return line
        if pay_minimums and issued.figures.minimum_due_cents:
            line.pay(issued.due_on - DAY, issued.figures.minimum_due_cents)


def _next_close(line: LineBook) -> date:
    return line.state(line.events[-1].effective_on).next_close_on


def _enroll(line: LineBook, kind: str, on: date = APRIL_22) -> PlanEnrolled:
    enrolled = plan.decide_enroll(line.product, line.state(on), plan_id="plan_1", kind=kind)
    assert isinstance(enrolled, PlanEnrolled)
    line.add(on, enrolled)
    return enrolled


def _codes(line: LineBook, kind: str, on: date = APRIL_22) -> tuple[str, ...]:
    offer = plan.offer_of(line.product, line.state(on), kind)
    return offer.codes if isinstance(offer, Refused) else ()


def test_every_programme_is_offered_cheapest_first_with_exact_payments() -> None:
    line = _line()
    offers = plan.options(line.product, line.state(APRIL_22))
    assert [o.kind for o in offers] == ["extension", "skip", "plan_12", "plan_24", "relief"]
    assert [o.interest_cents for o in offers] == sorted(o.interest_cents for o in offers)
    for offer in offers:
        assert offer.total_cents == offer.balance_cents + offer.interest_cents


def test_twelve_payments_are_equal_but_the_last_and_end_a_year_later() -> None:
    line = _line()
    offer = plan.offer_of(line.product, line.state(APRIL_22), "plan_12")
    assert isinstance(offer, PlanOffer)
    amounts = [p.amount_cents for p in offer.payments]
    assert len(amounts) == 12
    assert len(set(amounts[:-1])) == 1
    assert amounts[0] - 12 < amounts[-1] <= amounts[0]
    assert [offer.payments[0].due_on, offer.done_on] == [date(2026, 6, 14), date(2027, 5, 14)]
    assert sum(amounts) == offer.balance_cents + offer.interest_cents


def test_the_payments_are_near_the_plain_annuity() -> None:
    """$2,140.00 at 9.99 % by the month is 188.13; ours begins 53 days ahead, so a little more."""
    line = LineBook(APRIL_22, due_day=14, first_close_on=date(2026, 5, 20))
    line.draw(APRIL_22, 214_000)
    offer = plan.offer_of(line.product, line.state(APRIL_22), "plan_12")
    assert isinstance(offer, PlanOffer)
    assert offer.balance_cents == 214_000
    assert 18_813 <= offer.payments[0].amount_cents <= 18_970
    assert 11_756 <= offer.interest_cents <= 13_700


def test_a_plan_paid_on_its_days_ends_at_zero_with_the_interest_promised() -> None:
    for kind in ("plan_12", "plan_24"):
        line = _line()
        owed_before = line.state(APRIL_22).payoff_base_cents
        enrolled = _enroll(line, kind)
        for payment in enrolled.payments:
            issued = line.close_through(payment.due_on - DAY)
            assert issued is not None
            assert issued.figures.minimum_due_cents == payment.amount_cents
            line.pay(payment.due_on, payment.amount_cents)
            assert line.state(payment.due_on).past_due_cents == 0
        last = enrolled.payments[-1].due_on
        assert enrolled.balance_cents == owed_before
        assert line.state(last).payoff_base_cents == 0
        assert plan_progress.next_step(line.product, line.state(last)) == PlanCompleted("plan_1")
        assert sum(p.amount_cents for p in enrolled.payments) == owed_before + enrolled.interest_cents


def test_a_plan_takes_the_place_of_what_was_past_due_and_lowers_the_rate() -> None:
    line = _line(pay_minimums=False)
    on = date(2026, 4, 22)
    before = line.state(on)
    assert before.past_due_cents > 0
    assert _codes(line, "plan_24", on) == ("too_many_days_past_due",)
    fresh = LineBook(date(2026, 1, 1), due_day=14)
    fresh.draw(date(2026, 1, 1), 210_000)
    fresh.close_through(date(2026, 3, 20))
    late = fresh.state(date(2026, 3, 30))
    assert late.days_past_due > 0
    _enroll(fresh, "plan_12", date(2026, 3, 30))
    after = fresh.state(date(2026, 3, 31))
    assert (after.past_due_cents, after.days_past_due, after.apr_bp) == (0, 0, 999)
    assert after.plan is not None


def test_relief_halves_three_minimums_beginning_with_the_one_that_is_due() -> None:
    line = _line()
    usual = line.state(APRIL_22).statements[-1].figures.minimum_payment_cents
    enrolled = _enroll(line, "relief")
    half = (usual + 1) // 2
    assert [(p.due_on, p.amount_cents) for p in enrolled.payments] == [
        (date(2026, 5, 14), half),
        (date(2026, 6, 14), half),
        (date(2026, 7, 14), half),
    ]
    assert line.state(APRIL_22).minimum_due_cents == half
    for payment in enrolled.payments:
        line.close_through(payment.due_on - DAY)
        assert line.state(payment.due_on).minimum_due_cents == half
        line.pay(payment.due_on, half)
    done = line.state(date(2026, 7, 14))
    assert plan_progress.next_step(line.product, done) == PlanCompleted("plan_1")
    line.add(date(2026, 7, 14), PlanCompleted("plan_1"))
    issued = line.close_through(date(2026, 7, 31))
    assert issued is not None
    assert issued.figures.apr_bp == 2599
    assert issued.figures.minimum_payment_cents > half


def test_the_projected_interest_of_relief_is_what_usual_minimums_would_bill() -> None:
    line = _line(30_000)
    enrolled = _enroll(line, "relief")
    start = line.state(APRIL_22).payoff_base_cents
    paid = 0
    for payment in enrolled.payments:
        line.close_through(payment.due_on - DAY)
        line.pay(payment.due_on, payment.amount_cents)
        paid += payment.amount_cents
    line.add(enrolled.ends_on, PlanCompleted("plan_1"))
    while (issued := line.close_through(_next_close(line))) is not None:
        if not issued.figures.minimum_due_cents:
            break
        line.pay(issued.due_on, issued.figures.minimum_due_cents)
        paid += issued.figures.minimum_due_cents
    assert paid - start == enrolled.interest_cents


def test_an_extension_moves_one_due_date_and_keeps_draws_open() -> None:
    line = _line()
    enrolled = _enroll(line, "extension")
    assert enrolled.new_due_on == date(2026, 5, 29)
    state = line.state(date(2026, 5, 29))
    assert (state.past_due_cents, state.next_due_on, state.plan) == (0, date(2026, 5, 29), None)
    assert line.state(date(2026, 5, 30)).past_due_cents > 0


def test_a_skipped_minimum_is_not_asked_for_again() -> None:
    line = _line()
    _enroll(line, "skip")
    assert line.state(date(2026, 5, 15)).past_due_cents == 0
    issued = line.close_through(date(2026, 5, 31))
    assert issued is not None
    own = issued.figures
    assert own.past_due_cents == 0
    assert own.minimum_payment_cents == own.interest_cents + own.minimum_principal_cents


def test_a_missed_payment_breaks_a_plan_and_it_may_be_cured_once() -> None:
    line = _line()
    enrolled = _enroll(line, "plan_12")
    first, second = enrolled.payments[:2]
    line.close_through(first.due_on)
    assert plan_progress.next_step(line.product, line.state(first.due_on + 10 * DAY)) is None
    broken_on = first.due_on + 11 * DAY
    assert plan_progress.next_step(line.product, line.state(broken_on)) == PlanBroken("plan_1")
    line.add(broken_on, PlanBroken("plan_1"))
    line.close_through(broken_on + DAY)
    line.pay(broken_on + DAY, first.amount_cents)
    assert plan_progress.next_step(line.product, line.state(broken_on + DAY)) == PlanCured("plan_1")
    line.add(broken_on + DAY, PlanCured("plan_1"))
    again = second.due_on + 11 * DAY
    assert plan_progress.next_step(line.product, line.state(again)) == PlanCancelled("plan_1", "not_cured")


def test_a_plan_not_cured_within_thirty_days_ends_and_the_old_minimums_return() -> None:
    line = LineBook(date(2026, 1, 1), due_day=14)
    line.draw(date(2026, 1, 1), 210_000)
    line.close_through(date(2026, 3, 20))
    enrolled = _enroll(line, "plan_12", date(2026, 3, 30))
    past_due_before = line.state(date(2026, 3, 29)).past_due_cents
    broken_on = enrolled.payments[0].due_on + 11 * DAY
    line.close_through(broken_on)
    line.add(broken_on, PlanBroken("plan_1"))
    line.close_through(broken_on + 31 * DAY)
    ending = plan_progress.next_step(line.product, line.state(broken_on + 31 * DAY))
    assert ending == PlanCancelled("plan_1", "not_cured")
    line.add(broken_on + 31 * DAY, ending)
    state = line.state(broken_on + 32 * DAY)
    assert state.plan is None
    assert state.apr_bp == 2599
    assert state.past_due_cents > past_due_before


def test_who_does_not_qualify_hears_why() -> None:
    line = _line()
    assert _codes(line, "balloon") == ("programme_not_offered",)
    assert _codes(line, "settlement") == ("not_enough_days_past_due",)
    small = _line(12_000)
    assert "balance_too_small" in _codes(small, "skip")
    assert _codes(small, "plan_12") == ("payment_too_small",)
    _enroll(line, "skip")
    assert _codes(line, "skip") == ("used_recently",)
    new = LineBook(date(2026, 3, 1), due_day=14)
    new.draw(date(2026, 3, 1), 50_000)
    new.close_through(date(2026, 4, 19))
    assert _codes(new, "skip") == ("not_enough_on_time_months",)
    _enroll(new, "plan_24")
    assert _codes(new, "relief") == ("plan_active",)
    empty = LineBook(date(2026, 3, 1))
    assert _codes(empty, "plan_24") == ("nothing_owed",)
    assert plan.options(empty.product, empty.state(APRIL_22)) == ()


def test_a_long_plan_above_the_limit_of_the_agent_needs_a_specialist() -> None:
    line = _line(380_000)
    state = line.state(APRIL_22)
    answer = plan.decide_enroll(line.product, state, plan_id="p", kind="plan_24")
    assert isinstance(answer, Refused)
    assert answer.codes == ("specialist_needed",)
    approved = plan.decide_enroll(
        line.product, state, plan_id="p", kind="plan_24", specialist_approved=True
    )
    assert isinstance(approved, PlanEnrolled)


def test_an_extension_is_held_to_fifteen_days() -> None:
    line = _line()
    state = line.state(APRIL_22)
    for day, allowed in ((date(2026, 5, 29), True), (date(2026, 5, 30), False), (date(2026, 5, 14), False)):
        offer = plan.offer_of(line.product, state, "extension", new_due_on=day)
        assert isinstance(offer, PlanOffer) == allowed


def test_a_plan_is_cancelled_at_the_customers_wish() -> None:
    line = _line()
    _enroll(line, "plan_12")
    state = line.state(APRIL_22)
    assert plan.decide_cancel(state, "plan_1", "customer") == PlanCancelled("plan_1", "customer")
    unknown = plan.decide_cancel(state, "plan_2", "customer")
    assert isinstance(unknown, Refused)
    assert unknown.codes == ("plan_unknown",)


def test_a_line_of_which_all_is_disputed_has_nothing_for_a_plan() -> None:
    line = LineBook(date(2026, 1, 6))
    draw_id = line.draw(date(2026, 1, 6), 130_000)
    line.dispute(date(2026, 1, 6), draw_id, 130_000)
    state = line.state(date(2026, 1, 25))
    assert state.payoff_base_cents > state.disputed_cents, "interest runs on what is disputed"
    offered = plan.offer_of(line.product, state, "plan_12")
    assert isinstance(offered, Refused)
    assert "nothing_owed" in offered.codes
