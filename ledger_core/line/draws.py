"""Draws: whether one may go out, and when it may still be stopped."""

from datetime import date, timedelta

from ledger_core.dates import Moment, add_business_days, business_date
from ledger_core.line.events import DrawCancelled, DrawRequested
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Fact, Reason, Refused, refused


def decide_draw(
    product: Product,
    state: LineState,
    *,
    draw_id: str,
    amount_cents: int,
    speed: str,
    bank_account_id: str,
    bank_account_verified: bool,
    identity_check_open: bool,
    at: Moment,
) -> DrawRequested | Refused:
    """The draw with its hold, or every reason against it.

    Reasons, in this order: amount_not_positive, below_minimum, charged_off, line_closed, line_closing,
    line_locked, identity_check_open, holder_deceased, bankruptcy, plan_active, past_due,
    bank_account_unverified, over_limit.
    A dispute, open or closed, is no reason (12 CFR 1002.4, 1026.13(d)).
    """
    reasons = [
        *_amount_reasons(product, amount_cents),
        *_line_reasons(state, identity_check_open=identity_check_open),
    ]
    if not bank_account_verified:
        reasons.append(Reason("bank_account_unverified", {"bank_account_id": bank_account_id}))
    room = state.limit_cents - state.principal_cents - state.held_cents - state.unsettled_payment_cents
    if amount_cents > room:
        facts = {
            "amount_cents": amount_cents,
            "available_cents": max(0, room),
            "limit_cents": state.limit_cents,
            "held_cents": state.held_cents,
            "unsettled_payment_cents": state.unsettled_payment_cents,
        }
        reasons.append(Reason("over_limit", facts))
    if reasons:
        return Refused(tuple(reasons))
    return DrawRequested(
        draw_id,
        amount_cents,
        speed,
        bank_account_id,
        settles_on=settles_on(speed, at),
        hold_expires_on=at.on + timedelta(days=product.hold_days),
    )


def settles_on(speed: str, at: Moment) -> date:
    """The day the money is expected: today for instant, the next business day for standard.

    A standard draw asked for after the cut-off or on a closed day counts as the next business day's.
    """
    assert speed in ("standard", "instant")
    return at.on if speed == "instant" else add_business_days(business_date(at), 1)


def decide_cancel(state: LineState, draw_id: str) -> DrawCancelled | Refused:
    """The cancellation of a draw that has not gone out. Reasons: draw_unknown, draw_not_pending."""
    draw = state.draws.get(draw_id)
    if draw is None:
        return refused("draw_unknown", draw_id=draw_id)
    if draw.stage != "pending" or draw.speed == "instant":
        return refused("draw_not_pending", stage=draw.stage, speed=draw.speed, settled_on=draw.settled_on)
    return DrawCancelled(draw_id)


def _amount_reasons(product: Product, amount_cents: int) -> list[Reason]:
    if amount_cents <= 0:
        return [Reason("amount_not_positive", {"amount_cents": amount_cents})]
    if amount_cents < product.draw_minimum_cents:
        facts = {"amount_cents": amount_cents, "minimum_cents": product.draw_minimum_cents}
        return [Reason("below_minimum", facts)]
    return []


def _line_reasons(state: LineState, *, identity_check_open: bool) -> list[Reason]:
    reasons = []
    if state.status == "charged_off":
        reasons.append(Reason("charged_off"))
    if state.status == "closed":
        reasons.append(Reason("line_closed"))
    if state.closing and state.status != "closed":
        reasons.append(Reason("line_closing"))
    if state.locked:
        reasons.append(Reason("line_locked", {"reason": state.lock_reason}))
    if identity_check_open:
        reasons.append(Reason("identity_check_open"))
    reasons += overlay_reasons(state)
    if state.plan is not None:
        reasons.append(Reason("plan_active", {"plan_id": state.plan.plan_id, "kind": state.plan.kind}))
    if state.past_due_cents:
        facts: dict[str, Fact] = {
            "past_due_cents": state.past_due_cents,
            "days_past_due": state.days_past_due,
            "due_on": state.next_due_on,
        }
        reasons.append(Reason("past_due", facts))
    return reasons
