"""The facts of a line: past tense, versioned, whole integers, dates and references only.

A fact holds no name, memo or free text, so that the books stay whole when personal data is erased.
`effective_on` (when it happened) lives on `Recorded`, as does `seq` (the order of writing).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, ClassVar, Protocol, Self

from ledger_core.line.statement_figures import StatementFigures

_DATED = ("_on", "_by", "_start", "_end")
_PLAIN = frozenset((int, str, bool, type(None)))


@dataclass(frozen=True, slots=True)
class PlanPayment:
    """One payment of a plan: at least this much by that day."""

    due_on: date
    amount_cents: int


class Fact:
    """Base of all facts: a stable type name, a version, and a payload of plain JSON values."""

    __slots__ = ()
    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1

    def to_payload(self) -> dict[str, Any]:
        """Integers, strings, booleans and ISO dates; what `from_payload` reads back."""
        return {name: _encode(getattr(self, name)) for name in _names(self.TYPE)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The fact again. Dates are recognised by the `_on`, `_by`, `_start` or `_end` of their names."""
        values = dict(payload)
        for name, decode in _decoders(cls.TYPE):
            value = values.get(name)
            if value is not None:
                values[name] = decode(value)
        return cls(**values)


def _encode(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, PlanPayment | StatementFigures):
        return {name: _encode(getattr(value, name)) for name in value.__slots__}
    return value


@cache
def _names(fact_type: str) -> tuple[str, ...]:
    return tuple(f.name for f in fields(_BY_TYPE[fact_type]))  # type: ignore[arg-type]


@cache
def _decoders(fact_type: str) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    """How the fields of that fact are read which JSON does not hold as they are."""
    read: dict[str, Callable[[Any], object]] = {"figures": _figures, "reasons": tuple, "payments": _payments}
    read |= {name: date.fromisoformat for name in _names(fact_type) if name.endswith(_DATED)}
    return tuple((name, read[name]) for name in _names(fact_type) if name in read)


def _figures(value: Mapping[str, int]) -> StatementFigures:
    return StatementFigures(**value)


def _payments(value: Iterable[Mapping[str, Any]]) -> tuple[PlanPayment, ...]:
    return tuple(PlanPayment(date.fromisoformat(p["due_on"]), p["amount_cents"]) for p in value)


@dataclass(frozen=True, slots=True)
class LineOpened(Fact):
    """The line exists from this day. The first cycle ends on `first_close_on`."""

    TYPE: ClassVar[str] = "LineOpened"
    product_id: str
    product_version: int
    limit_cents: int
    apr_bp: int
    due_day: int
    first_close_on: date
    state_code: str


@dataclass(frozen=True, slots=True)
class DrawRequested(Fact):
    """The customer asked for cash: a hold against the limit until it settles, fails or is cancelled."""

    TYPE: ClassVar[str] = "DrawRequested"
    draw_id: str
    amount_cents: int
    speed: str
    """standard or instant"""
    bank_account_id: str
    settles_on: date
    hold_expires_on: date


@dataclass(frozen=True, slots=True)
class DrawSettled(Fact):
    """The advance reached the customer's bank; interest runs from this day."""

    TYPE: ClassVar[str] = "DrawSettled"
    draw_id: str


@dataclass(frozen=True, slots=True)
class DrawFailed(Fact):
    """The bank refused the advance, or its hold expired (code `hold_expired`)."""

    TYPE: ClassVar[str] = "DrawFailed"
    draw_id: str
    code: str


@dataclass(frozen=True, slots=True)
class DrawCancelled(Fact):
    TYPE: ClassVar[str] = "DrawCancelled"
    draw_id: str


@dataclass(frozen=True, slots=True)
class PaymentScheduled(Fact):
    """The customer authorised a payment for a day; nothing is credited yet."""

    TYPE: ClassVar[str] = "PaymentScheduled"
    payment_id: str
    amount_cents: int
    pay_on: date
    bank_account_id: str
    source: str
    """customer, autopay or plan"""


@dataclass(frozen=True, slots=True)
class PaymentMoved(Fact):
    TYPE: ClassVar[str] = "PaymentMoved"
    payment_id: str
    pay_on: date


