"""Two independent computations of the same interest, compared to the micro-cent.

The nights wrote what the books knew then. Where a later fact changed days already accrued (a returned
payment, a resolved dispute), the difference of two replays of those days is written as a correction. What is
left is a difference that nobody can explain: it is reported and never written away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.line.events import (
    DisputeResolved,
    DrawFailed,
    FeeWaived,
    PaymentCancelled,
    PaymentReturned,
)
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState
from ledger_core.nightly.night import QUERIES, Night
from ledger_core.nightly.report import Difference
from ledger_core.nightly.worlds import read_worlds
from ledger_core.store.tables import accrual_checks, accrual_corrections

_THIRTIETHS = 30
_UNDOING = (DrawFailed, DisputeResolved, FeeWaived, PaymentCancelled, PaymentReturned)
"""facts by which the replay walks earlier days otherwise"""


async def reconcile(conn: AsyncConnection, night: Night, *, every_line: bool = False) -> None:
    """Check the lines touched since their last check and a thirtieth of the rest, or every line."""
    query = QUERIES["all_lines" if every_line else "to_reconcile"]
    thirtieth = night.on.toordinal() % _THIRTIETHS
    line_ids = list((await conn.execute(query, night.given(thirtieth=thirtieth))).scalars())
    if not line_ids:
        return
    worlds = await read_worlds(conn, line_ids, night.moment)
    await _correct(conn, night, worlds)
    await _compare(conn, night, worlds)
    night.count("reconcile", len(worlds))


def interest_through(state: LineState, day: date) -> int:
    """All interest of a line from its opening through that day, in micro-cents, by replay."""
    total = 0
    for segment in state.interest_days:
        if segment.from_day <= day:
            total += segment.microcents_per_day * ((min(segment.to_day, day) - segment.from_day).days + 1)
    return total


async def _correct(conn: AsyncConnection, night: Night, worlds: Sequence[World]) -> None:
    """What facts recorded since the last check changed about days that an earlier night accrued."""
    known = await _known(conn, [world.line.line_id for world in worlds])
    accrued_before = night.closed - timedelta(days=1)
    corrections = []
    for world in worlds:
        check = known.get(world.line.line_id)
        last_seq = 0 if check is None else check.last_seq
        if not _may_change_the_past(world, last_seq, night.closed):
            continue
        change = interest_through(world.state, accrued_before) - _as_known(world, last_seq, accrued_before)
        if change:
            corrections.append(_key(world) | {"corrected_on": night.on, "microcents": change})
    if corrections:
        await conn.execute(insert(accrual_corrections).on_conflict_do_nothing(), corrections)
        night.count("correct", len(corrections))


def _may_change_the_past(world: World, last_seq: int, closed: date) -> bool:
    """Whether a fact that the last check did not know dates back, or undoes an earlier one."""
    new = (fact for fact in world.recorded if fact.seq > last_seq)
    return any(fact.effective_on < closed or isinstance(fact.fact, _UNDOING) for fact in new)


def _as_known(world: World, last_seq: int, day: date) -> int:
    """The interest through that day as the last check knew it; 0 for a line that it did not know."""
    if last_seq == 0:
        return 0
    then = replay(world.product, world.recorded, as_of=world.at.on, known_at_seq=last_seq)
    return interest_through(then, day)


async def _compare(conn: AsyncConnection, night: Night, worlds: Sequence[World]) -> None:
    given = night.given(line_ids=[world.line.line_id for world in worlds])
    accrued = {row.line_id: row.microcents for row in await conn.execute(QUERIES["accrued"], given)}
    checks = []
    for world in worlds:
        replayed = interest_through(world.state, night.closed)
        written = accrued.get(world.line.line_id, 0)
        if written != replayed:
            night.report.differences.append(Difference(world.line.line_id, written, replayed))
        last_seq = max(fact.seq for fact in world.recorded)
        checks.append(_key(world) | {"last_seq": last_seq, "checked_on": night.on})
    upsert = insert(accrual_checks)
    changed = {name: upsert.excluded[name] for name in ("version", "last_seq", "checked_on")}
    await conn.execute(upsert.on_conflict_do_update(index_elements=["line_id"], set_=changed), checks)


async def _known(conn: AsyncConnection, line_ids: Sequence[str]) -> Mapping[str, Row[Any]]:
    query = select(accrual_checks).where(accrual_checks.c.line_id.in_(line_ids))
    return {row.line_id: row for row in await conn.execute(query)}


def _key(world: World) -> dict[str, Any]:
    line = world.line
    return {"line_id": line.line_id, "customer_id": line.customer_id, "version": line.version}
