"""Interest accrued and not yet billed, per line, where later facts changed what the nights wrote."""

from __future__ import annotations

from datetime import date, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.gl.queries import QUERIES
from ledger_core.line.state import LineState

_ONE_DAY = timedelta(days=1)


async def changes_of_unbilled(conn: AsyncConnection, day: date) -> list[dict[str, object]]:
    """For each line whose accruals were corrected since the last closed day: replay less books, in micro-cents.

    The books: what the nights accrued since the last statement that is folded, and earlier changes. Lines that do
    not differ are left out.
    """
    found = await conn.execute(QUERIES["unbilled_of_corrected"], {"on": day})
    booked = {row.line_id: row for row in found}
    worlds = await read_worlds(conn, sorted(booked), Moment(day + _ONE_DAY, time()))
    changes: list[dict[str, object]] = []
    for world in worlds:
        books = booked[world.line.line_id]
        change = interest_between(world.state, books.billed_through, day) - books.microcents
        if change:
            changes.append({"line_id": world.line.line_id, "microcents": change})
    return changes


def interest_between(state: LineState, after: date | None, through: date) -> int:
    """Interest of the days after one day (from the opening when None) through another, in micro-cents."""
    total = 0
    for segment in state.interest_days:
        first = segment.from_day if after is None else max(segment.from_day, after + _ONE_DAY)
        days = (min(segment.to_day, through) - first).days + 1
        if days > 0:
            total += segment.microcents_per_day * days
    return total
