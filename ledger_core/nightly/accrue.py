"""Interest of the day that ended, set-based: one statement over all plain lines, the others by replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.nightly.night import IDENTITY, QUERIES, Night
from ledger_core.nightly.reconcile import reconcile
from ledger_core.nightly.worlds import read_worlds
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import accruals


async def accrue_and_reconcile(night: Night) -> None:
    """Write `core.accruals` for the day that ended and hold them against the replay.

    A second run finds the rows and adds none.
    """
    async with transaction(night.engine, IDENTITY) as conn:
        await accrue(conn, night)
        await reconcile(conn, night)


async def accrue(conn: AsyncConnection, night: Night) -> None:
    """Write `core.accruals` for the day that ended."""
    apart = list((await conn.execute(QUERIES["accrue_apart"], night.given())).scalars())
    plain = await conn.execute(QUERIES["accrue"], night.given(apart=apart))
    rows = [
        row for world in await read_worlds(conn, apart, night.moment) for row in _rows(world, night.closed)
    ]
    if rows:
        await conn.execute(insert(accruals).on_conflict_do_nothing(), rows)
    night.count("accrue", plain.rowcount + len(rows))


def _rows(world: World, day: date) -> Iterator[dict[str, Any]]:
    for segment in world.state.interest_days:
        if segment.from_day <= day <= segment.to_day and segment.principal_cents and segment.apr_bp:
            yield {
                "line_id": world.line.line_id,
                "accrued_on": day,
                "bucket": segment.bucket,
                "customer_id": world.line.customer_id,
                "principal_cents": segment.principal_cents,
                "rate_bp": segment.apr_bp,
                "microcents": segment.microcents_per_day,
            }
