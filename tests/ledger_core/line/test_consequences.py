"""What a late fact shows to have been a mistake is undone; what stays founded stays."""

from datetime import date
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.line import plan
from ledger_core.line.consequences import consequences
from ledger_core.line.events import (
    DisputeResolved,
    DrawFailed,
    Fact,
    FeeWaived,
    PaymentReceived,
    PaymentReturned,
    PlanBroken,
    PlanCancelled,
    PlanEnrolled,
    PlanReinstated,
)
from ledger_core.line.fees import late_fee
from ledger_core.line.plan_progress import next_step
from tests.fixtures.line_book import DAY, LineBook

JAN_10 = date(2026, 1, 10)


def undone(line: LineBook, today: date, *new: tuple[date, Fact]) -> tuple[Fact, ...]:
    """Write the facts down, and today's that they call for; returns those."""
    known = list(line.events)
    for on, fact in new:
        line.add(on, fact)
    added = line.events[len(known) :]
    ids = count(1)
    facts = consequences(
        line.product, known, added, today=today, credit_id=lambda: f"credit_{len(known)}_{next(ids)}"
    )
    for fact in facts:
        line.add(today, fact)
    return facts


def night(line: LineBook, on: date) -> None:
    """Close what is due and charge the late fee of that day, if any."""
    line.close_through(on - DAY)
    fee = late_fee(line.product, line.state(on), f"late_{len(line.events)}")
    if fee is not None:
        line.add(on, fee)


def missed(months: int = 1) -> tuple[LineBook, date]:
    """A draw, and so many minimums that nobody paid: with their late fees, on the day after the last one."""
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    on = JAN_10
    while sum(f.kind == "late" for f in line.state(on).fees.values()) < months:
        on += DAY
        night(line, on)
    return line, on + DAY


def test_a_late_fee_is_waived_as_an_error_when_the_payment_turns_out_to_have_come_in_time() -> None:
    line, today = missed()
    fee = next(iter(line.state(today).fees.values()))
    due = line.state(today).statements[0].figures.minimum_due_cents
    facts = undone(line, today, (today - 15 * DAY, PaymentReceived("late", due)))
    assert facts == (FeeWaived(fee.fee_id, facts[0].credit_id, "error", 2_500),)
    state = line.state(today)
    assert (state.fees_owed_cents, state.past_due_cents, state.days_past_due) == (0, 0, 0)
    assert state.account_totals["fee_income"] == 0


def test_a_payment_that_was_late_or_short_after_all_leaves_the_fee() -> None:
    line, today = missed()
    due = line.state(today).statements[0].figures.minimum_due_cents
    assert undone(line, today, (today - DAY, PaymentReceived("on_the_day_of_the_fee", due))) == ()
    line, today = missed()
    assert undone(line, today, (today - 15 * DAY, PaymentReceived("short", due - 1))) == ()


def test_a_second_fee_falls_to_the_lower_amount_when_the_first_one_falls_away() -> None:
    line, today = missed(2)
    first, second = line.state(today).fees.values()
    assert (first.amount_cents, second.amount_cents) == (2_500, 3_500)
    due = line.state(today).statements[0].figures.minimum_due_cents
    facts = undone(line, today, (first.charged_on - 12 * DAY, PaymentReceived("late", due)))
    assert [(f.fee_id, f.amount_cents) for f in facts] == [(first.fee_id, 2_500), (second.fee_id, 1_000)]


def test_both_fees_fall_away_when_both_minimums_were_paid() -> None:
    line, today = missed(2)
    first, _ = line.state(today).fees.values()
    facts = undone(line, today, (first.charged_on - 12 * DAY, PaymentReceived("late", 20_000)))
    assert [f.amount_cents for f in facts] == [2_500, 3_500]
    assert line.state(today).fees_owed_cents == 0


def test_a_fee_is_not_taken_back_twice() -> None:
    line, today = missed()
    undone(line, today, (today - 15 * DAY, PaymentReceived("one", 20_000)))
    assert undone(line, today, (today - 16 * DAY, PaymentReceived("two", 20_000))) == ()


def test_a_fee_that_no_rule_founded_is_left_to_a_person() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    issued = line.close_through(date(2026, 2, 20))
    assert issued is not None
    line.fee(issued.cycle_end + DAY, 2_500, about=issued.statement_id)
    today = issued.cycle_end + 5 * DAY
    assert undone(line, today, (issued.cycle_end + DAY, PaymentReceived("p", 20_000))) == ()


def test_a_dispute_or_an_advance_sent_back_takes_its_late_fee_with_it() -> None:
    for undo in ("dispute", "advance"):
        line = LineBook(JAN_10)
        draw = line.draw(JAN_10, 150_000)
        on = JAN_10
        while not line.state(on).fees:
            on += DAY
            night(line, on)
        if undo == "dispute":
            dispute = line.dispute(on, draw, 150_000)
            facts = undone(line, on + DAY, (on + DAY, DisputeResolved(dispute, "for_customer", 150_000)))
        else:
            facts = undone(line, on + DAY, (on + DAY, DrawFailed(draw, "R03")))
        assert [type(f) for f in facts] == [FeeWaived]
        assert line.state(on + DAY).owed_cents == 0


