"""Several processes that share the lines of a night out among them, each with connections of its own."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections.abc import Awaitable, Callable
from datetime import date
from multiprocessing.connection import Connection

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.nightly.night import Share
from ledger_core.nightly.report import NightlyReport
from ledger_core.store.postgres import make_engine

_GARBAGE_AFTER = 100_000
"""allocations: a batch of replayed lines is many objects, none of them garbage before its end"""

Work = Callable[[AsyncEngine, date, Share], Awaitable[NightlyReport]]


class WorkerDied(Exception):
    """A worker ended without a report; run the night again, it goes on where it was."""


async def in_workers(
    engine: AsyncEngine, work: Work, business_date: date, workers: int
) -> list[NightlyReport]:
    """The report of each share, in order, once all workers have ended. Raises WorkerDied.

    work: a function of a module, run once in each worker.
    """
    url = engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    started = []
    for number in range(workers):
        ours, theirs = context.Pipe(duplex=False)
        given = (theirs, url, work, business_date, Share(number, workers))
        process = context.Process(target=_work, args=given, daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    reports = [await asyncio.to_thread(_received, ours) for _, ours in started]
    for process, _ in started:
        await asyncio.to_thread(process.join)
    missing = [n for n, report in enumerate(reports) if report is None]
    if missing:
        raise WorkerDied(f"no report from workers {missing} of {workers} for {business_date}")
    return [report for report in reports if report is not None]


def _received(pipe: Connection) -> NightlyReport | None:
    """What the worker sent; None when it ended without a word."""
    try:
        report: NightlyReport = pipe.recv()
    except EOFError:
        return None
    return report


def _work(pipe: Connection, url: str, work: Work, business_date: date, share: Share) -> None:
    async def once() -> NightlyReport:
        engine = make_engine(url, pool_size=2)
        try:
            return await work(engine, business_date, share)
        finally:
            await engine.dispose()

    gc.set_threshold(_GARBAGE_AFTER, 20, 1000)
    pipe.send(asyncio.run(once()))