@dataclass(frozen=True, slots=True)
class PaymentCancelled(Fact):
    """Cancelled before its file left; one credited today is taken back as if never credited."""

    TYPE: ClassVar[str] = "PaymentCancelled"
    payment_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentReceived(Fact):
    """Credited as of `effective_on`, the day of receipt; of several facts about one payment the last counts."""

    TYPE: ClassVar[str] = "PaymentReceived"
    payment_id: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PaymentSettled(Fact):
    """The bank confirmed it; the amount is free to be drawn again."""

    TYPE: ClassVar[str] = "PaymentSettled"
    payment_id: str


@dataclass(frozen=True, slots=True)
class PaymentReturned(Fact):
    """The bank took it back: the books are as if the payment had never been credited."""

    TYPE: ClassVar[str] = "PaymentReturned"
    payment_id: str
    return_code: str


@dataclass(frozen=True, slots=True)
class FeeCharged(Fact):
    TYPE: ClassVar[str] = "FeeCharged"
    fee_id: str
    kind: str
    """late, returned_payment or membership"""
    amount_cents: int
    about: str | None
    """late: the statement id whose minimum was missed; returned_payment: the payment id"""


@dataclass(frozen=True, slots=True)
class FeeWaived(Fact):
    """A courtesy is a credit on its day; for an error or a dispute the fee is as if never charged."""

    TYPE: ClassVar[str] = "FeeWaived"
    fee_id: str
    credit_id: str
    reason: str
    """courtesy, error or dispute"""
    amount_cents: int


@dataclass(frozen=True, slots=True)
class CreditGranted(Fact):
    """A credit of the house, applied like a payment."""

    TYPE: ClassVar[str] = "CreditGranted"
    credit_id: str
    amount_cents: int
    reason: str


@dataclass(frozen=True, slots=True)
class CreditRefunded(Fact):
    """A credit balance went back to the customer's bank. Source: 12 CFR 1026.11(a)."""

    TYPE: ClassVar[str] = "CreditRefunded"
    refund_id: str
    amount_cents: int
    bank_account_id: str


@dataclass(frozen=True, slots=True)
class RefundReturned(Fact):
    """The bank sent a refund back: the credit balance is as if it had never left."""

    TYPE: ClassVar[str] = "RefundReturned"
    refund_id: str
    return_code: str


@dataclass(frozen=True, slots=True)
class RateChanged(Fact):
    """Another rate from `effective_on`.

    The autopay discount and the rate of a plan are not rate changes: they follow from AutopaySet
    and PlanEnrolled.
    """

    TYPE: ClassVar[str] = "RateChanged"
    apr_bp: int
    reason: str
    """product: the line's own rate. servicemember: the rate of draws settled before this day (SCRA).
    service_ended: those draws bear the line's own rate again, set to `apr_bp`."""


@dataclass(frozen=True, slots=True)
class AutopaySet(Fact):
    TYPE: ClassVar[str] = "AutopaySet"
    mode: str
    """minimum, statement_balance or fixed"""
    amount_cents: int | None
    bank_account_id: str


@dataclass(frozen=True, slots=True)
class AutopayStopped(Fact):
    TYPE: ClassVar[str] = "AutopayStopped"
    reason: str


@dataclass(frozen=True, slots=True)
class DueDateChanged(Fact):
    """Statements not yet issued fall due on another day of the month, first on `first_due_on`."""

    TYPE: ClassVar[str] = "DueDateChanged"
    due_day: int
    first_due_on: date


@dataclass(frozen=True, slots=True)
class StatementIssued(Fact):
    """A closed cycle and its document. Replayed last on its day, `cycle_end`; its figures stand."""

    TYPE: ClassVar[str] = "StatementIssued"
    statement_id: str
    number: int
    cycle_start: date
    cycle_end: date
    due_on: date
    figures: StatementFigures


