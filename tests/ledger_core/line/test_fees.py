"""When a fee is charged, how much, and when it is forgiven."""

from datetime import date, timedelta

import pytest

from ledger_core.line import fees
from ledger_core.line.events import FeeCharged, FeeWaived, PlanEnrolled, StatementIssued
from ledger_core.line.plan import decide_enroll
from ledger_core.refusals import Refused
from tests.fixtures.line_book import DAY, LineBook


def _line() -> tuple[LineBook, StatementIssued]:
    line = LineBook(date(2026, 1, 10), due_day=14)
    line.draw(date(2026, 1, 10), 150_000)
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    return line, issued


def _late(line: LineBook, on: date) -> FeeCharged | None:
    return fees.late_fee(line.product, line.state(on), "fee_new")


def test_a_late_fee_begins_on_the_eleventh_day_past_due() -> None:
    line, issued = _line()
    assert _late(line, issued.due_on + 10 * DAY) is None
    fee = _late(line, issued.due_on + 11 * DAY)
    assert fee == FeeCharged("fee_new", "late", 2_500, issued.statement_id)


def test_one_missed_minimum_is_charged_once() -> None:
    line, issued = _line()
    line.fee(issued.due_on + 11 * DAY, 2_500, "late", issued.statement_id)
    assert _late(line, issued.due_on + 12 * DAY) is None


def test_another_missed_minimum_within_six_cycles_costs_more() -> None:
    line, issued = _line()
    line.fee(issued.due_on + 11 * DAY, 2_500, "late", issued.statement_id)
    second = line.close_through(issued.due_on + 20 * DAY)
    assert second is not None
    fee = _late(line, second.due_on + 11 * DAY)
    assert fee is not None
    assert (fee.amount_cents, fee.about) == (3_500, second.statement_id)


def test_a_fee_taken_back_as_an_error_does_not_make_the_next_one_a_repeat() -> None:
    line, issued = _line()
    first = line.fee(issued.due_on + 11 * DAY, 2_500, "late", issued.statement_id)
    line.add(issued.due_on + 12 * DAY, FeeWaived(first, "credit", "error", 2_500))
    second = line.close_through(issued.due_on + 20 * DAY)
    assert second is not None
    line.pay(second.cycle_end + DAY, issued.figures.minimum_due_cents)
    fee = _late(line, second.due_on + 11 * DAY)
    assert fee is not None
    assert fee.amount_cents == 2_500


def test_a_kept_plan_has_no_late_fee() -> None:
    line, issued = _line()
    on = issued.due_on + 2 * DAY
    enrolled = decide_enroll(line.product, line.state(on), plan_id="plan_1", kind="plan_12")
    assert isinstance(enrolled, PlanEnrolled)
    line.add(on, enrolled)
    assert _late(line, issued.due_on + 11 * DAY) is None


def test_a_returned_payment_is_charged_a_fee_and_then_no_late_fee_for_the_same_minimum() -> None:
    line, issued = _line()
    payment = line.pay(issued.due_on, 10_000)
    line.return_payment(issued.due_on + 3 * DAY, payment)
    on = issued.due_on + 3 * DAY
    fee = fees.returned_payment_fee(line.product, line.state(on), payment, "fee_new")
    assert fee == FeeCharged("fee_new", "returned_payment", 2_000, payment)
    line.add(on, fee)
    assert _late(line, issued.due_on + 11 * DAY) is None


def test_after_a_late_fee_the_return_of_a_payment_for_it_costs_nothing() -> None:
    line, issued = _line()
    line.fee(issued.due_on + 11 * DAY, 2_500, "late", issued.statement_id)
    payment = line.pay(issued.due_on + 12 * DAY, 10_000)
    on = issued.due_on + 13 * DAY
    line.return_payment(on, payment)
    assert fees.returned_payment_fee(line.product, line.state(on), payment, "fee_new") is None


