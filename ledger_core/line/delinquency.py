"""Days past due, and what follows from them."""

from datetime import timedelta
from typing import Literal

from ledger_core.line.state import LineState
from ledger_core.products import Product

Bucket = Literal["current", "1-29", "30-59", "60-89", "90-119", "120+"]

_STATUS_FROM = ((180, "84"), (150, "83"), (120, "82"), (90, "80"), (60, "78"), (30, "71"), (0, "11"))


def bucket(days_past_due: int) -> Bucket:
    """The delinquency bucket the policy names."""
    if days_past_due >= 120:
        return "120+"
    if days_past_due >= 90:
        return "90-119"
    if days_past_due >= 60:
        return "60-89"
    if days_past_due >= 30:
        return "30-59"
    return "1-29" if days_past_due >= 1 else "current"


def reported(product: Product, days_past_due: int) -> bool:
    """Whether the delinquency is reported to credit bureaus."""
    return days_past_due >= product.reported_from_day


def account_status(days_past_due: int, *, charged_off: bool = False) -> str:
    """The Metro 2 account status code of an open account; 97 for an unpaid charge-off."""
    if charged_off:
        return "97"
    return next(code for days, code in _STATUS_FROM if days_past_due >= days)


def must_charge_off(product: Product, state: LineState) -> bool:
    """Whether the line is to be charged off today: past due for the product's days, or after a bankruptcy's notice.

    Source: FFIEC Uniform Retail Credit Classification Policy, 65 FR 36903: open-end credit at 180 days; in
    bankruptcy within 60 days of the notice, or at 180 days past due if that comes first.
    """
    if state.status in ("closed", "charged_off") or state.payoff_base_cents <= 0:
        return False
    filed = state.overlay("bankruptcy")
    if filed is not None:
        return state.as_of >= filed.placed_on + timedelta(days=product.charge_off_bankruptcy_days)
    return state.days_past_due >= product.charge_off_day