@dataclass(frozen=True, slots=True)
class PlanEnrolled(Fact):
    """Agreed relief with its exact terms."""

    TYPE: ClassVar[str] = "PlanEnrolled"
    plan_id: str
    kind: str
    """extension, skip, relief, plan_12, plan_24 or settlement"""
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    statement_number: int | None
    """extension and skip: the statement whose minimum moves; relief: the one it halves, if any"""
    new_due_on: date | None
    ends_on: date
    balance_cents: int
    interest_cents: int


@dataclass(frozen=True, slots=True)
class PlanBroken(Fact):
    """A plan payment is more than ten days late; it may be cured once within thirty."""

    TYPE: ClassVar[str] = "PlanBroken"
    plan_id: str


@dataclass(frozen=True, slots=True)
class PlanCured(Fact):
    TYPE: ClassVar[str] = "PlanCured"
    plan_id: str


@dataclass(frozen=True, slots=True)
class PlanCompleted(Fact):
    TYPE: ClassVar[str] = "PlanCompleted"
    plan_id: str


@dataclass(frozen=True, slots=True)
class PlanCancelled(Fact):
    """The original terms return: the customer asked, or a broken plan was not cured (`not_cured`)."""

    TYPE: ClassVar[str] = "PlanCancelled"
    plan_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanReinstated(Fact):
    """It was broken or ended by mistake: what was written of that from `since_on` on is as if never said."""

    TYPE: ClassVar[str] = "PlanReinstated"
    plan_id: str
    since_on: date


@dataclass(frozen=True, slots=True)
class DisputeOpened(Fact):
    """A billing error notice. Source of the clocks: 12 CFR 1026.13."""

    TYPE: ClassVar[str] = "DisputeOpened"
    dispute_id: str
    kind: str
    """unauthorized, duplicate, wrong_amount, payment_not_credited or other"""
    about: str | None
    """a draw, payment or fee id"""
    amount_cents: int
    received_on: date
    acknowledge_by: date
    resolve_by: date
    late_notice: bool


@dataclass(frozen=True, slots=True)
class DisputeAcknowledged(Fact):
    TYPE: ClassVar[str] = "DisputeAcknowledged"
    dispute_id: str


@dataclass(frozen=True, slots=True)
class DisputeResolved(Fact):
    """What was found for the customer is taken off back to the day of the draw or fee."""

    TYPE: ClassVar[str] = "DisputeResolved"
    dispute_id: str
    outcome: str
    """for_customer, against_customer or partly"""
    amount_cents: int
    """the part found for the customer"""
    payment_id: str | None = None
    """the payment that was not credited and now is, where that puts it right: no other credit is given"""


@dataclass(frozen=True, slots=True)
class DisputeWithdrawn(Fact):
    TYPE: ClassVar[str] = "DisputeWithdrawn"
    dispute_id: str


@dataclass(frozen=True, slots=True)
class LineLocked(Fact):
    TYPE: ClassVar[str] = "LineLocked"
    reason: str
    """fraud, customer, specialist, identity or review (after a plan)"""


@dataclass(frozen=True, slots=True)
class LineUnlocked(Fact):
    TYPE: ClassVar[str] = "LineUnlocked"


@dataclass(frozen=True, slots=True)
class CreditDecided(Fact):
    """A credit decision; its evidence is in `core.decisions`. By itself it changes no balance and no limit."""

    TYPE: ClassVar[str] = "CreditDecided"
    decision_id: str
    kind: str
    """limit_request, limit_review or application"""
    asked_cents: int
    outcome: str
    """approved, counter_offer or declined"""
    limit_cents: int
    """the limit that may be taken up; the present one when declined"""
    expires_on: date
    """the last day on which it may be taken up"""
    reasons: tuple[str, ...]
    """the principal reasons against what was asked for, at most four: 12 CFR 1002.9(b)(2)"""


@dataclass(frozen=True, slots=True)
class LimitChanged(Fact):
    TYPE: ClassVar[str] = "LimitChanged"
    limit_cents: int
    reason: str
    """customer, specialist, product, decision (an offer taken up) or review (lowered by us)"""
    decision_id: str | None = None


@dataclass(frozen=True, slots=True)
class LineClosureRequested(Fact):
    TYPE: ClassVar[str] = "LineClosureRequested"


