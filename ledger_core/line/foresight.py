"""What later facts undo: gathered before the walk, so that the walk can act as if it had never been."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from ledger_core.line.events import (
    DisputeOpened,
    DisputeResolved,
    DrawFailed,
    Fact,
    FeeWaived,
    OverlayLifted,
    OverlayPlaced,
    PaymentCancelled,
    PaymentReceived,
    PaymentReturned,
    PlanReinstated,
    PromotionGranted,
    Recorded,
    RefundReturned,
)


class RateSpan(NamedTuple):
    """Days on which no balance bears more than a rate."""

    from_on: date
    until_on: date | None
    """the first day it no longer holds; None: no end is known"""
    apr_bp: int


class Foresight:
    """Payments never credited or earlier; draws, refunds never made; fees smaller, plans unbroken, rates capped."""

    __slots__ = (
        "_spans", "_stops", "credited", "draws_failed", "fees_taken_back", "found", "payments_undone",
        "put_right", "refunds_returned", "reinstated",
    )  # fmt: skip

    def __init__(self, events: Iterable[Recorded]) -> None:
        self.payments_undone: set[str] = set()
        self.draws_failed: set[str] = set()
        self.refunds_returned: set[str] = set()
        self.fees_taken_back: dict[str, int] = {}
        self.found: dict[str, int] = {}
        """by dispute: the amount found for the customer"""
        self.put_right: set[str] = set()
        """disputes that a payment put right"""
        self.credited: dict[str, int] = {}
        """by payment: the last fact that credits it"""
        self.reinstated: list[tuple[PlanReinstated, int]] = []
        """with their places in the order of writing"""
        self._spans: list[RateSpan] = []
        self._stops: dict[str, date] = {}
        """by overlay that lies on the line: since when no interest runs"""
        self.see(events)

    def see(self, events: Iterable[Recorded]) -> None:
        """Know of these facts too."""
        for recorded in events:
            take_in = _UNDOING.get(type(recorded.fact))
            if take_in is not None:
                take_in(self, recorded, recorded.fact)

    def touches(self, walked: "Foresight") -> bool:
        """Whether these facts undo any that were walked with that foresight."""
        undone = self.payments_undone or self.draws_failed or self.refunds_returned or self.fees_taken_back
        again = self.credited.keys() & walked.credited.keys()
        capped = self._spans or self._stops
        return bool(undone or self.found or self.reinstated or again or capped)

    def never_ended(self, plan_id: str, recorded: Recorded) -> bool:
        """Whether this break or end of a plan, or its cure, was a mistake taken back since."""
        return any(
            fact.plan_id == plan_id and recorded.effective_on >= fact.since_on and recorded.seq < seq
            for fact, seq in self.reinstated
        )

    def rate_spans(self) -> tuple[RateSpan, ...]:
        """Promotions, and overlays that stop interest."""
        return (*self._spans, *(RateSpan(on, None, 0) for on in self._stops.values()))

    def found_about(self, disputes: Iterable[DisputeOpened]) -> dict[str, int]:
        """By draw or fee: how much disputes found for the customer took off."""
        found: dict[str, int] = {}
        for dispute in disputes:
            if dispute.about is not None and dispute.dispute_id in self.found:
                found[dispute.about] = found.get(dispute.about, 0) + self.found[dispute.dispute_id]
        return found


def _payment_received(ahead: Foresight, recorded: Recorded, fact: PaymentReceived) -> None:
    ahead.credited[fact.payment_id] = max(recorded.seq, ahead.credited.get(fact.payment_id, 0))


def _payment_undone(ahead: Foresight, recorded: Recorded, fact: PaymentReturned | PaymentCancelled) -> None:
    ahead.payments_undone.add(fact.payment_id)


def _draw_failed(ahead: Foresight, recorded: Recorded, fact: DrawFailed) -> None:
    ahead.draws_failed.add(fact.draw_id)


def _refund_returned(ahead: Foresight, recorded: Recorded, fact: RefundReturned) -> None:
    ahead.refunds_returned.add(fact.refund_id)


def _fee_waived(ahead: Foresight, recorded: Recorded, fact: FeeWaived) -> None:
    if fact.reason != "courtesy":
        ahead.fees_taken_back[fact.fee_id] = ahead.fees_taken_back.get(fact.fee_id, 0) + fact.amount_cents


def _dispute_resolved(ahead: Foresight, recorded: Recorded, fact: DisputeResolved) -> None:
    ahead.found[fact.dispute_id] = fact.amount_cents
    if fact.payment_id is not None:
        ahead.put_right.add(fact.dispute_id)


def _plan_reinstated(ahead: Foresight, recorded: Recorded, fact: PlanReinstated) -> None:
    ahead.reinstated.append((fact, recorded.seq))


def _promotion_granted(ahead: Foresight, recorded: Recorded, fact: PromotionGranted) -> None:
    ahead._spans.append(RateSpan(fact.starts_on, fact.ends_on + timedelta(days=1), fact.apr_bp))


def _overlay_placed(ahead: Foresight, recorded: Recorded, fact: OverlayPlaced) -> None:
    ahead._stops[fact.kind] = fact.interest_stops_on


def _overlay_lifted(ahead: Foresight, recorded: Recorded, fact: OverlayLifted) -> None:
    resumes_on = fact.interest_resumes_on
    ahead._spans.append(RateSpan(ahead._stops.pop(fact.kind, resumes_on), resumes_on, 0))


_UNDOING: dict[type[Fact], Callable[[Foresight, Recorded, Any], None]] = {
    PaymentReceived: _payment_received,
    PaymentReturned: _payment_undone,
    PaymentCancelled: _payment_undone,
    DrawFailed: _draw_failed,
    RefundReturned: _refund_returned,
    FeeWaived: _fee_waived,
    DisputeResolved: _dispute_resolved,
    PlanReinstated: _plan_reinstated,
    PromotionGranted: _promotion_granted,
    OverlayPlaced: _overlay_placed,
    OverlayLifted: _overlay_lifted,
}
LOOKS_BACK = tuple(fact for fact in _UNDOING if fact is not PaymentReceived)
"""facts by which the walk goes otherwise on days before their own"""
