"""Cents, micro-cents and the named roundings."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_core.money import (
    Money,
    daily_interest_microcents,
    microcents_to_cents_half_up,
    round_half_up,
    round_up,
    share_half_up,
)

numbers = st.integers(-(10**12), 10**12)
positive = st.integers(1, 10**9)


def test_money_adds_to_money_and_reads_as_dollars() -> None:
    assert Money(150) + Money(50) - Money(300) == -Money(100)
    assert Money(25) * 4 == Money(100)
    assert str(Money(123_456_789)) == "$1,234,567.89"
    assert str(Money(-5)) == "-$0.05"
    assert Money(1) < Money(2)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"), [(5, 10, 1), (4, 10, 0), (-5, 10, -1), (-4, 10, 0), (15, 10, 2)]
)
def test_a_half_goes_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert round_half_up(numerator, denominator) == rounded


@given(numbers, positive)
def test_rounding_is_never_off_by_more_than_a_half(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    assert abs(round_half_up(numerator, denominator) - exact) <= Fraction(1, 2)
    assert 0 <= round_up(numerator, denominator) - exact < 1
    assert round_half_up(-numerator, denominator) == -round_half_up(numerator, denominator)


@given(st.integers(0, 10**9), st.integers(0, 3_600))
def test_a_days_interest_is_the_exact_one_to_the_micro_cent(principal_cents: int, apr_bp: int) -> None:
    exact = Fraction(principal_cents * apr_bp * 1_000_000, 10_000 * 365)
    assert abs(daily_interest_microcents(principal_cents, apr_bp) - exact) <= Fraction(1, 2)


def test_half_a_cent_of_interest_is_billed_as_one() -> None:
    assert microcents_to_cents_half_up(500_000) == 1
    assert microcents_to_cents_half_up(499_999) == 0
    assert share_half_up(2_525, 200) == 51
