"""What a person of the demo book, or a colleague on their line, can do on a day. Amounts are cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger_core.demo.calendar import When

Measure = Literal["minimum", "past_due", "statement", "payoff", "available"]
"""An amount that only the books know on the day: what is billed, owed or left."""


@dataclass(frozen=True)
class ForMinimum:
    """The draw after which the next statement of an empty line bills this minimum, to the cent."""

    cents: int


@dataclass(frozen=True)
class Draw:
    """The customer asks for cash; account is an index into their bank accounts."""

    amount: int | ForMinimum | Literal["available"]
    speed: Literal["standard", "instant"] = "standard"
    account: int = 0
    memo: str | None = None


@dataclass(frozen=True)
class DrawRefused:
    """The customer asks for more cash than they may have, and is told why not."""

    amount: int


@dataclass(frozen=True)
class AskLimit:
    """The customer asks for a higher limit; it is decided at once."""

    limit: int


@dataclass(frozen=True)
class TakeUpLimit:
    """The customer takes up what was decided last."""


@dataclass(frozen=True)
class Pay:
    """The customer pays, today or on a day to come."""

    amount: int | Measure
    extra: int = 0
    on: When | None = None


@dataclass(frozen=True)
class AutopayOn:
    """The customer sets up autopay."""

    mode: Literal["minimum", "statement_balance", "fixed"]
    amount: int | None = None


@dataclass(frozen=True)
class AutopayOff:
    """The customer stops autopay."""


@dataclass(frozen=True)
class MoveDueDate:
    """The customer moves the due date by so many days of the month, within 1 to 28."""

    by: int


@dataclass(frozen=True)
class Enroll:
    """The customer enrolls in a payment programme."""

    kind: Literal["extension", "skip", "relief", "plan_12", "plan_24"]
    hardship: bool = True


@dataclass(frozen=True)
class Dispute:
    """The customer gives notice of an error about their newest draw (or payment) of that amount."""

    kind: Literal["unauthorized", "duplicate", "wrong_amount", "payment_not_credited", "other"]
    about: Literal["draw", "payment"]
    amount: int
    narrative: str


@dataclass(frozen=True)
class Acknowledge:
    """A specialist confirms the newest dispute in writing."""


@dataclass(frozen=True)
class Resolve:
    """A specialist resolves the newest dispute, for the customer or against them."""

    for_customer: bool


@dataclass(frozen=True)
class Lock:
    """The line is locked."""

    reason: Literal["fraud", "customer"]


@dataclass(frozen=True)
class Unlock:
    """A specialist unlocks the line."""


@dataclass(frozen=True)
class WaiveFee:
    """The newest late fee is given back as a courtesy."""


@dataclass(frozen=True)
class AskToClose:
    """The customer asks to close the line."""


@dataclass(frozen=True)
class CloseBank:
    """The customer closes a bank account of theirs: what is asked of it from now on comes back."""

    account: int = 0


Act = (
    Draw
    | DrawRefused
    | AskLimit
    | TakeUpLimit
    | Pay
    | AutopayOn
    | AutopayOff
    | MoveDueDate
    | Enroll
    | Dispute
    | Acknowledge
    | Resolve
    | Lock
    | Unlock
    | WaiveFee
    | AskToClose
    | CloseBank
)
