"""Write to the books: `append` for one line, `append_many` for a batch of different lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.columns import APPEND_MANY, columns_of
from ledger_core.store.following import NOTHING, Following
from ledger_core.store.plain import encode
from ledger_core.store.postgres import driver_of, tx_of

_WRITE = "SELECT version, encode(chain_hash, 'hex') FROM core.write($1, $2, $3, $4, $5)"


@dataclass(frozen=True)
class NewEvent:
    """A fact to record. The payload holds ids, whole numbers, codes and ISO dates, never a person's words."""

    event_id: str
    type: str
    version: int
    effective_on: date
    payload: dict[str, Any]


@dataclass(frozen=True)
class NewPosting:
    """One leg of an entry; the amount is positive."""

    account: str
    side: Literal["debit", "credit"]
    amount_cents: int


@dataclass(frozen=True)
class NewEntry:
    """A journal entry of two or more postings whose debits equal its credits."""

    entry_id: str
    kind: str
    stage: Literal["pending", "posted", "void"]
    effective_on: date
    event_id: str | None
    reason: str
    postings: tuple[NewPosting, ...]


@dataclass(frozen=True)
class OutboxMessage:
    """A message for consumers, delivered at least once and in order within its line."""

    topic: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Projection:
    """What lists and the nightly work select by, after the new events."""

    status: str
    limit_cents: int
    principal_cents: int
    held_cents: int
    """Draws that have not settled."""
    owed_cents: int
    rate_bp: int
    disputed_cents: int
    next_close_on: date | None
    due_on: date | None
    days_past_due: int
    locked: bool
    plan_id: str | None
    """The plan in force; a line has one at most."""


@dataclass(frozen=True)
class NewLine:
    """The head of a line that this append opens; its expected version is 0, its projection is required."""

    customer_id: str
    product_id: str
    product_version: int
    opened_on: date


@dataclass(frozen=True)
class Append:
    """All that one command writes to one line."""

    line_id: str
    expected_version: int
    key: str
    """The idempotency key; unique within the line for 13 months."""
    input_hash: str
    result: object
    """The answer that a repeat of the key gets, as `encode` takes it."""
    events: tuple[NewEvent, ...]
    entries: tuple[NewEntry, ...] = ()
    outbox: tuple[OutboxMessage, ...] = ()
    projection: Projection | None = None
    new_line: NewLine | None = None


@dataclass(frozen=True)
class AppendResult:
    """Where the line stands after the append."""

    version: int
    chain_hash: bytes


async def append(conn: AsyncConnection, a: Append, following: Following = NOTHING) -> AppendResult:
    """Write one append and what follows from it in one round trip, inside the caller's transaction.

    The transaction raises VersionConflict (also when the key was claimed with the same input meanwhile: start
    again and read the prior result), KeyReused, OverLimit, LineNotFound, TransferRefused, BooksRefused (unbalanced
    entries among others), and is lost after any of them.
    """
    tx = tx_of(conn)
    await tx.begin()
    version, chain_hash = await tx.ask(_WRITE, encode(a), following.encoded())
    assert version is not None
    assert chain_hash is not None
    return AppendResult(int(version), bytes.fromhex(chain_hash.decode()))


async def send(conn: AsyncConnection, a: Append, following: Following = NOTHING) -> None:
    """The same without its answer: it may leave as late as the transaction ends, and be all of it."""
    await tx_of(conn).leave(_WRITE, encode(a), following.encoded())


async def append_many(conn: AsyncConnection, batch: Sequence[Append]) -> int:
    """Write many appends, all or none; for the batch role. Returns how many.

    Appends of one line are written in their order, each expecting the version the one before it left. A batch
    is one statement for all lines; the second append of any line needs a second one. A few thousand lines are
    a good batch. Raises as `append`.
    """
    driver = await driver_of(conn)
    for lines in _rounds(batch):
        await driver.execute(APPEND_MANY, columns_of(lines), prepare=True)
    return len(batch)


def _rounds(batch: Sequence[Append]) -> list[list[Append]]:
    """The first append of every line, then the second of those that have one, and so on."""
    seen: Counter[str] = Counter()
    rounds: list[list[Append]] = []
    for a in batch:
        if seen[a.line_id] == len(rounds):
            rounds.append([])
        rounds[seen[a.line_id]].append(a)
        seen[a.line_id] += 1
    return rounds
