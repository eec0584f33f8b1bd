"""The books of a replay as a read-only state."""

from datetime import date
from types import MappingProxyType

from ledger_core.journal.journal import Journal
from ledger_core.line.book import Book
from ledger_core.line.interest import BUCKETS, billed_cents, per_day
from ledger_core.line.outline import outline
from ledger_core.line.records import Decision, Dispute, Draw, Fee, Overlay, Payment, Plan, Refund
from ledger_core.line.state import (
    AutopayState,
    CycleToDate,
    DecisionState,
    DisputeState,
    DrawState,
    FeeState,
    LineState,
    OverlayState,
    PaymentState,
    PlanState,
    PromotionState,
    RatesFrom,
    RefundState,
    StatementState,
)


def snapshot(book: Book, as_of: date) -> LineState:
    """What the books say on that day."""
    seen = outline(book, as_of)
    balances = book.bucket_balances()
    rates = book.rates()
    fees_owed = book.fees_owed()
    disputed_principal, disputed_fees = book.disputed_principal(), book.disputed_fees()
    undisputed, disputed = billed_cents(book.accrual.microcents, disputed_principal > 0)
    unsettled = sum(
        p.allocation.principal_cents for p in book.payments.values() if p.stage == "received" and p.allocation
    )
    available = (
        max(0, book.limit_cents - seen.principal_cents - seen.held_cents - unsettled)
        if seen.status == "open" and not book.overlaid
        else 0
    )
    return LineState(
        as_of=as_of,
        opened_on=book.opened_on,
        product_id=book.opened.product_id,
        product_version=book.opened.product_version,
        state_code=book.opened.state_code,
        status=seen.status,
        locked=seen.locked,
        lock_reason=book.lock_reason,
        closing=book.closing,
        limit_cents=seen.limit_cents,
        limit_changed_on=book.limit_changed_on,
        base_apr_bp=book.base_apr_bp,
        apr_bp=seen.apr_bp,
        protected_apr_bp=book.protected_apr_bp,
        due_day=book.due_day,
        due_date_changes=tuple(book.due_date_changes),
        principal_cents=seen.principal_cents,
        principal_by_draw=MappingProxyType({key: d.outstanding for key, d in book.owed.items()}),
        principal_by_bucket=MappingProxyType(dict.fromkeys(BUCKETS, 0) | balances),
        fees_owed_cents=fees_owed,
        interest_billed_cents=book.interest_due + book.interest_disputed,
        interest_accrued_microcents=sum(book.accrual.microcents.values()),
        accrued_interest_cents=undisputed + disputed,
        owed_cents=seen.owed_cents,
        credit_balance_cents=book.credit_balance,
        credit_balance_since=book.credit_since,
        disputed_cents=seen.disputed_cents,
        disputed_principal_cents=disputed_principal,
        disputed_interest_cents=book.interest_disputed,
        disputed_fees_cents=disputed_fees,
        held_cents=seen.held_cents,
        unsettled_payment_cents=unsettled,
        available_cents=available,
        draws=MappingProxyType({key: _draw(d) for key, d in book.draws.items()}),
        payments=MappingProxyType({key: _payment(p) for key, p in book.payments.items()}),
        fees=MappingProxyType({key: _fee(key, f) for key, f in book.fees.items()}),
        refunds=MappingProxyType({key: _refund(r) for key, r in book.refunds.items()}),
        statements=_statements(book, seen.unpaid),
        cycle=_cycle(book),
        next_close_on=seen.next_close_on,
        statements_ended=seen.statements_ended,
        coming_due_on=seen.coming_due_on,
        next_due_on=seen.next_due_on,
        minimum_due_cents=seen.minimum_due_cents,
        past_due_cents=seen.past_due_cents,
        days_past_due=seen.days_past_due,
        autopay=_autopay(book),
        plan=None if book.plan is None else _plan(book.plan),
        plans=tuple(_plan(p) for p in book.plans.values()),
        disputes=MappingProxyType({key: _dispute(d) for key, d in book.disputes.items()}),
        decisions=MappingProxyType({key: _decision(d) for key, d in book.decisions.items()}),
        promotions=tuple(
            PromotionState(p.promo_id, p.apr_bp, p.starts_on, p.ends_on, p.reason) for p in book.promotions
        ),
        overlays=tuple(_overlay(o) for o in book.overlays),
        reages=tuple(book.reages),
        charged_off_on=book.charged_off_on,
        forgiven_cents=book.forgiven,
        rates_ahead=_rates_ahead(book, rates),
        per_day_microcents=MappingProxyType(per_day(balances, rates)),
        interest_days=book.accrual.segments(),
        journal=Journal(book.calls),
    )


def _rates_ahead(book: Book, now: dict[str, int]) -> tuple[RatesFrom, ...]:
    today = book.accrual.next_day
    later = (RatesFrom(on, MappingProxyType(book.rates(on))) for on in book.rate_edges if on > today)
    return (RatesFrom(today, MappingProxyType(now)), *later)


def _overlay(overlay: Overlay) -> OverlayState:
    placed = overlay.placed
    return OverlayState(
        kind=placed.kind,
        since_on=placed.since_on,
        placed_on=overlay.placed_on,
        interest_stops_on=placed.interest_stops_on,
        chapter=placed.chapter,
        ended_on=overlay.ended_on,
        lifted_on=overlay.lifted_on,
        outcome=overlay.outcome,
    )


