"""Why interest went up: parts in one order, adding up to the cent."""

from datetime import date, timedelta

from ledger_core.line.events import AutopaySet, StatementIssued
from ledger_core.line.explain import Cause, interest_difference
from tests.fixtures.line_book import LineBook


def _march_and_april() -> tuple[LineBook, StatementIssued, StatementIssued]:
    """$1,500.00 all of 28 days, then 31 days with $600.00 more from April 4; 25.99 %."""
    line = LineBook(date(2026, 1, 25), due_day=18, first_close_on=date(2026, 2, 21))
    line.draw(date(2026, 1, 25), 150_000)
    first = line.close_through(date(2026, 2, 21))
    second = line.close_through(date(2026, 3, 24))
    assert first is not None
    assert second is not None
    return line, first, second


def test_a_draw_and_three_more_days_are_told_apart_to_the_cent() -> None:
    line = LineBook(date(2026, 2, 20), due_day=14, first_close_on=date(2026, 3, 19))
    line.draw(date(2026, 2, 20), 150_000)
    march = line.close_through(date(2026, 3, 19))
    draw = line.draw(date(2026, 4, 4), 60_000)
    april = line.close_through(date(2026, 4, 19))
    assert march is not None
    assert april is not None
    assert (march.figures.days, april.figures.days) == (28, 31)
    assert (march.figures.interest_cents, april.figures.interest_cents) == (2991, 3995)
    assert april.figures.minimum_payment_cents == 8195
    causes = interest_difference(line.state(date(2026, 4, 22)), march.number, april.number)
    assert [(c.kind, c.cents) for c in causes] == [("balance", 617), ("days", 387)]
    assert causes[0].facts["draw_id"] == draw
    assert causes[0].facts["draw_on"] == date(2026, 4, 4)
    assert causes[1].facts == {"earlier_days": 28, "later_days": 31}


def test_a_lower_rate_is_a_cause_of_its_own() -> None:
    line, _, second = _march_and_april()
    line.add(second.cycle_end + timedelta(days=1), AutopaySet("minimum", None, "bank_1"))
    third = line.close_through(date(2026, 4, 30))
    assert third is not None
    causes = interest_difference(line.state(date(2026, 5, 1)), second.number, third.number)
    rate = next(c for c in causes if c.kind == "rate")
    assert rate.cents < 0
    assert rate.facts == {"earlier_apr_bp": 2599, "later_apr_bp": 2549}


def test_what_a_later_fact_changed_in_a_printed_cycle_is_a_one_off() -> None:
    line, first, second = _march_and_april()
    line.pay(second.cycle_start + timedelta(days=2), 50_000)
    state = line.state(date(2026, 4, 10))
    causes = interest_difference(state, first.number, second.number)
    printed = second.figures.interest_cents - first.figures.interest_cents
    assert sum(c.cents for c in causes) == printed
    one_off = causes[-1]
    assert one_off.kind == "one_off"
    assert one_off.facts["later_true_cents"] == state.statements[1].interest_cents


def test_equal_interest_has_no_causes() -> None:
    line, first, _ = _march_and_april()
    assert interest_difference(line.state(date(2026, 4, 1)), first.number, first.number) == ()


def test_interest_that_begins_is_all_balance() -> None:
    line = LineBook(date(2026, 1, 25), due_day=18, first_close_on=date(2026, 2, 21))
    line.close_through(date(2026, 2, 21))
    line.draw(date(2026, 2, 22), 10_000)
    second = line.close_through(date(2026, 3, 24))
    assert second is not None
    causes = interest_difference(line.state(date(2026, 4, 1)), 1, 2)
    assert sum(c.cents for c in causes) == second.figures.interest_cents
    assert isinstance(causes[0], Cause)
    assert causes[0].kind == "balance"
