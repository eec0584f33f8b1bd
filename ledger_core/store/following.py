"""What follows from facts and is written beside the books: bank transfers, printed statements, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.plain import encode
from ledger_core.store.postgres import driver_of

Kind = Literal["payment", "draw", "refund"]
_FOLLOW = "SELECT core.follow(%s::jsonb)"


@dataclass(frozen=True)
class NewTransfer:
    """A transfer that waits for its file from now on. `effective_on` is the day its file names."""

    line_id: str
    transfer_id: str
    customer_id: str
    kind: Kind
    reference_id: str
    bank_account_id: str
    amount_cents: int
    effective_on: date


@dataclass(frozen=True)
class TransferStep:
    """A transfer goes on: moved, cancelled, submitted, settled or returned; no step for one that is past it."""

    line_id: str
    kind: Kind
    reference_id: str
    step: Literal["move", "cancel", "submit", "settle", "return"]
    on: date
    code: str | None = None
    """R01 to R99, of a return"""
    held_back: bool = False
    """TransferRefused, should its file have left"""


@dataclass(frozen=True)
class Following:
    """Rows for the tables beside the books, by the names of their columns."""

    transfers: Sequence[NewTransfer] = ()
    steps: Sequence[TransferStep] = ()
    statements: Sequence[Mapping[str, Any]] = ()
    decisions: Sequence[Mapping[str, Any]] = ()
    notices: Sequence[Mapping[str, Any]] = ()
    """of decisions among them"""

    def encoded(self) -> bytes | None:
        """As the database reads it; None when nothing follows."""
        return encode(self) if self.transfers or self.steps or self.statements or self.decisions else None


NOTHING = Following()


async def follow(conn: AsyncConnection, following: Following) -> None:
    """Write what follows from a batch of appends, in their transaction. Raises TransferRefused, BooksRefused."""
    encoded = following.encoded()
    if encoded is not None:
        driver = await driver_of(conn)
        await driver.execute(_FOLLOW, (encoded.decode(),), prepare=True)
