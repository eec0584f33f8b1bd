"""The minimum payment of one cycle, in its parts."""

from typing import NamedTuple

from ledger_core.money import share_half_up
from ledger_core.products import Product


class MinimumPayment(NamedTuple):
    interest_cents: int
    fees_cents: int
    principal_cents: int

    @property
    def total_cents(self) -> int:
        return self.interest_cents + self.fees_cents + self.principal_cents


def minimum_payment(
    product: Product, *, interest_cents: int, fees_cents: int, principal_cents: int, balance_cents: int
) -> MinimumPayment:
    """Interest and fees billed this cycle plus a share of principal; a floor, and at most the balance.

    All arguments leave disputed amounts out; `balance_cents` also leaves out what earlier statements
    still ask for. A product whose draws are due in full asks for the whole of it.
    Source: policy Payments, minimum payment.
    """
    assert balance_cents >= 0
    if product.minimum_rule == "full":
        total = balance_cents
    else:
        share = share_half_up(principal_cents, product.minimum_principal_bp)
        total = min(max(interest_cents + fees_cents + share, product.minimum_floor_cents), balance_cents)
    return in_parts(total, interest_cents, fees_cents)


def in_parts(total_cents: int, interest_cents: int, fees_cents: int) -> MinimumPayment:
    """That total as interest, then fees, then principal."""
    interest = min(interest_cents, total_cents)
    fees = min(fees_cents, total_cents - interest)
    return MinimumPayment(interest, fees, total_cents - interest - fees)
