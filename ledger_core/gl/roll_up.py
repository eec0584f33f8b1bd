"""Fold what the lines posted into the general ledger, exactly once, and close the day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.gl.allowance import rows_on
from ledger_core.gl.chart import chart
from ledger_core.gl.queries import IDENTITY, QUERIES
from ledger_core.gl.unbilled import changes_of_unbilled
from ledger_core.store.meaning import meaning_of
from ledger_core.store.postgres import transaction

LINES_PER_BATCH = 5000
"""a batch is one transaction; a crash takes one back"""


@dataclass(frozen=True, slots=True)
class RollUp:
    """What was folded, and the day that is closed with it."""

    booked_on: date
    batches: int
    lines: int
    postings: int
    """of the line ledgers"""
    entries: int
    """of the general ledger"""


async def roll_up(
    batch_engine: AsyncEngine, on: date, *, lines_per_batch: int = LINES_PER_BATCH
) -> tuple[RollUp, ...]:
    """Close a day of the general ledger: fold all lines through that day, book its interest and what its
    balances are expected to lose, and shut it.

    on: the business date that ended. A day that a crash left open is closed first. What is written later about
    that day is booked on the day that is open then. Empty when the day is closed already. The transactions run
    one after the other; killed between any two of them, the next run goes on and nothing is folded twice.
    Raises BooksRefused when the chart lacks an account, and names it.
    """
    try:
        async with transaction(batch_engine, IDENTITY) as conn:
            await _keep_chart(conn)
            open_days = (await conn.execute(QUERIES["open_days"], {"on": on})).scalars().all()
        return tuple([await _close(batch_engine, day, lines_per_batch) for day in open_days])
    except DBAPIError as failure:
        if isinstance(failure.orig, psycopg.Error):
            raise meaning_of(failure.orig) from failure
        raise


async def _close(engine: AsyncEngine, day: date, lines_per_batch: int) -> RollUp:
    batches = lines = postings = 0
    after: str | None = ""
    while after is not None:
        async with transaction(engine, IDENTITY) as conn:
            given = {"on": day, "after": after, "lines": lines_per_batch}
            folded = (await conn.execute(QUERIES["fold"], given)).one()
        after = folded.last_line
        batches += bool(folded.lines)
        lines += folded.lines
        postings += folded.postings
    async with transaction(engine, IDENTITY) as conn:
        changes = await changes_of_unbilled(conn, day)
        await conn.execute(QUERIES["adjust"], {"on": day, "changes": json.dumps(changes)})
    async with transaction(engine, IDENTITY) as conn:
        await conn.execute(QUERIES["provide"], {"on": day, "rates": json.dumps(rows_on(day))})
        entries: int = (await conn.execute(QUERIES["close_day"], {"on": day})).scalar_one()
    return RollUp(day, batches, lines, postings, entries)


async def _keep_chart(conn: AsyncConnection) -> None:
    accounts: list[dict[str, Any]] = [account.stored() for account in chart().values()]
    await conn.execute(QUERIES["keep_chart"], {"accounts": json.dumps(accounts)})
