"""What each fact does to the books, one function per fact."""

from collections.abc import Callable
from datetime import date

from ledger_core.journal import posting_rules
from ledger_core.journal.entries import DraftEntry
from ledger_core.journal.posting_rules import Split
from ledger_core.line import apply_disputes, apply_plans, apply_standing, events
from ledger_core.line.book import Book
from ledger_core.line.cycle import close_before
from ledger_core.line.events import Recorded
from ledger_core.line.records import Autopay, Decision, Draw, Fee, Payment, Refund
from ledger_core.line.state import PaymentAllocation


def draw_requested(book: Book, recorded: Recorded, fact: events.DrawRequested) -> None:
    book.draws[fact.draw_id] = Draw(fact.draw_id, fact, recorded.effective_on)
    book.post(posting_rules.draw_requested, recorded.effective_on, fact.amount_cents)


def draw_settled(book: Book, recorded: Recorded, fact: events.DrawSettled) -> None:
    on = recorded.effective_on
    draw = book.draws[fact.draw_id]
    assert draw.requested is not None
    amount = draw.requested.amount_cents
    _release_hold(book, draw, on)
    draw.stage = "settled"
    draw.settled_on = on
    if fact.draw_id in book.foresight.draws_failed:
        return
    draw.credited = min(amount, book.found_about.get(fact.draw_id, 0))
    book.post(posting_rules.draw_settled, on, amount, draw.credited)
    _owe(book, draw, amount - draw.credited)
    book.cycle.draws += draw.outstanding
    for dispute in book.disputes.values():
        if dispute.opened.about == fact.draw_id and dispute.status in ("open", "acknowledged"):
            apply_disputes.set_apart(book, dispute, on)
    book.use_credit(on)


def draw_failed(book: Book, recorded: Recorded, fact: events.DrawFailed) -> None:
    draw = book.draws[fact.draw_id]
    _release_hold(book, draw, recorded.effective_on)
    draw.stage = "failed"
    draw.failure_code = fact.code


def draw_cancelled(book: Book, recorded: Recorded, fact: events.DrawCancelled) -> None:
    draw = book.draws[fact.draw_id]
    _release_hold(book, draw, recorded.effective_on)
    draw.stage = "cancelled"


def payment_scheduled(book: Book, recorded: Recorded, fact: events.PaymentScheduled) -> None:
    payment = Payment(fact.payment_id, fact.amount_cents, fact.pay_on, fact.source, fact.bank_account_id)
    credited = book.payments.get(fact.payment_id)
    if credited is not None:  # as of a day before it was agreed
        payment.stage, payment.received_on = credited.stage, credited.received_on
        payment.amount, payment.allocation = credited.amount, credited.allocation
    payment.scheduled_on = recorded.effective_on
    book.payments[fact.payment_id] = payment


def payment_moved(book: Book, recorded: Recorded, fact: events.PaymentMoved) -> None:
    book.payments[fact.payment_id].pay_on = fact.pay_on


def payment_cancelled(book: Book, recorded: Recorded, fact: events.PaymentCancelled) -> None:
    payment = book.payments[fact.payment_id]
    payment.stage = "cancelled"
    payment.cancelled_on = recorded.effective_on
    payment.allocation = None


def payment_received(book: Book, recorded: Recorded, fact: events.PaymentReceived) -> None:
    if recorded.seq < book.foresight.credited.get(fact.payment_id, 0):
        return
    on = recorded.effective_on
    payment = book.payments.get(fact.payment_id)
    if payment is None:
        payment = Payment(fact.payment_id, fact.amount_cents, on, "customer", None)
        book.payments[fact.payment_id] = payment
    payment.amount = fact.amount_cents
    payment.stage = "received"
    payment.received_on = on
    if fact.payment_id in book.foresight.payments_undone:
        return
    split = _take(book, recorded, fact.amount_cents, posting_rules.payment_received)
    payment.allocation = PaymentAllocation(split.fees, split.interest, split.principal, split.credit)
    book.cycle.payments += fact.amount_cents


def payment_settled(book: Book, recorded: Recorded, fact: events.PaymentSettled) -> None:
    payment = book.payments[fact.payment_id]
    payment.stage = "settled"
    payment.settled_on = recorded.effective_on
    if payment.allocation is None:
        return
    book.post(posting_rules.payment_settled, recorded.effective_on, payment.amount)
    if payment.source == "autopay" and book.autopay is not None and not book.autopay.discounted:
        book.accrue(recorded.effective_on)
        book.autopay.discounted = True


