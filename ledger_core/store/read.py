"""Read a line: its head, its events, and the answer a key got before, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.postgres import pipeline_of

_READ_LINE = files("ledger_core.store").joinpath("sql/read_line.sql").read_bytes()


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


@dataclass(frozen=True)
class StoredEvent:
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


@dataclass(frozen=True)
class LineSnapshot:
    """A line as of now, with its events by ascending `seq`."""

    line: LineRow
    events: tuple[StoredEvent, ...]
    prior: PriorResult | None


async def read_line(conn: AsyncConnection, line_id: str, *, key: str | None = None) -> LineSnapshot | None:
    """The line and its events; None when there is none or this identity may not see it.

    key: also look up what was answered under it.
    """
    driver = await pipeline_of(conn)
    cursor = await driver.execute(_READ_LINE, {"line_id": line_id, "key": key}, prepare=True)
    row = await cursor.fetchone()
    if row is None:
        return None
    *head, events, input_hash, result = row
    return LineSnapshot(
        line=LineRow(*head),
        events=tuple(_event(line_id, values) for values in events or ()),
        prior=None if input_hash is None else PriorResult(input_hash, result),
    )


def _event(line_id: str, values: list[Any]) -> StoredEvent:
    event_id, seq, kind, version, effective_on, recorded_at, payload = values
    return StoredEvent(
        event_id,
        line_id,
        seq,
        kind,
        version,
        date.fromisoformat(effective_on),
        datetime.fromisoformat(recorded_at),
        payload,
    )
