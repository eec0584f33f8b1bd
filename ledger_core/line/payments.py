"""Payments: whether one may be set up, and until when it may be moved, cancelled or undone."""

from datetime import date, timedelta

from ledger_core.dates import Moment, add_business_days
from ledger_core.line.events import (
    Fact,
    PaymentCancelled,
    PaymentMoved,
    PaymentReceived,
    PaymentScheduled,
)
from ledger_core.line.payoff import quote
from ledger_core.line.state import LineState, PaymentState
from ledger_core.products import Product
from ledger_core.refusals import Reason, Refused, refused


def decide_payment(
    product: Product,
    state: LineState,
    *,
    payment_id: str,
    amount_cents: int,
    pay_on: date,
    bank_account_id: str,
    bank_account_verified: bool,
    source: str,
    at: Moment,
) -> tuple[Fact, ...] | Refused:
    """The scheduled payment; one for today is received today as well. Or every reason against it.

    Reasons, in this order: amount_not_positive, bank_account_unverified, pay_on_in_past, after_cutoff,
    pay_on_too_far, nothing_owed, more_than_owed. A payment may exceed what pays the line off by the
    product's tolerance; the excess becomes a credit balance. Locked, closing, closed and charged-off
    lines take payments.
    """
    reasons = []
    if amount_cents <= 0:
        reasons.append(Reason("amount_not_positive", {"amount_cents": amount_cents}))
    if not bank_account_verified:
        reasons.append(Reason("bank_account_unverified", {"bank_account_id": bank_account_id}))
    day = _pay_day_reason(product, pay_on, at)
    if day is not None:
        reasons.append(day)
    latest = at.on + timedelta(days=product.payment_days_ahead_max)
    owed = _owed_reason(product, state, amount_cents, min(max(pay_on, at.on), latest))
    if owed is not None:
        reasons.append(owed)
    if reasons:
        return Refused(tuple(reasons))
    scheduled = PaymentScheduled(payment_id, amount_cents, pay_on, bank_account_id, source)
    if pay_on == at.on:
        return scheduled, PaymentReceived(payment_id, amount_cents)
    return (scheduled,)


def decide_move(
    product: Product, state: LineState, *, payment_id: str, pay_on: date, at: Moment
) -> tuple[Fact, ...] | Refused:
    """Another day for a scheduled payment; moved to today it is received today.

    Reasons, in this order: payment_unknown, payment_not_scheduled, file_has_left, pay_on_in_past,
    after_cutoff, pay_on_too_far.
    """
    payment = state.payments.get(payment_id)
    if payment is None:
        return refused("payment_unknown", payment_id=payment_id)
    if payment.stage != "scheduled":
        return refused("payment_not_scheduled", stage=payment.stage)
    left = _file_has_left(product, payment, at)
    day = _pay_day_reason(product, pay_on, at)
    reasons = tuple(reason for reason in (left, day) if reason is not None)
    if reasons:
        return Refused(reasons)
    moved = PaymentMoved(payment_id, pay_on)
    if pay_on == at.on:
        return moved, PaymentReceived(payment_id, payment.amount_cents)
    return (moved,)


def decide_cancel(
    product: Product, state: LineState, *, payment_id: str, reason: str, at: Moment
) -> PaymentCancelled | Refused:
    """The cancellation of a scheduled payment, or the undoing of one received today.

    Reasons, in this order: payment_unknown, payment_not_cancellable, file_has_left.
    """
    payment = state.payments.get(payment_id)
    if payment is None:
        return refused("payment_unknown", payment_id=payment_id)
    if payment.stage not in ("scheduled", "received"):
        return refused("payment_not_cancellable", stage=payment.stage)
    left = _file_has_left(product, payment, at)
    if left is not None:
        return Refused((left,))
    return PaymentCancelled(payment_id, reason)


def earlier_alike(
    product: Product,
    state: LineState,
    *,
    payment_id: str,
    amount_cents: int,
    bank_account_id: str | None,
    pay_on: date,
) -> str | None:
    """A payment of the same amount from the same account set up before this one for about the same day, if any.

    It may be a mistake, or not: it is pointed out, never refused. Undone and returned payments do not count.
    """
    within = timedelta(days=product.duplicate_payment_days)
    for other in state.payments.values():
        if other.payment_id == payment_id:
            return None
        stands = other.stage not in ("cancelled", "returned")
        same = other.amount_cents == amount_cents and other.bank_account_id == bank_account_id
        if stands and same and abs(other.pay_on - pay_on) <= within:
            return other.payment_id
    return None


def undo_until(product: Product, payment: PaymentState) -> Moment:
    """The moment its file leaves: until then it can be moved, cancelled or undone."""
    first_known = payment.scheduled_on or payment.received_on
    assert first_known is not None
    return file_leaves(product, payment.pay_on, first_known)


def file_leaves(product: Product, pay_on: date, set_up_on: date) -> Moment:
    """8 pm Eastern on the business day before the payment date; for one set up on its own day, 8 pm that day."""
    if set_up_on == pay_on:
        return Moment(pay_on, product.payment_cutoff)
    return Moment(add_business_days(pay_on, -1), product.payment_cutoff)


def _file_has_left(product: Product, payment: PaymentState, at: Moment) -> Reason | None:
    until = undo_until(product, payment)
    if at < until:
        return None
    return Reason("file_has_left", {"left_on": until.on, "pay_on": payment.pay_on})


def _pay_day_reason(product: Product, pay_on: date, at: Moment) -> Reason | None:
    if pay_on < at.on:
        return Reason("pay_on_in_past", {"pay_on": pay_on, "today": at.on})
    if pay_on == at.on and at.at >= product.payment_cutoff:
        return Reason("after_cutoff", {"earliest_on": at.on + timedelta(days=1)})
    latest = at.on + timedelta(days=product.payment_days_ahead_max)
    if pay_on > latest:
        return Reason("pay_on_too_far", {"pay_on": pay_on, "latest_on": latest})
    return None


def _owed_reason(product: Product, state: LineState, amount_cents: int, on: date) -> Reason | None:
    payoff_cents = quote(product, state, on).total_cents
    if not payoff_cents:
        return Reason("nothing_owed", {"credit_balance_cents": state.credit_balance_cents})
    most = payoff_cents + product.overpayment_max_cents
    if amount_cents > most:
        return Reason("more_than_owed", {"payoff_cents": payoff_cents, "most_cents": most, "pay_on": on})
    return None