def _statements(book: Book, unpaid: dict[int, int]) -> tuple[StatementState, ...]:
    return tuple(
        StatementState(
            number=closed.issued.number,
            statement_id=closed.issued.statement_id,
            cycle_start=closed.issued.cycle_start,
            cycle_end=closed.issued.cycle_end,
            due_on=closed.issued.due_on,
            current_due_on=obligation.due_on,
            figures=closed.issued.figures,
            minimum_unpaid_cents=unpaid.get(closed.issued.number, 0),
            paid_on=obligation.paid_on if not obligation.unpaid else None,
            interest_cents=closed.interest,
            balance_cents=closed.balance,
        )
        for closed, obligation in zip(book.closed_cycles, book.obligations.all, strict=True)
    )


def _cycle(book: Book) -> CycleToDate:
    cycle = book.cycle
    return CycleToDate(
        started_on=cycle.started_on,
        draws_cents=cycle.draws,
        refunds_cents=cycle.refunds,
        payments_cents=cycle.payments,
        credits_cents=cycle.credits,
        fees_cents=cycle.fees,
        opening_balance_cents=cycle.opening_balance,
        opening_principal_cents=cycle.opening_principal,
        opening_interest_cents=cycle.opening_interest,
        opening_fees_cents=cycle.opening_fees,
        microcents_by_bucket=MappingProxyType(book.accrual.microcents.copy()),
        principal_days=book.accrual.principal_days,
        interest_released_cents=cycle.interest_released,
        fees_released_cents=cycle.fees_released,
    )


def _draw(draw: Draw) -> DrawState:
    requested = draw.requested
    assert requested is not None
    return DrawState(
        draw_id=draw.draw_id,
        amount_cents=requested.amount_cents,
        stage=draw.stage,
        speed=requested.speed,
        requested_on=draw.requested_on,
        settles_on=requested.settles_on,
        settled_on=draw.settled_on,
        hold_expires_on=requested.hold_expires_on,
        bank_account_id=requested.bank_account_id,
        outstanding_cents=draw.outstanding,
        disputed_cents=draw.disputed,
        credited_cents=draw.credited,
        failure_code=draw.failure_code,
    )


def _refund(refund: Refund) -> RefundState:
    fact = refund.refunded
    return RefundState(
        refund_id=fact.refund_id,
        amount_cents=fact.amount_cents,
        bank_account_id=fact.bank_account_id,
        refunded_on=refund.refunded_on,
        returned_on=refund.returned_on,
        return_code=refund.return_code,
    )


def _payment(payment: Payment) -> PaymentState:
    return PaymentState(
        payment_id=payment.payment_id,
        amount_cents=payment.amount,
        stage=payment.stage,
        scheduled_on=payment.scheduled_on,
        pay_on=payment.pay_on,
        received_on=payment.received_on,
        settled_on=payment.settled_on,
        returned_on=payment.returned_on,
        return_code=payment.return_code,
        cancelled_on=payment.cancelled_on,
        source=payment.source,
        bank_account_id=payment.bank_account_id,
        allocation=payment.allocation,
    )


def _fee(fee_id: str, fee: Fee) -> FeeState:
    return FeeState(
        fee_id=fee_id,
        kind=fee.charged.kind,
        amount_cents=fee.charged.amount_cents,
        charged_on=fee.charged_on,
        waived_cents=fee.waived,
        waiver_reason=fee.waiver_reason,
        waived_on=fee.waived_on,
        outstanding_cents=fee.outstanding,
        disputed_cents=fee.disputed,
        about=fee.charged.about,
        billed=fee.billed,
    )


def _plan(plan: Plan) -> PlanState:
    enrolled = plan.enrolled
    made, left = plan.progress()
    return PlanState(
        plan_id=enrolled.plan_id,
        kind=enrolled.kind,
        status=plan.status,
        enrolled_on=plan.enrolled_on,
        apr_bp=enrolled.apr_bp,
        payments=enrolled.payments,
        paid_cents=plan.paid,
        payments_made=made,
        next_payment=left,
        ends_on=enrolled.ends_on,
        ended_on=plan.ended_on,
        broken_on=plan.broken_on,
        cured_on=plan.cured_on,
        statement_number=enrolled.statement_number,
        new_due_on=enrolled.new_due_on,
        balance_cents=enrolled.balance_cents,
        interest_cents=enrolled.interest_cents,
        cancel_reason=plan.cancel_reason,
    )


def _dispute(dispute: Dispute) -> DisputeState:
    opened = dispute.opened
    return DisputeState(
        dispute_id=opened.dispute_id,
        kind=opened.kind,
        about=opened.about,
        amount_cents=opened.amount_cents,
        status=dispute.status,
        received_on=opened.received_on,
        acknowledge_by=opened.acknowledge_by,
        resolve_by=opened.resolve_by,
        late_notice=opened.late_notice,
        acknowledged_on=dispute.acknowledged_on,
        closed_on=dispute.closed_on,
        outcome=dispute.outcome,
        credited_cents=dispute.credited,
    )


def _decision(decision: Decision) -> DecisionState:
    fact = decision.decided
    return DecisionState(
        decision_id=fact.decision_id,
        kind=fact.kind,
        decided_on=decision.decided_on,
        asked_cents=fact.asked_cents,
        outcome=fact.outcome,
        limit_cents=fact.limit_cents,
        expires_on=fact.expires_on,
        reasons=fact.reasons,
        taken_on=decision.taken_on,
    )


def _autopay(book: Book) -> AutopayState | None:
    autopay = book.autopay
    if autopay is None:
        return None
    fact = autopay.set
    return AutopayState(
        fact.mode, fact.amount_cents, fact.bank_account_id, autopay.set_on, autopay.discounted
    )
