"""Interest of the day that ended, set-based: one statement over all plain lines, the others by replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.commands.worlds import read_worlds
from ledger_core.nightly.night import IDENTITY, QUERIES, Night, batches
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import accruals


async def accrue(night: Night) -> None:
    """Write `core.accruals` for the day that ended, in one transaction. A second run adds nothing."""
    async with transaction(night.engine, IDENTITY) as conn:
        apart = list((await conn.execute(QUERIES["accrue_apart"], night.given())).scalars())
        plain = await conn.execute(QUERIES["accrue"], night.given(apart=apart))
        night.count("accrue", plain.rowcount)
        for line_ids in batches(apart):
            await _accrue_by_replay(conn, night, line_ids)


async def age(night: Night) -> None:
    """Move the days past due of the projection to the day that opens: they grow without a fact."""
    async with transaction(night.engine, IDENTITY) as conn:
        night.count("age", (await conn.execute(QUERIES["age"], night.given())).scalar_one())


async def _accrue_by_replay(conn: AsyncConnection, night: Night, line_ids: Sequence[str]) -> None:
    worlds = await read_worlds(conn, line_ids, night.moment)
    rows = [row for world in worlds for row in _rows(world, night.closed)]
    if rows:
        await conn.execute(insert(accruals).on_conflict_do_nothing(), rows)
    night.count("accrue", len(rows))


def _rows(world: World, day: date) -> Iterator[dict[str, Any]]:
    for segment in world.walk.interest_days:
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
