"""Autopay: what it takes on a due date, and whether it may be set."""

from ledger_core.line.events import AutopaySet
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.line.payoff import quote
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Reason, Refused


def amount_due(product: Product, state: LineState) -> int:
    """What autopay takes today, in cents; 0 when nothing is due.

    minimum: what is unpaid of the minimums; statement_balance: what is unpaid of the last statement's
    undisputed balance; fixed: its amount, at least the minimum. Never more than pays the line off,
    disputed amounts apart. On a line whose draws are due in full it covers billed membership fees only.
    """
    autopay = state.autopay
    if autopay is None or state.status in ("closed", "charged_off") or overlay_reasons(state):
        return 0
    if product.minimum_rule == "full":
        return sum(
            f.outstanding_cents - f.disputed_cents
            for f in state.fees.values()
            if f.kind == "membership" and f.billed
        )
    most = max(0, quote(product, state, state.as_of).total_cents - state.disputed_cents)
    if autopay.mode == "fixed":
        assert autopay.amount_cents is not None
        return min(max(autopay.amount_cents, state.minimum_due_cents), most)
    if autopay.mode == "minimum":
        return min(state.minimum_due_cents, most)
    return min(max(_statement_balance_unpaid(state), state.minimum_due_cents), most)


def decide_autopay(
    product: Product,
    state: LineState,
    *,
    mode: str,
    amount_cents: int | None,
    bank_account_id: str,
    bank_account_verified: bool,
) -> AutopaySet | Refused:
    """The setting, or every reason against it.

    Reasons, in this order: line_closed, holder_deceased, bankruptcy, mode_not_offered, amount_missing,
    amount_below_minimum, bank_account_unverified. A fixed amount is at least the product's floor of a minimum payment.
    """
    reasons = []
    if state.status in ("closed", "charged_off"):
        reasons.append(Reason("line_closed", {"status": state.status}))
    reasons += overlay_reasons(state)
    if mode not in product.autopay_modes:
        reasons.append(Reason("mode_not_offered", {"mode": mode}))
    if mode == "fixed" and amount_cents is None:
        reasons.append(Reason("amount_missing"))
    if mode == "fixed" and amount_cents is not None and amount_cents < product.minimum_floor_cents:
        reasons.append(Reason("amount_below_minimum", {"minimum_cents": product.minimum_floor_cents}))
    if not bank_account_verified:
        reasons.append(Reason("bank_account_unverified", {"bank_account_id": bank_account_id}))
    if reasons:
        return Refused(tuple(reasons))
    return AutopaySet(mode, amount_cents if mode == "fixed" else None, bank_account_id)


def _statement_balance_unpaid(state: LineState) -> int:
    """The last printed balance less disputed parts, and less what was paid and credited since."""
    last = state.last_statement
    if last is None:
        return 0
    since = state.cycle.payments_cents + state.cycle.credits_cents
    return max(0, last.figures.new_balance_cents - state.disputed_cents - since)
