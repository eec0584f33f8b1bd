"""The price of a line for a grade, within every cap. Pure."""

from dataclasses import dataclass
from datetime import date

from ledger_core.pricing.caps import in_service_cap_bp, interest_cap_bp
from ledger_core.products import Product


@dataclass(frozen=True, slots=True)
class Offer:
    """What a line would cost from a day on."""

    product_id: str
    grade: str
    apr_bp: int
    apr_before_caps_bp: int
    """what the grade alone would ask"""
    membership_fee_cents: int
    """a month; left out of a cycle where it would break a cap"""


def offer(product: Product, grade: str, state_code: str, on: date, *, covered: bool = False) -> Offer:
    """The rate of the grade, or the lowest cap of state and service below it.

    A product without interest costs its membership fee. Raises StateUnknown; KeyError for a grade that the product
    does not have.
    """
    asked = product.apr_bp_by_grade[grade] if product.apr_bp_by_grade else 0
    cap = interest_cap_bp(state_code, on, covered=covered)
    return Offer(
        product_id=product.product_id,
        grade=grade,
        apr_bp=asked if cap is None else min(asked, cap),
        apr_before_caps_bp=asked,
        membership_fee_cents=product.membership_fee_cents,
    )


def offered_rates(product: Product, state_code: str, on: date) -> frozenset[int]:
    """All rates at which a line may be opened there on that day. Raises StateUnknown."""
    return frozenset(
        offer(product, grade, state_code, on, covered=covered).apr_bp
        for grade in product.apr_bp_by_grade
        for covered in (False, True)
    )


def in_service_rate_bp(apr_bp: int, on: date) -> int:
    """The rate of balances from before active duty. Source: 50 USC 3937(a)(1)."""
    return min(apr_bp, in_service_cap_bp(on))
