"""The reconciliation by itself, between nights."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.nightly.night import IDENTITY, QUERIES, Night, Share
from ledger_core.nightly.reconcile import reconcile, reconcile_all
from ledger_core.nightly.report import NightlyReport
from ledger_core.nightly.workers import in_workers
from ledger_core.store.postgres import transaction


async def check_books(engine: AsyncEngine, *, full: bool, workers: int = 1) -> NightlyReport:
    """Hold the books against the replay as of the last night; what differs is in the report and kept.

    full: every line; else those touched since their last check, and a thirtieth of the rest. Raises
    LookupError while no night is done.
    """
    async with transaction(engine, IDENTITY) as conn:
        on: date | None = (await conn.execute(QUERIES["last_done"])).scalar()
    if on is None:
        raise LookupError("no night is done yet: there is nothing to hold the books against")
    work = _check_all if full else _check_some
    if workers == 1:
        return await work(engine, on, Share())
    report = NightlyReport(on)
    for done in await in_workers(engine, work, on, workers):
        report.add(done)
    return report


async def _check_all(engine: AsyncEngine, on: date, share: Share) -> NightlyReport:
    night = Night(engine, on, NightlyReport(on), share)
    await reconcile_all(night)
    return night.report


async def _check_some(engine: AsyncEngine, on: date, share: Share) -> NightlyReport:
    night = Night(engine, on, NightlyReport(on), share)
    await reconcile(night)
    return night.report
