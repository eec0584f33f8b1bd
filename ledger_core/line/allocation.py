"""Where a payment goes: pure, in cents, every cent accounted for."""

from collections.abc import Sequence
from typing import NamedTuple


class Balance(NamedTuple):
    """Undisputed principal of one draw and the rate it bears on the day of the payment."""

    key: str
    cents: int
    apr_bp: int


class Allocation(NamedTuple):
    """The parts add up to the payment."""

    fees_cents: int
    interest_cents: int
    principal: tuple[tuple[str, int], ...]
    """by draw, in the order it was paid; no zeros"""
    unbilled_fees_cents: int
    credit_cents: int
    """more than was owed"""

    @property
    def principal_cents(self) -> int:
        return sum(cents for _, cents in self.principal)


def allocate(
    amount: int,
    *,
    fees_billed: int = 0,
    interest_billed: int = 0,
    minimum_unpaid: int = 0,
    balances: Sequence[Balance],
    fees_unbilled: int = 0,
) -> Allocation:
    """What each balance gets of `amount` cents.

    Billed fees, then billed interest, then principal: oldest draw first (the order of `balances`) up to
    what is unpaid of the minimum, the rest to the highest rate first, the older of two equal ones first.
    Then fees not yet billed, then the credit balance. Disputed amounts are no part of any argument.
    The rates are those of the day of credit.
    Source: policy Payments, allocation; 12 CFR 1026.53(a) with comments 53-2 and 53-3, which binds credit
    cards only and is kept as best practice.
    """
    assert amount >= 0
    fees = min(amount, fees_billed)
    interest = min(amount - fees, interest_billed)
    left = amount - fees - interest
    paid = [0] * len(balances)
    oldest_first = range(len(balances))
    towards_minimum = min(left, max(0, minimum_unpaid - fees - interest))
    left -= _fill(balances, oldest_first, towards_minimum, paid)
    by_rate = sorted(oldest_first, key=lambda i: -balances[i].apr_bp) if left else oldest_first
    left -= _fill(balances, by_rate, left, paid)
    unbilled = min(left, fees_unbilled)
    principal = tuple([(b.key, cents) for b, cents in zip(balances, paid, strict=True) if cents])
    return Allocation(fees, interest, principal, unbilled, left - unbilled)


def allocate_recovery(
    amount: int,
    *,
    balances: Sequence[Balance],
    interest_billed: int = 0,
    fees_billed: int = 0,
    fees_unbilled: int = 0,
) -> Allocation:
    """What each balance gets of a payment on a charged-off line, which bears no interest any more.

    Principal, oldest draw first, then interest, then fees, then the credit balance. Disputed amounts are no part
    of any argument. Source: terms, recovery_principal_first.
    """
    assert amount >= 0
    paid = [0] * len(balances)
    left = amount - _fill(balances, range(len(balances)), amount, paid)
    interest = min(left, interest_billed)
    fees = min(left - interest, fees_billed)
    unbilled = min(left - interest - fees, fees_unbilled)
    principal = tuple((b.key, cents) for b, cents in zip(balances, paid, strict=True) if cents)
    return Allocation(fees, interest, principal, unbilled, left - interest - fees - unbilled)


def _fill(balances: Sequence[Balance], order: Sequence[int], amount: int, paid: list[int]) -> int:
    """Pay the balances in that order; returns what was spent."""
    left = amount
    for i in order:
        if not left:
            break
        part = min(left, balances[i].cents - paid[i])
        paid[i] += part
        left -= part
    return amount - left
