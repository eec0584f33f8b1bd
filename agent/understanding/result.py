"""What a message says, as plain data. Spans are offsets into the customer's own text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["en", "es"]
Span = tuple[int, int]


@dataclass(frozen=True)
class Intent:
    """A wish, named as in labels.yaml. `confidence` is a calibrated probability in permille."""

    name: str
    confidence: int
    span: Span


@dataclass(frozen=True)
class Amount:
    cents: int
    text: str
    span: Span


@dataclass(frozen=True)
class DateMention:
    """A day, or the days `on` to `until` when the customer named a stretch ("last month")."""

    on: date
    until: date | None
    text: str
    span: Span


@dataclass(frozen=True)
class Right:
    """Words that start a duty. `evidence` is the customer's own clause."""

    name: str
    evidence: str
    source: Literal["rule", "classifier", "both"]


@dataclass(frozen=True)
class Understanding:
    """Everything read from one message. `intents` holds at least one, in the order they were said."""

    text: str
    language: Language
    intents: tuple[Intent, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[DateMention, ...]
    ordinals: tuple[int, ...]
    days_of_month: tuple[int, ...]
    rights: tuple[Right, ...]
    assent: Literal["yes", "no"] | None
    negated: tuple[str, ...]
    cancels: bool
    correction: bool
