"""The mutable records of one replay: a draw, a payment, a fee, a dispute, a plan as they go along."""

from datetime import date

from ledger_core.line.events import (
    AutopaySet,
    CreditDecided,
    CreditRefunded,
    DisputeOpened,
    DrawRequested,
    FeeCharged,
    OverlayPlaced,
    PlanEnrolled,
    PlanPayment,
)
from ledger_core.line.state import PaymentAllocation


class Draw:
    __slots__ = (
        "credited", "disputed", "draw_id", "failure_code", "outstanding", "protected", "requested",
        "requested_on", "settled_on", "stage",
    )  # fmt: skip

    def __init__(self, draw_id: str, requested: DrawRequested | None, requested_on: date) -> None:
        self.draw_id = draw_id
        self.requested = requested
        """None for the shortfall of a refund, which is owed like a draw"""
        self.requested_on = requested_on
        self.stage = "pending"
        self.settled_on: date | None = None
        self.failure_code: str | None = None
        self.outstanding = self.disputed = self.credited = 0
        self.protected = False

    @property
    def bucket(self) -> str:
        return "protected" if self.protected else "standard"


class Payment:
    __slots__ = (
        "allocation", "amount", "bank_account_id", "cancelled_on", "pay_on", "payment_id", "received_on",
        "return_code", "returned_on", "scheduled_on", "settled_on", "source", "stage",
    )  # fmt: skip

    def __init__(self, payment_id: str, amount: int, pay_on: date, source: str, bank: str | None) -> None:
        self.payment_id = payment_id
        self.amount = amount
        self.pay_on = pay_on
        self.source = source
        self.bank_account_id = bank
        self.stage = "scheduled"
        self.scheduled_on: date | None = None
        self.received_on: date | None = None
        self.settled_on: date | None = None
        self.returned_on: date | None = None
        self.cancelled_on: date | None = None
        self.return_code: str | None = None
        self.allocation: PaymentAllocation | None = None


class Refund:
    __slots__ = ("refunded", "refunded_on", "return_code", "returned_on")

    def __init__(self, refunded: CreditRefunded, refunded_on: date) -> None:
        self.refunded = refunded
        self.refunded_on = refunded_on
        self.returned_on: date | None = None
        self.return_code: str | None = None


class Fee:
    __slots__ = (
        "billed", "charged", "charged_on", "disputed", "outstanding", "waived", "waived_on", "waiver_reason",
    )  # fmt: skip

    def __init__(self, charged: FeeCharged, charged_on: date, outstanding: int) -> None:
        self.charged = charged
        self.charged_on = charged_on
        self.outstanding = outstanding
        self.disputed = 0
        self.billed = False
        """on an issued statement"""
        self.waived = 0
        self.waiver_reason: str | None = None
        self.waived_on: date | None = None


class Dispute:
    __slots__ = (
        "acknowledged_on", "closed_on", "credited", "fee_part", "opened", "outcome", "parts",
        "status",
    )  # fmt: skip

    def __init__(self, opened: DisputeOpened) -> None:
        self.opened = opened
        self.status = "open"
        self.acknowledged_on: date | None = None
        self.closed_on: date | None = None
        self.outcome: str | None = None
        self.credited = 0
        self.parts: list[tuple[Draw, int]] = []
        """disputed principal by draw"""
        self.fee_part: tuple[Fee, int] | None = None


class Plan:
    __slots__ = (
        "broken_on", "cancel_reason", "cured_on", "ended_on", "enrolled", "enrolled_on", "paid", "replaced",
        "status",
    )  # fmt: skip

    def __init__(self, enrolled: PlanEnrolled, enrolled_on: date) -> None:
        self.enrolled = enrolled
        self.enrolled_on = enrolled_on
        self.status = "active"
        self.paid = 0
        self.replaced: int | None = None
        """relief: the minimum of the statement it halved, as printed"""
        self.broken_on: date | None = None
        self.cured_on: date | None = None
        self.ended_on: date | None = None
        self.cancel_reason: str | None = None

    def scheduled_through(self, due_on: date) -> int:
        """What the plan asks for up to and including that day."""
        return sum(p.amount_cents for p in self.enrolled.payments if p.due_on <= due_on)

    def progress(self) -> tuple[int, PlanPayment | None]:
        """How many payments are made in full, and what is left of the next one."""
        paid = self.paid
        for made, payment in enumerate(self.enrolled.payments):
            if paid < payment.amount_cents:
                return made, PlanPayment(payment.due_on, payment.amount_cents - paid)
            paid -= payment.amount_cents
        return len(self.enrolled.payments), None


class Autopay:
    __slots__ = ("discounted", "set", "set_on")

    def __init__(self, fact: AutopaySet, set_on: date) -> None:
        self.set = fact
        self.set_on = set_on
        self.discounted = True


class Decision:
    __slots__ = ("decided", "decided_on", "taken_on")

    def __init__(self, fact: CreditDecided, decided_on: date) -> None:
        self.decided = fact
        self.decided_on = decided_on
        self.taken_on: date | None = None


class Overlay:
    __slots__ = ("ended_on", "lifted_on", "outcome", "paid", "placed", "placed_on")

    def __init__(self, placed: OverlayPlaced, placed_on: date) -> None:
        self.placed = placed
        self.placed_on = placed_on
        self.paid = 0
        """while it stays the minimums: what met none of them"""
        self.ended_on: date | None = None
        self.lifted_on: date | None = None
        self.outcome: str | None = None

    @property
    def stays(self) -> bool:
        """Whether it stays the minimums now."""
        return self.placed.kind == "bankruptcy" and self.lifted_on is None
