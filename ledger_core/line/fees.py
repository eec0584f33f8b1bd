"""Fees: when one is charged, how much, and when it may be forgiven."""

from datetime import date

from ledger_core.dates import add_months
from ledger_core.line.events import FeeCharged, FeeWaived
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.line.state import LineState, PaymentState, StatementState
from ledger_core.pricing.caps import all_in_cap_bp
from ledger_core.pricing.mapr import exceeds
from ledger_core.products import Product
from ledger_core.refusals import Reason, Refused

MONTHS_PER_YEAR = 12


def late_fee(product: Product, state: LineState, fee_id: str) -> FeeCharged | None:
    """The late fee due today for the oldest missed minimum that has none yet, if any.

    From the day the policy names; the higher amount when another minimum was missed within the six
    cycles before; never more than the minimum that was due; none on a plan that is kept, none where
    the same event was charged a returned-payment fee, none after charge-off or under an overlay.
    Source: policy Fees; 12 CFR 1026.52(b)(1)(ii), (b)(2)(i)(A) and (b)(2)(ii) bind credit cards only and are
    kept as a measure.
    """
    for statement in state.statements:
        fee = late_fee_for(product, state, statement, fee_id)
        if fee is not None:
            return fee
    return None


def late_fee_for(
    product: Product, state: LineState, statement: StatementState, fee_id: str
) -> FeeCharged | None:
    """The late fee due today for that statement's minimum, as `late_fee` says."""
    if not product.late_fee_cents or _spared(state):
        return None
    if state.plan is not None and state.plan.status == "active":
        return None
    late = (state.as_of - statement.current_due_on).days >= product.late_fee_from_day
    if not statement.minimum_unpaid_cents or not late or _late_fee_about(state, statement):
        return None
    if any(_met(state, payment, statement) for payment in _charged_returns(state)):
        return None
    repeats = _repeats(product, state, statement)
    amount = product.late_fee_repeat_cents if repeats else product.late_fee_cents
    capped = min(amount, statement.figures.minimum_due_cents)
    return FeeCharged(fee_id, "late", capped, statement.statement_id)


def returned_payment_fee(
    product: Product, state: LineState, payment_id: str, fee_id: str
) -> FeeCharged | None:
    """The fee for a payment the bank returned, if any: none where the same event was charged a late fee.

    Never more than the minimum that was last due when it came back; none when none was due.
    Source: policy Fees; 12 CFR 1026.52(b)(2)(i)(A)(2) and (b)(2)(ii), cards only, kept as a measure.
    """
    payment = state.payments[payment_id]
    assert payment.returned_on is not None
    statement = _last_due(state, payment.returned_on)
    already = any(f.about == payment_id and f.kind == "returned_payment" for f in state.fees.values())
    if already or statement is None or not product.returned_fee_cents or _spared(state):
        return None
    if any(_met(state, payment, s) and _late_fee_about(state, s) for s in state.statements):
        return None
    amount = min(product.returned_fee_cents, statement.figures.minimum_due_cents)
    return FeeCharged(fee_id, "returned_payment", amount, payment_id) if amount else None


def membership_fee(product: Product, state: LineState, fee_id: str, *, covered: bool) -> FeeCharged | None:
    """The membership fee of the cycle that closes today, if any.

    Not in a free cycle, not without a balance or a draw, not once the membership is cancelled, charged off or
    under an overlay, and not where it would lift a covered borrower's MAPR above the cap.
    `covered`: an active-duty servicemember or dependent.
    Source: policy Membership; 32 CFR 232.4(b) and (c).
    """
    if not product.membership_fee_cents or len(state.statements) < product.membership_free_cycles:
        return None
    if state.closing or _spared(state):
        return None
    cycle = state.cycle
    principal_days = cycle.principal_days + state.principal_cents
    if not principal_days and not state.owed_cents and not cycle.draws_cents:
        return None
    days = (state.as_of - cycle.started_on).days + 1
    cap_bp = all_in_cap_bp(state.state_code, state.as_of, covered=covered)
    charges = product.membership_fee_cents + state.accrued_interest_cents
    if cap_bp is not None and exceeds(cap_bp, charges, principal_days, days):
        return None
    return FeeCharged(fee_id, "membership", product.membership_fee_cents, None)


def decide_courtesy_waiver(
    product: Product, state: LineState, fee_id: str, credit_id: str
) -> FeeWaived | Refused:
    """A courtesy waiver of the whole fee, or why not.

    Reasons, in this order: fee_unknown, kind_not_waivable, already_waived, fee_disputed,
    over_courtesy_cap, courtesy_used. A fee taken back as an error does not count as a courtesy.
    """
    fee = state.fees.get(fee_id)
    if fee is None:
        return Refused((Reason("fee_unknown", {"fee_id": fee_id}),))
    reasons = []
    if fee.kind not in ("late", "returned_payment"):
        reasons.append(Reason("kind_not_waivable", {"kind": fee.kind}))
    if fee.waived_cents:
        reasons.append(Reason("already_waived", {"waived_on": fee.waived_on}))
    if fee.disputed_cents:
        reasons.append(Reason("fee_disputed", {"disputed_cents": fee.disputed_cents}))
    if fee.amount_cents > product.courtesy_waiver_max_cents:
        reasons.append(Reason("over_courtesy_cap", {"cap_cents": product.courtesy_waiver_max_cents}))
    used = _courtesies_since(state, add_months(state.as_of, -MONTHS_PER_YEAR))
    if len(used) >= product.courtesy_waivers_per_12_months:
        reasons.append(
            Reason("courtesy_used", {"last_on": used[-1], "again_on": add_months(used[-1], MONTHS_PER_YEAR)})
        )
    if reasons:
        return Refused(tuple(reasons))
    return FeeWaived(fee_id, credit_id, "courtesy", fee.amount_cents)


def _spared(state: LineState) -> bool:
    """Whether the line bears no more fees."""
    return state.status == "charged_off" or bool(overlay_reasons(state))


def _courtesies_since(state: LineState, since: date) -> list[date]:
    return sorted(
        f.waived_on
        for f in state.fees.values()
        if f.waiver_reason == "courtesy" and f.waived_on is not None and f.waived_on > since
    )


def _late_fee_about(state: LineState, statement: StatementState) -> bool:
    return any(f.kind == "late" and f.about == statement.statement_id for f in state.fees.values())


def _repeats(product: Product, state: LineState, statement: StatementState) -> bool:
    """Whether an earlier minimum within the window was charged a late fee that stood."""
    window = range(statement.number - product.late_fee_repeat_cycles, statement.number)
    return any(
        s.number in window and f.kind == "late" and f.about == s.statement_id and f.waiver_reason != "error"
        for s in state.statements
        for f in state.fees.values()
    )


def _charged_returns(state: LineState) -> list[PaymentState]:
    """Payments whose return was charged a fee."""
    about = {f.about for f in state.fees.values() if f.kind == "returned_payment"}
    return [p for p in state.payments.values() if p.payment_id in about]


def _met(state: LineState, payment: PaymentState, statement: StatementState) -> bool:
    """Whether the payment was made towards that statement: after it and before the next."""
    following = next((s.cycle_end for s in state.statements if s.number == statement.number + 1), state.as_of)
    return payment.received_on is not None and statement.cycle_end < payment.received_on <= following


def _last_due(state: LineState, on: date) -> StatementState | None:
    """The statement whose minimum was last due on that day, or the newest when none was due yet."""
    due = [s for s in state.statements if s.due_on <= on]
    return due[-1] if due else state.last_statement