def test_a_returned_payment_leaves_the_late_fee_to_the_night() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    issued = line.close_through(date(2026, 2, 20))
    assert issued is not None
    payment = line.pay(issued.due_on, 20_000)
    today = issued.due_on + 12 * DAY
    assert late_fee(line.product, line.state(today), "none") is None
    assert undone(line, today, (today, PaymentReturned(payment, "R01"))) == ()
    assert late_fee(line.product, line.state(today), "one") is not None


def broken_plan() -> tuple[LineBook, date]:
    """A plan of twelve payments of which the first one was not seen: broken on that day."""
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    line.close_through(date(2026, 2, 20))
    state = line.state(date(2026, 3, 1))
    enrolled = plan.decide_enroll(line.product, state, plan_id="plan", kind="plan_12")
    assert isinstance(enrolled, PlanEnrolled)
    line.add(state.as_of, enrolled)
    on = state.as_of
    while next_step(line.product, line.state(on)) is None:
        on += DAY
        night(line, on)
    line.add(on, PlanBroken("plan"))
    return line, on


def test_a_plan_broken_by_mistake_goes_on_and_keeps_its_cure() -> None:
    line, broken_on = broken_plan()
    first = line.state(broken_on).plans[0].payments[0]
    today = broken_on + 5 * DAY
    facts = undone(line, today, (first.due_on, PaymentReceived("late", first.amount_cents)))
    assert facts == (PlanReinstated("plan", broken_on),)
    running = line.state(today).plan
    assert running is not None
    assert (running.status, running.broken_on, running.cured_on) == ("active", None, None)


def test_a_plan_ended_by_mistake_runs_again_and_the_fees_since_fall_away() -> None:
    line, broken_on = broken_plan()
    first = line.state(broken_on).plans[0].payments[0]
    on = broken_on
    while not isinstance(step := next_step(line.product, line.state(on)), PlanCancelled):
        on += DAY
        night(line, on)
    line.add(on, step)
    while not any(f.charged_on >= on for f in line.state(on + 40 * DAY).fees.values()):
        on += DAY
        night(line, on)
    today = on + DAY
    due = sum(p.amount_cents for p in line.state(today).plans[0].payments if p.due_on <= today)
    facts = undone(line, today, (first.due_on, PaymentReceived("late", due)))
    assert facts[0] == PlanReinstated("plan", broken_on)
    assert all(isinstance(f, FeeWaived) for f in facts[1:])
    state = line.state(today)
    assert state.plan is not None
    assert state.plan.status == "active"
    assert state.fees_owed_cents == 0
    assert state.apr_bp == 999


def test_a_plan_that_was_missed_after_all_stays_broken() -> None:
    line, broken_on = broken_plan()
    first = line.state(broken_on).plans[0].payments[0]
    today = broken_on + 5 * DAY
    assert undone(line, today, (first.due_on, PaymentReceived("late", first.amount_cents - 1))) == ()


def test_a_break_after_the_reinstatement_counts() -> None:
    line, broken_on = broken_plan()
    first = line.state(broken_on).plans[0].payments[0]
    undone(line, broken_on + 5 * DAY, (first.due_on, PaymentReceived("late", first.amount_cents)))
    line.add(broken_on + 40 * DAY, PlanBroken("plan"))
    running = line.state(broken_on + 40 * DAY).plan
    assert running is not None
    assert running.status == "broken"


def test_the_past_due_block_of_a_membership_line_and_the_autopay_discount_follow_by_themselves() -> None:
    line = LineBook(JAN_10, product_id="cash_line_membership", limit_cents=100_000, apr_bp=0)
    line.draw(JAN_10, 30_000)
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    today = issued.due_on + 20 * DAY
    assert line.state(today).past_due_cents > 0
    assert undone(line, today, (issued.due_on, PaymentReceived("late", 50_000))) == ()
    assert line.state(today).past_due_cents == 0


@given(st.integers(1, 40), st.integers(0, 24), st.integers(1, 40_000))
@settings(max_examples=25, deadline=None)
def test_a_payment_found_later_leaves_the_books_of_one_seen_in_time(after: int, delay: int, cents: int) -> None:
    """Nights charge late fees in both; in one the payment is written down days after it came."""
    books = []
    for seen_late in (False, True):
        line = LineBook(JAN_10)
        line.draw(JAN_10, 150_000)
        issued = line.close_through(date(2026, 2, 20))
        assert issued is not None
        received = issued.cycle_end + after * DAY
        on = issued.cycle_end
        for _ in range(after + delay):
            on += DAY
            night(line, on)
            if on == received and not seen_late:
                line.add(on, PaymentReceived("payment", cents))
        if seen_late:
            undone(line, on, (received, PaymentReceived("payment", cents)))
        books.append(line.state(on))
    assert books[0].account_totals == books[1].account_totals
    assert books[0].interest_days == books[1].interest_days
