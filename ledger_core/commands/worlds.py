"""Many lines in one round trip, replayed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.events import from_stored
from ledger_core.line.replay import Walk
from ledger_core.products import load
from ledger_core.store.postgres import driver_of
from ledger_core.store.read import LineRow

_READ = files("ledger_core.commands").joinpath("read_worlds.sql").read_bytes()


class _Stored(NamedTuple):
    event_id: str
    seq: int
    type: str
    effective_on: date
    payload: dict[str, Any]


async def read_worlds(conn: AsyncConnection, line_ids: Sequence[str], at: Moment) -> tuple[World, ...]:
    """The lines as of that moment's day, by ascending id; those this identity may not see are left out."""
    if not line_ids:
        return ()
    driver = await driver_of(conn)
    cursor = await driver.execute(_READ, {"line_ids": list(line_ids)}, prepare=True)
    return tuple([_world(LineRow(*head), events or [], at) for *head, events in await cursor.fetchall()])


def _world(line: LineRow, events: Sequence[list[Any]], at: Moment) -> World:
    product = load(line.product_id, line.product_version)
    recorded = tuple(
        from_stored(_Stored(event_id, seq, kind, date.fromisoformat(effective_on), payload))
        for event_id, seq, kind, effective_on, payload in events
    )
    return World(line, product, recorded, Walk(product, recorded, at.on), at)