def test_a_courtesy_waiver_is_given_once_in_twelve_months() -> None:
    line, issued = _line()
    first = line.fee(issued.due_on + 11 * DAY, 2_500, "late", issued.statement_id)
    on = issued.due_on + 12 * DAY
    waived = fees.decide_courtesy_waiver(line.product, line.state(on), first, "credit_1")
    assert waived == FeeWaived(first, "credit_1", "courtesy", 2_500)
    line.add(on, waived)
    second = line.fee(on + DAY, 2_000, "returned_payment", "payment_x")
    assert _refusal(line, on + DAY, second) == ("courtesy_used",)
    assert _refusal(line, on + DAY, first) == ("already_waived", "courtesy_used")
    assert isinstance(
        fees.decide_courtesy_waiver(line.product, line.state(on + 366 * DAY), second, "credit_2"), FeeWaived
    )


def test_an_error_is_no_courtesy_and_does_not_count_as_one() -> None:
    line, issued = _line()
    first = line.fee(issued.due_on + 11 * DAY, 2_500, "late", issued.statement_id)
    line.add(issued.due_on + 12 * DAY, FeeWaived(first, "credit_1", "error", 2_500))
    second = line.fee(issued.due_on + 13 * DAY, 2_000, "returned_payment", "payment_x")
    answer = fees.decide_courtesy_waiver(line.product, line.state(issued.due_on + 14 * DAY), second, "c")
    assert isinstance(answer, FeeWaived)


def test_a_membership_fee_is_no_matter_of_courtesy() -> None:
    line, issued = _line()
    fee = line.fee(issued.due_on, 999, "membership")
    assert _refusal(line, issued.due_on, fee) == ("kind_not_waivable",)
    assert _refusal(line, issued.due_on, "fee_none") == ("fee_unknown",)


@pytest.mark.parametrize(
    ("drawn", "covered", "charged"),
    [(0, False, False), (20_000, False, True), (20_000, True, False), (90_000, True, True)],
)
def test_the_membership_fee_is_skipped_without_use_and_above_the_covered_borrowers_cap(
    drawn: int, covered: bool, charged: bool
) -> None:
    line = LineBook(date(2026, 1, 10), product_id="cash_line_membership", apr_bp=0, limit_cents=100_000)
    line.close_through(date(2026, 2, 28))
    if drawn:
        line.draw(line.state(date(2026, 2, 28)).cycle.started_on, drawn)
    close_on = line.state(date(2026, 2, 28)).next_close_on
    fee = fees.membership_fee(line.product, line.state(close_on), "fee_1", covered=covered)
    assert (fee is not None) == charged


def test_the_first_month_of_membership_is_free() -> None:
    line = LineBook(date(2026, 1, 10), product_id="cash_line_membership", apr_bp=0)
    line.draw(date(2026, 1, 12), 20_000)
    close_on = line.state(date(2026, 1, 12)).next_close_on
    assert fees.membership_fee(line.product, line.state(close_on), "fee_1", covered=False) is None


def test_on_the_membership_each_draw_is_due_in_full_and_nothing_is_charged_for_being_late() -> None:
    line = LineBook(date(2026, 1, 10), product_id="cash_line_membership", apr_bp=0)
    line.draw(date(2026, 1, 12), 20_000)
    first = line.close_through(date(2026, 2, 28))
    assert first is not None
    assert first.figures.minimum_payment_cents == 20_000
    line.draw(date(2026, 3, 1), 10_000)
    line.pay(first.due_on, 20_000)
    second = line.close_through(first.due_on + timedelta(days=20))
    assert second is not None
    assert second.figures.minimum_payment_cents == 10_000
    assert _late(line, second.due_on + 30 * DAY) is None
    assert line.state(second.due_on + DAY).past_due_cents == 10_000


def _refusal(line: LineBook, on: date, fee_id: str) -> tuple[str, ...]:
    answer = fees.decide_courtesy_waiver(line.product, line.state(on), fee_id, "credit_new")
    assert isinstance(answer, Refused)
    return answer.codes
