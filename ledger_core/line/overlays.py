"""News about the holder that overrides the terms: a death, a bankruptcy."""

from collections.abc import Callable
from datetime import date

from ledger_core.dates import Moment
from ledger_core.line.events import (
    AutopayStopped,
    Fact,
    FeeWaived,
    OverlayLifted,
    OverlayPlaced,
    PaymentCancelled,
    PlanCancelled,
)
from ledger_core.line.forgiveness import forgiving
from ledger_core.line.overlay_reasons import CODES
from ledger_core.line.payments import decide_cancel
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Reason, Refused, refused

CHAPTERS = (7, 11, 12, 13)
OUTCOMES = {"deceased": ("error",), "bankruptcy": ("discharged", "dismissed", "error")}


def decide_place(
    product: Product,
    state: LineState,
    *,
    kind: str,
    since_on: date,
    chapter: int | None,
    at: Moment,
    credit_id: Callable[[], str],
) -> tuple[Fact, ...] | Refused:
    """The overlay and what ends with it, all of today, or every reason against it.

    Autopay stops, payments whose file has not left are cancelled, fees charged since that day are taken back as
    errors, and in a bankruptcy a running plan ends. Interest stops with the filing; after a death with the
    notice or the death, as the terms say. since_on: the day of death or of the filing, today at the latest.
    Reasons, in this order: kind_unknown, chapter_unknown, date_out_of_range, line_closed, already_placed.
    Source: 11 USC 362(a) (automatic stay), 502(b)(2) (no interest after the filing); 12 CFR 1026.11(c) for
    estates, which binds credit cards only and is kept as a measure.
    """
    reasons = []
    if kind not in CODES:
        reasons.append(Reason("kind_unknown", {"kind": kind}))
    if (chapter in CHAPTERS) != (kind == "bankruptcy"):
        reasons.append(Reason("chapter_unknown", {"chapter": chapter}))
    if not state.opened_on <= since_on <= at.on:
        reasons.append(Reason("date_out_of_range", {"since_on": since_on, "first_on": state.opened_on}))
    if state.status == "closed":
        reasons.append(Reason("line_closed", {"status": state.status}))
    lying = state.overlay(kind)
    if lying is not None:
        reasons.append(Reason("already_placed", {"placed_on": lying.placed_on}))
    if reasons:
        return Refused(tuple(reasons))
    from_notice = kind == "deceased" and product.deceased_interest_stops == "notice"
    facts: list[Fact] = [OverlayPlaced(kind, since_on, at.on if from_notice else since_on, chapter)]
    if state.autopay is not None:
        facts.append(AutopayStopped(kind))
    if state.plan is not None and kind == "bankruptcy":
        facts.append(PlanCancelled(state.plan.plan_id, kind))
    for payment_id, payment in state.payments.items():
        if payment.stage == "scheduled":
            cancelled = decide_cancel(product, state, payment_id=payment_id, reason=kind, at=at)
            if isinstance(cancelled, PaymentCancelled):
                facts.append(cancelled)
    for fee_id, fee in state.fees.items():
        left = fee.amount_cents - fee.waived_cents
        if fee.charged_on >= since_on and left and not fee.disputed_cents:
            facts.append(FeeWaived(fee_id, credit_id(), "error", left))
    return tuple(facts)


def decide_lift(
    state: LineState, *, kind: str, outcome: str, ended_on: date, today: date, forgiveness_id: str
) -> tuple[Fact, ...] | Refused:
    """The end of an overlay, or why not. Interest runs again from today, never for the time between.

    After a discharge the debt is forgiven and the line closes; after a dismissal the terms return, and what had
    not been paid falls due as many days later as the bankruptcy ran. ended_on: the day of the order.
    Reasons, in this order: overlay_not_placed, outcome_unknown, date_out_of_range, dispute_open (a discharge
    waits for the resolution), cycle_not_over (a discharge waits until all interest is billed).
    Source: 11 USC 524(a) (discharge), 349(b) (dismissal).
    """
    lying = state.overlay(kind)
    if lying is None:
        return refused("overlay_not_placed", kind=kind)
    if outcome not in OUTCOMES[kind]:
        return refused("outcome_unknown", outcome=outcome)
    reasons = []
    if not lying.since_on <= ended_on <= today:
        reasons.append(Reason("date_out_of_range", {"ended_on": ended_on, "first_on": lying.since_on}))
    discharged = outcome == "discharged"
    if discharged and state.open_disputes:
        reasons.append(Reason("dispute_open", {"dispute_id": state.open_disputes[0].dispute_id}))
    if discharged and state.interest_accrued_microcents:
        reasons.append(Reason("cycle_not_over", {"next_close_on": state.next_close_on}))
    if reasons:
        return Refused(tuple(reasons))
    lifted = OverlayLifted(kind, outcome, ended_on, today)
    if not discharged:
        return (lifted,)
    left = max(0, state.payoff_base_cents)
    return (lifted, *forgiving(state, forgiveness_id=forgiveness_id, amount_cents=left, reason=outcome))