@dataclass(frozen=True, slots=True)
class LineClosed(Fact):
    TYPE: ClassVar[str] = "LineClosed"


@dataclass(frozen=True, slots=True)
class ChargedOff(Fact):
    """The accounting loss; the debt remains, interest stops. What is paid from then on is recovered."""

    TYPE: ClassVar[str] = "ChargedOff"


@dataclass(frozen=True, slots=True)
class PromotionGranted(Fact):
    """A rate for a stated period: each balance bears it or its own, if lower. It ends by itself.

    `starts_on` may lie before the day of writing, whose interest is then corrected, or after it.
    """

    TYPE: ClassVar[str] = "PromotionGranted"
    promo_id: str
    apr_bp: int
    starts_on: date
    ends_on: date
    """the last day it holds"""
    reason: str


@dataclass(frozen=True, slots=True)
class OverlayPlaced(Fact):
    """News about the holder that overrides the terms; recorded on the day of the notice.

    While it lies on the line: no draws, fees or autopay. A bankruptcy also stays all minimums: nothing is asked
    for and nothing ages.
    """

    TYPE: ClassVar[str] = "OverlayPlaced"
    kind: str
    """deceased or bankruptcy; one of each at a time"""
    since_on: date
    """the day of death, or of the filing"""
    interest_stops_on: date
    """no interest from this day on; what accrued since is corrected"""
    chapter: int | None
    """of the bankruptcy: 7, 11, 12 or 13"""


@dataclass(frozen=True, slots=True)
class OverlayLifted(Fact):
    """The terms return; interest of the time between does not come back."""

    TYPE: ClassVar[str] = "OverlayLifted"
    kind: str
    outcome: str
    """discharged or dismissed (bankruptcy), error: it was placed by mistake"""
    ended_on: date
    """the day of the order, or of the finding"""
    interest_resumes_on: date


@dataclass(frozen=True, slots=True)
class LineReaged(Fact):
    """The line is current again: what was past due is no longer asked for as such. What is owed stays.

    Source: FFIEC Uniform Retail Credit Classification and Account Management Policy, 65 FR 36903.
    """

    TYPE: ClassVar[str] = "LineReaged"
    kind: str
    """ordinary, or workout: after a repayment programme"""


@dataclass(frozen=True, slots=True)
class BalanceForgiven(Fact):
    """Debt that is no longer owed; never more than was owed, disputed amounts apart."""

    TYPE: ClassVar[str] = "BalanceForgiven"
    forgiveness_id: str
    amount_cents: int
    reason: str
    """settlement or discharged"""


FACTS: tuple[type[Fact], ...] = (
    LineOpened, DrawRequested, DrawSettled, DrawFailed, DrawCancelled,
    PaymentScheduled, PaymentMoved, PaymentCancelled, PaymentReceived, PaymentSettled, PaymentReturned,
    FeeCharged, FeeWaived, CreditGranted, CreditRefunded, RefundReturned, RateChanged,
    AutopaySet, AutopayStopped,
    DueDateChanged, StatementIssued, PlanEnrolled, PlanBroken, PlanCured, PlanCompleted, PlanCancelled,
    PlanReinstated,
    DisputeOpened, DisputeAcknowledged, DisputeResolved, DisputeWithdrawn,
    LineLocked, LineUnlocked, CreditDecided, LimitChanged, LineClosureRequested, LineClosed, ChargedOff,
    PromotionGranted, OverlayPlaced, OverlayLifted, LineReaged, BalanceForgiven,
)  # fmt: skip
_BY_TYPE = {fact.TYPE: fact for fact in FACTS}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact in the journal: when it happened, and its place in the order of writing."""

    event_id: str
    seq: int
    effective_on: date
    fact: Fact


class Stored(Protocol):
    """The columns of a stored event that make a fact again."""

    @property
    def event_id(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def effective_on(self) -> date: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


def from_stored(stored: Stored) -> Recorded:
    """The stored event as a fact. An unknown type is a KeyError: a reader never skips history."""
    fact = _BY_TYPE[stored.type].from_payload(stored.payload)
    return Recorded(stored.event_id, stored.seq, stored.effective_on, fact)
