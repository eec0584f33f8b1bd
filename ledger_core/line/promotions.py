"""A rate for a stated period."""

from datetime import date

from ledger_core.line.events import PromotionGranted
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Fact, Reason, Refused


def decide_promotion(
    product: Product,
    state: LineState,
    *,
    promo_id: str,
    apr_bp: int,
    starts_on: date,
    ends_on: date,
    reason: str,
) -> PromotionGranted | Refused:
    """The promotion, or every reason against it. It may start before today or after; periods may overlap.

    Reasons, in this order: line_closed, apr_out_of_range (not lower than the line's own), date_out_of_range (before
    the line was opened, over already, or longer than the terms allow).
    """
    reasons = []
    if state.status in ("closed", "charged_off"):
        reasons.append(Reason("line_closed", {"status": state.status}))
    if not 0 <= apr_bp < state.base_apr_bp:
        reasons.append(Reason("apr_out_of_range", {"apr_bp": apr_bp, "below_bp": state.base_apr_bp}))
    days = (ends_on - starts_on).days + 1
    too_long = days > product.promotion_days_max
    if starts_on < state.opened_on or ends_on < state.as_of or days < 1 or too_long:
        facts: dict[str, Fact] = {"starts_on": starts_on, "ends_on": ends_on, "days_max": product.promotion_days_max}
        reasons.append(Reason("date_out_of_range", facts))
    if reasons:
        return Refused(tuple(reasons))
    return PromotionGranted(promo_id, apr_bp, starts_on, ends_on, reason)
