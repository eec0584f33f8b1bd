"""Drafts of journal entries: balanced by construction, amounts positive, side explicit."""

from datetime import date
from typing import Literal, NamedTuple

Side = Literal["debit", "credit"]
Stage = Literal["pending", "posted", "void"]


class Posting(NamedTuple):
    """One leg of an entry. amount_cents > 0."""

    account: str
    side: Side
    amount_cents: int

    @property
    def signed_cents(self) -> int:
        """Debits count up, credits down."""
        return self.amount_cents if self.side == "debit" else -self.amount_cents


class DraftEntry(NamedTuple):
    """One balanced event, not yet written. Made by `draft`, which checks it."""

    kind: str
    stage: Stage
    effective_on: date
    event_id: str | None
    """the fact it follows from; None for a correction between two replays"""
    postings: tuple[Posting, ...]
    reason: str = ""


def debit(account: str, amount_cents: int) -> Posting:
    return Posting(account, "debit", amount_cents)


def credit(account: str, amount_cents: int) -> Posting:
    return Posting(account, "credit", amount_cents)


def draft(
    kind: str,
    stage: Stage,
    effective_on: date,
    event_id: str | None,
    postings: tuple[Posting, ...],
    reason: str = "",
) -> DraftEntry:
    """The entry without its empty legs. INV-1: two legs or more, each positive, debits equal credits."""
    legs = []
    total = 0
    for leg in postings:
        _, side, cents = leg
        if cents:
            assert cents > 0
            total += cents if side == "debit" else -cents
            legs.append(leg)
    assert len(legs) >= 2
    assert total == 0
    return DraftEntry(kind, stage, effective_on, event_id, tuple(legs), reason)
