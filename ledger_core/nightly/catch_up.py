"""After days switched off, each missed night is done once, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.dates import Clock
from ledger_core.nightly.night import IDENTITY, QUERIES
from ledger_core.nightly.report import NightlyReport
from ledger_core.nightly.run import run
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import transaction

AfterNight = Callable[[date], Awaitable[object]]


async def catch_up(
    batch_engine: AsyncEngine,
    clock: Clock,
    *,
    after_night: AfterNight | None = None,
    workers: int = 1,
) -> Sequence[NightlyReport]:
    """Run every night not yet done up to the servicing date; the reports in order, none when all is done.

    after_night: what follows each night before the next, given its date: what the bank has to say.
    A book without a night behind it begins with the servicing date.
    """
    async with transaction(batch_engine, IDENTITY) as conn:
        today = (await servicing_moment(conn, clock)).on
        first: date | None = (await conn.execute(QUERIES["undone_since"])).scalar()
    day = first or today
    reports = []
    while day <= today:
        reports.append(await run(batch_engine, day, workers=workers))
        if after_night is not None:
            await after_night(day)
        day += timedelta(days=1)
    return reports


async def is_done(conn: AsyncConnection, on: date) -> bool:
    """Whether the night into that date is done."""
    return (await conn.execute(QUERIES["day_done"], {"today": on})).first() is not None