def payment_returned(book: Book, recorded: Recorded, fact: events.PaymentReturned) -> None:
    payment = book.payments[fact.payment_id]
    payment.stage = "returned"
    payment.returned_on = recorded.effective_on
    payment.return_code = fact.return_code
    if payment.source == "autopay" and book.autopay is not None:
        book.autopay.discounted = False


def fee_charged(book: Book, recorded: Recorded, fact: events.FeeCharged) -> None:
    taken_back = book.foresight.fees_taken_back.get(fact.fee_id, 0) + book.found_about.get(fact.fee_id, 0)
    owed = max(0, fact.amount_cents - taken_back)
    book.fees[fact.fee_id] = Fee(fact, recorded.effective_on, owed)
    if owed:
        book.post(posting_rules.fee_charged, recorded.effective_on, owed)
        book.cycle.fees += owed
        book.use_credit(recorded.effective_on)


def fee_waived(book: Book, recorded: Recorded, fact: events.FeeWaived) -> None:
    on = recorded.effective_on
    fee = book.fees[fact.fee_id]
    fee.waived += fact.amount_cents
    fee.waiver_reason = fact.reason
    fee.waived_on = on
    if fact.reason != "courtesy":
        book.obligations.count(fact.amount_cents, on)
        return
    off_fee = min(fact.amount_cents, fee.outstanding - fee.disputed)
    fee.outstanding -= off_fee
    rest, _ = book.pay(fact.amount_cents - off_fee)
    book.post(posting_rules.fee_waived, on, rest._replace(fees=rest.fees + off_fee))
    book.add_credit(rest.credit, on)
    book.cycle.credits += fact.amount_cents
    book.meet_minimums(recorded, fact.amount_cents)


def credit_granted(book: Book, recorded: Recorded, fact: events.CreditGranted) -> None:
    _take(book, recorded, fact.amount_cents, posting_rules.credit_granted)
    book.cycle.credits += fact.amount_cents


def credit_refunded(book: Book, recorded: Recorded, fact: events.CreditRefunded) -> None:
    on = recorded.effective_on
    book.refunds[fact.refund_id] = Refund(fact, on)
    if fact.refund_id in book.foresight.refunds_returned:
        return
    from_credit = min(book.credit_balance, fact.amount_cents)
    shortfall = fact.amount_cents - from_credit
    book.credit_balance -= from_credit
    book.credit_since = book.credit_since if book.credit_balance else None
    book.post(posting_rules.credit_refunded, on, from_credit, shortfall)
    book.cycle.refunds += fact.amount_cents
    if shortfall:
        advance = Draw(fact.refund_id, None, on)
        advance.settled_on = on
        _owe(book, advance, shortfall)


def refund_returned(book: Book, recorded: Recorded, fact: events.RefundReturned) -> None:
    refund = book.refunds[fact.refund_id]
    refund.returned_on = recorded.effective_on
    refund.return_code = fact.return_code


def rate_changed(book: Book, recorded: Recorded, fact: events.RateChanged) -> None:
    if fact.reason == "servicemember":
        book.protected_apr_bp = fact.apr_bp
        for draw in book.owed.values():
            draw.protected = draw.settled_on is not None and draw.settled_on < recorded.effective_on
        return
    book.base_apr_bp = fact.apr_bp
    if fact.reason == "service_ended":
        book.protected_apr_bp = None
        for draw in book.owed.values():
            draw.protected = False


def autopay_set(book: Book, recorded: Recorded, fact: events.AutopaySet) -> None:
    book.autopay = Autopay(fact, recorded.effective_on)


def autopay_stopped(book: Book, recorded: Recorded, fact: events.AutopayStopped) -> None:
    book.autopay = None


def due_date_changed(book: Book, recorded: Recorded, fact: events.DueDateChanged) -> None:
    book.due_day = fact.due_day
    book.next_close_on = close_before(book.product, fact.first_due_on)
    book.due_date_changes.append(recorded.effective_on)


def statement_issued(book: Book, recorded: Recorded, fact: events.StatementIssued) -> None:
    book.close_cycle(recorded, fact)


