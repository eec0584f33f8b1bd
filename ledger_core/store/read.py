"""Read a line: its head, its events, and the answer a key got before, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.postgres import tx_of

_READ_LINE = "SELECT core.read_line($1, $2, $3, $4, $5, $6)"


@dataclass(frozen=True)
class LineRow:
    """The head of a line as stored."""

    line_id: str
    customer_id: str
    product_id: str
    product_version: int
    status: str
    version: int
    """Grows by one with each append; what `expected_version` is checked against."""
    limit_cents: int
    opened_on: date
    chain_hash: bytes


class StoredEvent(NamedTuple):
    """One event of the journal; `seq` orders the events of a line as they were recorded, from 1."""

    event_id: str
    line_id: str
    seq: int
    type: str
    version: int
    effective_on: date
    recorded_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class PriorResult:
    """What was answered when the key was used before."""

    input_hash: str
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BankAccount:
    """As the customer knows it: the bank, the last four digits, their own name for it."""

    bank_account_id: str
    customer_id: str
    bank_name: str
    last4: str
    status: str
    """verified, pending, closed, or blocked: its bank says that a debit was not authorised"""
    nickname: str | None

    @property
    def is_verified(self) -> bool:
        return self.status == "verified"


@dataclass(frozen=True)
class LineSnapshot:
    """A line as of now, with its events by ascending `seq`."""

    line: LineRow
    events: tuple[StoredEvent, ...]
    prior: PriorResult | None
    account: BankAccount | None


async def read_line(
    conn: AsyncConnection, line_id: str, *, key: str | None = None, bank_account_id: str | None = None
) -> LineSnapshot | None:
    """The line and its events; None when there is none or this identity may not see it.

    key: also look up what was answered under it. bank_account_id: also look that account up.
    """
    (read,) = await tx_of(conn).ask(_READ_LINE, line_id, key, bank_account_id)
    if read is None:
        return None
    (*head, opened_on, chain_hash), events, prior, account = orjson.loads(read)
    head += date.fromisoformat(opened_on), bytes.fromhex(chain_hash)
    return LineSnapshot(
        line=LineRow(*head),
        events=tuple([_event(line_id, *values) for values in events or ()]),
        prior=None if prior is None else PriorResult(*prior),
        account=None if account is None else BankAccount(*account),
    )


def _event(
    line_id: str,
    event_id: str,
    seq: int,
    kind: str,
    version: int,
    effective_on: str,
    recorded_at: str,
    payload: dict[str, Any],
) -> StoredEvent:
    on, at = date.fromisoformat(effective_on), datetime.fromisoformat(recorded_at)
    return StoredEvent(event_id, line_id, seq, kind, version, on, at, payload)
