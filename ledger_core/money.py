"""Money in whole cents, interest in whole micro-cents, rates in basis points, and the named roundings.

A micro-cent is a millionth of a cent. Nothing here, or above it, is a binary fraction.
"""

from dataclasses import dataclass
from typing import Final

MICROCENTS_PER_CENT: Final = 1_000_000
BASIS_POINTS: Final = 10_000
DAYS_PER_YEAR: Final = 365


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of US dollars in whole cents; it adds only to money."""

    cents: int

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other.cents)

    def __neg__(self) -> "Money":
        return Money(-self.cents)

    def __mul__(self, factor: int) -> "Money":
        return Money(self.cents * factor)

    def __str__(self) -> str:
        dollars, cents = divmod(abs(self.cents), 100)
        return f"{'-' if self.cents < 0 else ''}${dollars:,}.{cents:02d}"


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient as a whole number; a half goes away from zero. denominator > 0."""
    assert denominator > 0
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def round_up(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, never below the exact value. denominator > 0."""
    assert denominator > 0
    return -(-numerator // denominator)


def microcents_to_cents_half_up(microcents: int) -> int:
    """Whole cents; half a cent goes away from zero."""
    return round_half_up(microcents, MICROCENTS_PER_CENT)


def daily_interest_microcents(principal_cents: int, apr_bp: int) -> int:
    """One day's simple interest in micro-cents, rounded half up: principal * rate / 365.

    principal_cents and apr_bp are not negative. A year has 365 days, leap or not.
    """
    return (2 * principal_cents * apr_bp * 100 + DAYS_PER_YEAR) // (2 * DAYS_PER_YEAR)


def share_half_up(cents: int, basis_points: int) -> int:
    """That share of an amount in whole cents, half up."""
    return round_half_up(cents * basis_points, BASIS_POINTS)