def line_locked(book: Book, recorded: Recorded, fact: events.LineLocked) -> None:
    book.lock_reason = fact.reason


def line_unlocked(book: Book, recorded: Recorded, fact: events.LineUnlocked) -> None:
    book.lock_reason = None


def limit_changed(book: Book, recorded: Recorded, fact: events.LimitChanged) -> None:
    book.limit_cents = fact.limit_cents
    book.limit_changed_on = recorded.effective_on
    if fact.decision_id is not None:
        book.decisions[fact.decision_id].taken_on = recorded.effective_on


def credit_decided(book: Book, recorded: Recorded, fact: events.CreditDecided) -> None:
    book.decisions[fact.decision_id] = Decision(fact, recorded.effective_on)


def closure_requested(book: Book, recorded: Recorded, fact: events.LineClosureRequested) -> None:
    book.closing = True


def line_closed(book: Book, recorded: Recorded, fact: events.LineClosed) -> None:
    book.closed = True
    book.autopay = None


def balance_forgiven(book: Book, recorded: Recorded, fact: events.BalanceForgiven) -> None:
    book.meet_minimums(recorded, apply_standing.balance_forgiven(book, recorded, fact))


def _take(book: Book, recorded: Recorded, amount: int, rule: Callable[..., DraftEntry]) -> Split:
    """Money towards the line: allocate, post, and let it meet the minimums."""
    split, _ = book.pay(amount)
    book.post(rule, recorded.effective_on, split)
    book.add_credit(split.credit, recorded.effective_on)
    book.meet_minimums(recorded, amount)
    return split


def _release_hold(book: Book, draw: Draw, on: date) -> None:
    if draw.stage == "pending":
        assert draw.requested is not None
        book.post(posting_rules.hold_released, on, draw.requested.amount_cents)


def _owe(book: Book, draw: Draw, cents: int) -> None:
    draw.outstanding = cents
    if cents:
        book.owed[draw.draw_id] = draw


QUIET: frozenset[type[events.Fact]] = frozenset(
    (events.DrawRequested, events.PaymentScheduled, events.PaymentMoved, events.PaymentSettled)
)
"""move neither principal nor rates: interest runs on past them. A handler that does accrues before."""

HANDLERS: dict[type[events.Fact], Callable[..., None]] = {
    events.DrawRequested: draw_requested,
    events.DrawSettled: draw_settled,
    events.DrawFailed: draw_failed,
    events.DrawCancelled: draw_cancelled,
    events.PaymentScheduled: payment_scheduled,
    events.PaymentMoved: payment_moved,
    events.PaymentCancelled: payment_cancelled,
    events.PaymentReceived: payment_received,
    events.PaymentSettled: payment_settled,
    events.PaymentReturned: payment_returned,
    events.FeeCharged: fee_charged,
    events.FeeWaived: fee_waived,
    events.CreditGranted: credit_granted,
    events.CreditRefunded: credit_refunded,
    events.RefundReturned: refund_returned,
    events.RateChanged: rate_changed,
    events.AutopaySet: autopay_set,
    events.AutopayStopped: autopay_stopped,
    events.DueDateChanged: due_date_changed,
    events.StatementIssued: statement_issued,
    events.PlanEnrolled: apply_plans.enrolled,
    events.PlanBroken: apply_plans.broken,
    events.PlanCured: apply_plans.cured,
    events.PlanCompleted: apply_plans.completed,
    events.PlanCancelled: apply_plans.cancelled,
    events.PlanReinstated: apply_plans.reinstated,
    events.DisputeOpened: apply_disputes.opened,
    events.DisputeAcknowledged: apply_disputes.acknowledged,
    events.DisputeResolved: apply_disputes.resolved,
    events.DisputeWithdrawn: apply_disputes.withdrawn,
    events.LineLocked: line_locked,
    events.LineUnlocked: line_unlocked,
    events.CreditDecided: credit_decided,
    events.LimitChanged: limit_changed,
    events.LineClosureRequested: closure_requested,
    events.LineClosed: line_closed,
    events.ChargedOff: apply_standing.charged_off,
    events.PromotionGranted: apply_standing.promotion_granted,
    events.OverlayPlaced: apply_standing.overlay_placed,
    events.OverlayLifted: apply_standing.overlay_lifted,
    events.LineReaged: apply_standing.reaged,
    events.BalanceForgiven: balance_forgiven,
}
