"""What later facts undo: gathered before the walk, so that the walk can act as if it had never been."""

from collections.abc import Iterable

from ledger_core.line.events import (
    DisputeOpened,
    DisputeResolved,
    DrawFailed,
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
            fact = recorded.fact
            if isinstance(fact, PaymentReturned | PaymentCancelled):
                self.payments_undone.add(fact.payment_id)
            elif isinstance(fact, DrawFailed):
                self.draws_failed.add(fact.draw_id)
            elif isinstance(fact, FeeWaived) and fact.reason != "courtesy":
                taken = self.fees_taken_back.get(fact.fee_id, 0) + fact.amount_cents
                self.fees_taken_back[fact.fee_id] = taken
            elif isinstance(fact, DisputeResolved):
                self.found[fact.dispute_id] = fact.amount_cents

    @property
    def is_empty(self) -> bool:
        """Whether these facts undo none."""
        return not (self.payments_undone or self.draws_failed or self.fees_taken_back or self.found)

    def found_about(self, disputes: Iterable[DisputeOpened]) -> dict[str, int]:
        """By draw or fee: how much disputes found for the customer took off."""
        found: dict[str, int] = {}
        for dispute in disputes:
            if dispute.about is not None and dispute.dispute_id in self.found:
                found[dispute.about] = found.get(dispute.about, 0) + self.found[dispute.dispute_id]
        return found
