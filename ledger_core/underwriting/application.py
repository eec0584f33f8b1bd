"""Whether somebody is given a line, and of what size. Pure."""

from dataclasses import dataclass
from typing import Literal

from ledger_core.products import Product
from ledger_core.underwriting.assessment import Assessment
from ledger_core.underwriting.reasons import from_contributions, principal


@dataclass(frozen=True, slots=True)
class Applied:
    outcome: Literal["approved", "counter_offer", "declined"]
    limit_cents: int
    """0 when declined"""
    reasons: tuple[str, ...]


_OF_GRADE = {"history_short": "history_short", "line_unused": "limit_little_used"}
"""by what is missing: the reason for the conservative grade"""


def decide_application_for(product: Product, asked_cents: int, found: Assessment) -> Applied:
    """The asked limit if the grade allows it, else the highest step below; declined where the grade has none.

    asked_cents: within the product, and a step of it. The worst grade is declined; without a score the conservative
    grade applies.
    """
    reasons: tuple[str, ...] = (_OF_GRADE.get(found.why_conservative or "", "limit_history"),)
    if found.score is not None:
        reasons = principal(from_contributions(found.score.contributions))
    most = min(found.grade.limit_max_cents, product.limit_max_cents)
    most = most // product.limit_step_cents * product.limit_step_cents
    if found.grade.grade == "F" or most < product.limit_min_cents:
        return Applied("declined", 0, reasons)
    if asked_cents <= most:
        return Applied("approved", asked_cents, ())
    return Applied("counter_offer", most, reasons)
