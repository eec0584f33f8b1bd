"""The servicing date: the wall clock in New York, moved ahead by the days kept in the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import Clock, Moment, eastern
from ledger_core.store.tables import servicing_clock

_OFFSET = select(servicing_clock.c.offset_days)


async def servicing_moment(conn: AsyncConnection, clock: Clock) -> Moment:
    """The servicing date and the wall time in New York, now."""
    now = eastern(clock.now())
    offset: int = (await conn.execute(_OFFSET)).scalar_one()
    return Moment(now.on + timedelta(days=offset), now.at)


async def advance(conn: AsyncConnection, days: int) -> None:
    """Move the servicing date ahead; for the batch role. It never goes back."""
    assert days >= 0, "the servicing date does not run backwards"
    column = servicing_clock.c.offset_days
    await conn.execute(update(servicing_clock).values(offset_days=column + days))
