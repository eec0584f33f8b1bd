"""Prices within every cap of the law, by state, service and day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_core.line.fees import membership_fee
from ledger_core.pricing.caps import StateUnknown, all_in_cap_bp, caps, in_service_cap_bp, interest_cap_bp
from ledger_core.pricing.mapr import exceeds, mapr_bp
from ledger_core.pricing.offer import in_service_rate_bp, offer
from ledger_core.products import load
from tests.fixtures.line_book import LineBook

TODAY = date(2026, 3, 16)
FLEX = load("cash_line_flex")
MEMBERSHIP = load("cash_line_membership")


def test_a_grade_has_its_rate_where_no_cap_is_lower() -> None:
    assert [offer(FLEX, grade, "TX", TODAY).apr_bp for grade in "ABCDEF"] == [1799, 2199, 2599, 2999, 3399, 3599]


def test_a_states_cap_is_the_rate_and_what_was_asked_before_is_told() -> None:
    found = offer(FLEX, "C", "AR", TODAY)
    assert (found.apr_bp, found.apr_before_caps_bp) == (1700, 2599)


def test_a_cap_binds_from_its_day() -> None:
    assert all_in_cap_bp("NM", date(2022, 12, 31), covered=False) is None
    assert all_in_cap_bp("NM", date(2023, 1, 1), covered=False) == 3600


def test_a_covered_borrower_is_capped_everywhere() -> None:
    assert all_in_cap_bp("TX", TODAY, covered=True) == 3600
    assert interest_cap_bp("AR", TODAY, covered=True) == 1700
    assert all(cap.source for cap in caps("IL", TODAY, covered=True))


def test_balances_from_before_service_bear_six_percent_at_most() -> None:
    assert in_service_cap_bp(TODAY) == 600
    assert in_service_rate_bp(2599, TODAY) == 600
    assert in_service_rate_bp(500, TODAY) == 500


def test_an_unknown_state_is_named() -> None:
    with pytest.raises(StateUnknown, match="XX"):
        offer(FLEX, "A", "XX", TODAY)


def test_the_all_in_cost_of_a_cycle_is_its_charges_over_its_average_balance_times_twelve() -> None:
    # $3.44 of interest and a $25 fee on $500: 80 FR 43560, (3.44 + 25) / 500 * 12.
    assert mapr_bp(344 + 2500, 50_000 * 30, 30) == 6826
    assert mapr_bp(999, 0, 30) is None
    assert exceeds(3600, 999, 0, 30)
    assert not exceeds(3600, 0, 0, 30)


@given(st.integers(0, 5_000), st.integers(1, 500_000), st.integers(20, 40))
def test_the_cap_is_exceeded_exactly_when_the_exact_ratio_is_above_it(charges: int, average: int, days: int) -> None:
    assert exceeds(3600, charges, average * days, days) == (charges * 12 * 10_000 > 3600 * average)


@pytest.mark.parametrize(
    ("state_code", "drawn", "charged"), [("TX", 20_000, True), ("NM", 20_000, False), ("NM", 90_000, True)]
)
def test_a_membership_fee_that_would_break_a_states_cap_is_not_charged(state_code, drawn, charged) -> None:  # type: ignore[no-untyped-def]
    line = LineBook(date(2026, 1, 5), product_id="cash_line_membership", limit_cents=100_000, apr_bp=0, state_code=state_code)
    line.draw(date(2026, 1, 5), drawn)
    line.close_through(line.state(date(2026, 2, 1)).next_close_on)
    closes = line.state(date(2026, 3, 1)).next_close_on
    fee = membership_fee(MEMBERSHIP, line.state(closes), "fee_1", covered=False)
    assert (fee is not None) == charged
