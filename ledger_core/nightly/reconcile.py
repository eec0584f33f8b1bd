"""Two independent computations of the same money, compared: interest to the micro-cent, accounts to the cent.

The nights wrote what the books knew then. Where a later fact changed days already accrued (a returned
payment, a resolved dispute), the difference of two replays of those days is written as a correction. What is
left is a difference that nobody can explain: it is reported, kept in `core.reconciliation_differences`, and
never written away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.commands.worlds import read_worlds
from ledger_core.line.events import Recorded, StatementIssued
from ledger_core.line.foresight import LOOKS_BACK
from ledger_core.line.replay import Walk
from ledger_core.line.state import LineState
from ledger_core.nightly.night import IDENTITY, QUERIES, Night, batches
from ledger_core.nightly.report import Difference
from ledger_core.store.postgres import transaction

INTEREST = "interest"
_ONE_DAY = timedelta(days=1)
_THIRTIETHS = 30


@dataclass(frozen=True, slots=True)
class _Written:
    """What the books hold of a line beside its journal."""

    version: int
    checked_seq: int
    """the last event that the last check saw; 0 for a line that was never checked"""
    interest_microcents: int
    """of all nights through the day that ended, corrections included"""
    accounts: Mapping[str, int]
    """debits less credits by ledger account; those at zero are left out"""


async def reconcile(night: Night) -> None:
    """Check the lines touched since their last check, and a thirtieth of the rest."""
    thirtieth = night.on.toordinal() % _THIRTIETHS
    await _reconcile(night, "to_reconcile", night.given(thirtieth=thirtieth))


async def reconcile_all(night: Night) -> None:
    """Check every line."""
    await _reconcile(night, "all_lines", night.given())


async def _reconcile(night: Night, query: str, given: Mapping[str, Any]) -> None:
    """Batch by batch, each in a transaction of its own: a run that was cut off goes on where it was."""
    async with transaction(night.engine, IDENTITY) as conn:
        due = list((await conn.execute(QUERIES[query], given)).scalars())
    for line_ids in batches(due):
        async with transaction(night.engine, IDENTITY) as conn:
            await _check(conn, night, line_ids)
        night.count("reconcile", len(line_ids))


def interest_through(replayed: LineState | Walk, day: date) -> int:
    """All interest of a line from its opening through that day, in micro-cents, by replay."""
    total = 0
    for segment in replayed.interest_days:
        if segment.from_day <= day:
            total += segment.microcents_per_day * ((min(segment.to_day, day) - segment.from_day).days + 1)
    return total


async def _check(conn: AsyncConnection, night: Night, line_ids: Sequence[str]) -> None:
    worlds = await read_worlds(conn, line_ids, night.moment)
    rows = await conn.execute(QUERIES["written"], night.given(line_ids=list(line_ids)))
    written = {row[0]: _Written(*row[1:]) for row in rows}
    corrections: dict[str, int] = {}
    differences: list[Difference] = []
    for world in worlds:
        line_id = world.line.line_id
        change = _correction(world, written[line_id].checked_seq, night.closed)
        if change:
            corrections[line_id] = change
        differences += _differences(world, written[line_id], change, night.closed)
    await _keep(conn, night, worlds, corrections, differences)


def _correction(world: World, checked_seq: int, closed: date) -> int:
    """What facts since the last check changed about days that an earlier night accrued, in micro-cents."""
    if not any(_may_change_the_past(fact, closed) for fact in world.recorded if fact.seq > checked_seq):
        return 0
    day = closed - _ONE_DAY
    now = interest_through(world.walk, day)
    if checked_seq == 0:
        return now
    known = [fact for fact in world.recorded if fact.seq <= checked_seq]
    return now - interest_through(Walk(world.product, known, world.at.on), day)


def _may_change_the_past(new: Recorded, closed: date) -> bool:
    """Whether a fact may change interest of the days before the one that ended.

    A statement comes at the end of its day: one of the day before changes none of them.
    """
    if isinstance(new.fact, StatementIssued):
        return new.effective_on < closed - _ONE_DAY
    return new.effective_on < closed or isinstance(new.fact, LOOKS_BACK)


def _differences(world: World, written: _Written, corrected: int, closed: date) -> list[Difference]:
    line_id, walk = world.line.line_id, world.walk
    found = []
    interest, replayed = written.interest_microcents + corrected, interest_through(walk, closed)
    if interest != replayed:
        found.append(Difference(line_id, INTEREST, interest, replayed))
    ahead = any(fact.effective_on > world.at.on for fact in world.recorded)
    if ahead or written.version != world.line.version:
        return found  # the accounts hold more than this replay saw
    accounts = {account: cents for account, cents in walk.account_totals.items() if cents}
    if accounts != written.accounts:
        for account in sorted(accounts.keys() | written.accounts.keys()):
            books, ours = written.accounts.get(account, 0), accounts.get(account, 0)
            if books != ours:
                found.append(Difference(line_id, account, books, ours))
    return found


async def _keep(
    conn: AsyncConnection,
    night: Night,
    worlds: Sequence[World],
    corrections: Mapping[str, int],
    differences: Sequence[Difference],
) -> None:
    """Write the corrections, the differences, and how far each line was checked."""
    if corrections:
        corrected = [world for world in worlds if world.line.line_id in corrections]
        microcents = [corrections[world.line.line_id] for world in corrected]
        await conn.execute(QUERIES["correct"], night.given(**_heads(corrected), microcents=microcents))
        night.count("correct", len(corrections))
    if differences:
        by_id = {world.line.line_id: world for world in worlds}
        found = {
            "abouts": [d.about for d in differences],
            "written": [d.written for d in differences],
            "replayed": [d.replayed for d in differences],
        }
        heads = _heads([by_id[d.line_id] for d in differences])
        await conn.execute(QUERIES["keep_differences"], night.given(**heads, **found))
        night.report.differences += differences
    last_seqs = [max(fact.seq for fact in world.recorded) for world in worlds]
    await conn.execute(QUERIES["keep_checks"], night.given(**_heads(worlds), last_seqs=last_seqs))


def _heads(worlds: Sequence[World]) -> dict[str, list[Any]]:
    """Columns that every row about a line begins with."""
    return {
        "line_ids": [world.line.line_id for world in worlds],
        "customer_ids": [world.line.customer_id for world in worlds],
        "versions": [world.line.version for world in worlds],
    }
