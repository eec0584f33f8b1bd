"""What later facts undo: gathered before the walk, so that the walk can act as if it had never been."""

from collections.abc import Callable, Iterable
from typing import Any

from ledger_core.line.events import (
    DisputeOpened,
    DisputeResolved,
    DrawFailed,
    Fact,
    FeeWaived,
    PaymentCancelled,
    PaymentReturned,
    Recorded,
)


class Foresight:
    """Payments never credited, draws never advanced, fees and draws smaller than they were."""

    __slots__ = ("draws_failed", "fees_taken_back", "found", "payments_undone")

    def __init__(self, events: Iterable[Recorded]) -> None:
        self.payments_undone: set[str] = set()
        self.draws_failed: set[str] = set()
        self.fees_taken_back: dict[str, int] = {}
        self.found: dict[str, int] = {}
        """by dispute: the amount found for the customer"""
        for recorded in events:
            take_in = _UNDOING.get(type(recorded.fact))
            if take_in is not None:
                take_in(self, recorded.fact)

    @property
    def is_empty(self) -> bool:
        """Whether these facts undo none."""
        return not any(getattr(self, name) for name in self.__slots__)

    def found_about(self, disputes: Iterable[DisputeOpened]) -> dict[str, int]:
        """By draw or fee: how much disputes found for the customer took off."""
        found: dict[str, int] = {}
        for dispute in disputes:
            if dispute.about is not None and dispute.dispute_id in self.found:
                found[dispute.about] = found.get(dispute.about, 0) + self.found[dispute.dispute_id]
        return found


def _payment_undone(ahead: Foresight, fact: PaymentReturned | PaymentCancelled) -> None:
    ahead.payments_undone.add(fact.payment_id)


def _draw_failed(ahead: Foresight, fact: DrawFailed) -> None:
    ahead.draws_failed.add(fact.draw_id)


def _fee_waived(ahead: Foresight, fact: FeeWaived) -> None:
    if fact.reason != "courtesy":
        ahead.fees_taken_back[fact.fee_id] = ahead.fees_taken_back.get(fact.fee_id, 0) + fact.amount_cents


def _dispute_resolved(ahead: Foresight, fact: DisputeResolved) -> None:
    ahead.found[fact.dispute_id] = fact.amount_cents


_UNDOING: dict[type[Fact], Callable[[Foresight, Any], None]] = {
    PaymentReturned: _payment_undone,
    PaymentCancelled: _payment_undone,
    DrawFailed: _draw_failed,
    FeeWaived: _fee_waived,
    DisputeResolved: _dispute_resolved,
}
