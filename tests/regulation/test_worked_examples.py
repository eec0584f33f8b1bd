"""Worked examples of Regulation Z and its neighbours, run through the engine's own functions."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ledger_core.line import delinquency, dispute, fees
from ledger_core.line.allocation import Balance, allocate
from ledger_core.line.events import (
    ChargedOff,
    DisputeResolved,
    FeeCharged,
    PlanEnrolled,
    RateChanged,
    StatementIssued,
)
from ledger_core.line.plan import decide_enroll
from ledger_core.line.statement import close
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up
from ledger_core.pricing.mapr import exceeds
from ledger_core.products import load
from ledger_core.refusals import Refused
from tests.fixtures.line_book import DAY, LineBook

EXAMPLES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "worked_examples.yaml").read_text())
FLEX, MEMBERSHIP = load("cash_line_flex"), load("cash_line_membership")
OPENED = date(2025, 1, 6)


def _cite(row: dict[str, Any]) -> str:
    return str(row.get("cite", ""))


@pytest.mark.parametrize("row", EXAMPLES["allocation"], ids=_cite)
def test_excess_goes_to_the_highest_rate_and_never_to_a_disputed_amount(row: dict[str, Any]) -> None:
    balances = [Balance(name, cents, apr_bp) for name, (cents, apr_bp) in row["balances"].items()]
    parts = allocate(row["excess"], balances=balances)
    assert dict(parts.principal) == row["paid"]
    assert parts.credit_cents == row.get("credit", 0)


@pytest.mark.parametrize("row", EXAMPLES["late_fees"], ids=_cite)
def test_a_repeat_within_six_cycles_may_cost_more(row: dict[str, Any]) -> None:
    line = LineBook(OPENED, due_day=14)
    line.draw(OPENED, 150_000)
    charged: dict[int, int] = {}
    for number in range(1, max(row["missed"]) + 1):
        issued = line.close_through(line.state(line.events[-1].effective_on).next_close_on)
        assert issued is not None
        if number not in row["missed"]:
            line.pay(issued.due_on, issued.figures.minimum_due_cents)
            continue
        on = issued.due_on + 11 * DAY
        fee = _charge(line, on, "late")
        assert fee is not None
        charged[number] = fee.amount_cents
        line.pay(on, line.state(on).minimum_due_cents)
    assert charged == row["charged"]


def _charge(line: LineBook, on: date, name: str) -> FeeCharged | None:
    fee = fees.late_fee(line.product, line.state(on), f"{name}_{len(line.events)}")
    if fee is not None:
        line.add(on, fee)
    return fee


def _line_with_minimum(cents: int) -> tuple[LineBook, StatementIssued]:
    """A line whose whole balance, below the floor, is the minimum."""
    line = LineBook(OPENED, due_day=14)
    line.draw(line.state(OPENED).next_close_on, 5_000)
    line.pay(line.state(OPENED).next_close_on, 5_000 - cents)
    on = line.state(OPENED).next_close_on
    issued = close(line.product, line.state(on), "statement_1")
    figures = replace(issued.figures, minimum_payment_cents=cents, minimum_due_cents=cents)
    issued = replace(issued, figures=figures)
    line.add(on, issued)
    return line, issued


@pytest.mark.parametrize("row", EXAMPLES["fee_caps"], ids=_cite)
def test_a_late_fee_is_never_more_than_the_minimum_due(row: dict[str, Any]) -> None:
    line, issued = _line_with_minimum(row["minimum"])
    if row["paid"]:
        line.pay(issued.due_on, row["paid"])
    fee = _charge(line, issued.due_on + 11 * DAY, "late")
    assert fee is not None
    assert fee.amount_cents == row["late_fee"]
    assert _charge(line, issued.due_on + 16 * DAY, "late") is None


@pytest.mark.parametrize("row", EXAMPLES["returned_fees"], ids=_cite)
def test_a_returned_payment_has_one_fee_and_it_is_capped_too(row: dict[str, Any]) -> None:
    line, issued = _line_with_minimum(row["minimum"])
    payment = line.pay(issued.due_on, row["minimum"])
    on = issued.due_on + 2 * DAY
    line.return_payment(on, payment)
    fee = fees.returned_payment_fee(line.product, line.state(on), payment, "fee_1")
    assert fee is not None
    assert fee.amount_cents == row["fee"]
    line.add(on, fee)
    assert _charge(line, issued.due_on + 11 * DAY, "late") is None


@pytest.mark.parametrize("row", EXAMPLES["dispute_clocks"], ids=_cite)
def test_a_notice_is_acknowledged_in_thirty_days_and_resolved_in_two_cycles(row: dict[str, Any]) -> None:
    clocks = dispute.deadlines(row["received_on"], row["cycle_ends"])
    assert (clocks.acknowledge_by, clocks.resolve_by) == (row["acknowledge_by"], row["resolve_by"])


@pytest.mark.parametrize("row", EXAMPLES["notice_window"])
def test_a_notice_is_in_time_for_sixty_days(row: dict[str, Any]) -> None:
    assert dispute.notice_in_time(OPENED + row["days"] * DAY, OPENED) == row["in_time"]


def test_after_its_time_a_notice_can_only_be_found_for_the_customer() -> None:
    """Comment 13(c)(2)-2: what was credited may not be taken back once the time has passed."""
    line = LineBook(OPENED)
    draw = line.draw(OPENED, 8_000)
    opened = line.dispute(OPENED + DAY, draw, 8_000)
    resolve_by = line.state(OPENED + DAY).disputes[opened].resolve_by
    last_day, after = line.state(resolve_by), line.state(resolve_by + DAY)
    assert isinstance(dispute.decide_resolve(last_day, dispute_id=opened, amount_cents=0), DisputeResolved)
    against = dispute.decide_resolve(after, dispute_id=opened, amount_cents=0)
    assert isinstance(against, Refused)
    assert against.codes == ("time_to_refuse_passed",)
    assert isinstance(dispute.decide_resolve(after, dispute_id=opened, amount_cents=8_000), DisputeResolved)


def test_another_error_than_the_one_asserted_is_corrected_as_found() -> None:
    """Comment 13(f)-1.i: 55 dollars asserted, 53 found."""
    line = LineBook(OPENED)
    draw = line.draw(OPENED, 5_500)
    opened = line.dispute(OPENED + DAY, draw, 5_500)
    found = dispute.decide_resolve(line.state(OPENED + DAY), dispute_id=opened, amount_cents=5_300)
    assert found == DisputeResolved(opened, "partly", 5_300)
    assert isinstance(found, DisputeResolved)
    line.add(OPENED + 2 * DAY, found)
    assert line.state(OPENED + 2 * DAY).principal_cents == 200


@pytest.mark.parametrize("row", EXAMPLES["interest"], ids=_cite)
def test_daily_interest_on_a_balance(row: dict[str, Any]) -> None:
    per_day = daily_interest_microcents(row["principal"], row["apr_bp"])
    assert microcents_to_cents_half_up(per_day * row["days"]) == row["interest"]


def test_a_rate_change_within_a_cycle_never_reaches_back() -> None:
    """Comment 55(b)-2.ii (cards): 15 % through June 14, 18 % from June 15."""
    line = LineBook(date(2026, 6, 1), apr_bp=1500, due_day=25, first_close_on=date(2026, 6, 30))
    line.draw(date(2026, 6, 1), 100_000)
    line.add(date(2026, 6, 15), RateChanged(1800, "product"))
    segments = line.state(date(2026, 7, 1)).interest_days
    assert [(s.apr_bp, s.from_day.day, s.to_day.day) for s in segments] == [(1500, 1, 14), (1800, 15, 30)]


def test_a_statement_leaves_time_to_pay_and_falls_due_on_the_same_day_each_month() -> None:
    line = LineBook(OPENED, due_day=28)
    dues = []
    for _ in range(14):
        issued = line.close_through(line.state(line.events[-1].effective_on).next_close_on)
        assert issued is not None
        dues.append(issued.due_on)
        for row in EXAMPLES["due_dates"]:
            assert (issued.due_on - issued.cycle_end).days >= row["close_days_before_due_min"]
    assert {due.day for due in dues} == {28}
    assert len({(due.year, due.month) for due in dues}) == 14


@pytest.mark.parametrize("row", EXAMPLES["status_codes"])
def test_delinquency_is_reported_with_its_code(row: dict[str, Any]) -> None:
    for days in (row["from"], row["to"]):
        assert delinquency.account_status(days) == row["code"]
    assert delinquency.account_status(row["from"], charged_off=True) == "97"
    assert delinquency.reported(FLEX, row["from"]) == (row["from"] >= 30)


def test_the_line_is_charged_off_at_one_hundred_and_eighty_days() -> None:
    line = LineBook(OPENED)
    line.draw(OPENED, 100_000)
    issued = line.close_through(line.state(OPENED).next_close_on)
    assert issued is not None
    days = EXAMPLES["charge_off"]["days"]
    assert not delinquency.must_charge_off(FLEX, line.state(issued.due_on + (days - 1) * DAY))
    on = issued.due_on + days * DAY
    assert delinquency.must_charge_off(FLEX, line.state(on))
    line.add(on, ChargedOff())
    assert not delinquency.must_charge_off(FLEX, line.state(on))


def test_a_credit_balance_is_refunded_in_the_time_of_the_law() -> None:
    law = EXAMPLES["credit_balance"]
    for product in (FLEX, MEMBERSHIP):
        assert product.refund_business_days <= law["refund_business_days"]
        assert product.refund_unasked_after_months <= law["unasked_after_months"]


@pytest.mark.parametrize("row", EXAMPLES["mapr"], ids=_cite)
def test_a_covered_borrowers_rate_with_fees_stays_within_the_cap(row: dict[str, Any]) -> None:
    over = exceeds(MEMBERSHIP.maximum_mapr_bp, row["charges"], row["average"] * row["days"], row["days"])
    assert over == row["over"]


def test_no_product_charges_more_than_the_cap_on_interest_alone() -> None:
    for product in (FLEX, MEMBERSHIP):
        assert max(product.apr_bp_by_grade.values()) <= product.maximum_mapr_bp == 3600


def test_the_first_year_fee_cap_of_cards_is_recorded_and_not_applied() -> None:
    """12 CFR 1026.52(a) binds credit cards; twelve membership fees pass a quarter of the smallest limit."""
    rule = EXAMPLES["first_year_fee_cap"]
    assert rule["binds"] == "cards"
    assert rule["fees"] - rule["limit_after"] // 4 == rule["waive_by_arithmetic"]
    charged = MEMBERSHIP.membership_fee_cents * (12 - MEMBERSHIP.membership_free_cycles)
    assert charged > MEMBERSHIP.limit_min_cents // 4


def test_a_reduced_minimum_on_a_plan_is_what_is_late_and_not_the_usual_one() -> None:
    """Hardship terms replace the contract's while they are kept."""
    line = LineBook(OPENED)
    line.draw(OPENED, 100_000)
    issued = line.close_through(line.state(OPENED).next_close_on)
    assert issued is not None
    on = issued.cycle_end + DAY
    enrolled = decide_enroll(FLEX, line.state(on), plan_id="plan_1", kind="relief")
    assert isinstance(enrolled, PlanEnrolled)
    line.add(on, enrolled)
    line.pay(issued.due_on, enrolled.payments[0].amount_cents)
    assert line.state(issued.due_on + 20 * DAY).days_past_due == 0
