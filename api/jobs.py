"""Background work as jobs on Postgres: the nights and the bank, expiries, the outbox.

Every job is idempotent and has a lock, so that any number of workers may run; a job whose worker died is
taken up by the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine

from api import duties
from ledger_core.bank.exchange import Bank
from ledger_core.dates import Clock

log = structlog.get_logger()

JOBS = Counter("cashline_jobs_total", "Background jobs that did something", ["job"])
WORKER_DEAD_SECONDS = 30
STOP_SECONDS = 10
AGAIN_SECONDS = 2

# Cron with seconds in the sixth place. A servicing date that is moved ahead is noticed within five seconds.
SCHEDULE = {
    "nightly": "* * * * * */5",
    "bank": "* * * * * */5",
    "expire": "* * * * * 0",
    "outbox": "* * * * * */2",
    "forget": "30 3 * * * 0",
    "retry_dead": "* * * * * 30",
}
_IN_TURN = {"bank": "nightly"}
"""both speak to the bank: one at a time"""


@dataclass(frozen=True)
class WorkerContext:
    """What the jobs work on."""

    url: str
    """of the batch role, for the queue's own connections"""
    engine: AsyncEngine
    """as the batch role"""
    clock: Clock
    bank: Bank | None
    """who takes our files and answers; None: nobody yet"""
    on_caught_up: Callable[[], None]


def make_app(context: WorkerContext) -> App:
    """The queue with its jobs and their schedule."""
    connector = PsycopgConnector(
        conninfo=context.url, kwargs={"options": "-c search_path=shared"}, min_size=1, max_size=4
    )
    app = App(connector=connector)

    async def retry_dead() -> int:
        return await retry_stalled(app, WORKER_DEAD_SECONDS)

    work: dict[str, Callable[[], Awaitable[int]]] = {
        "nightly": lambda: _nightly(context),
        "bank": lambda: duties.bank_work(context.engine, context.clock, context.bank),
        "expire": lambda: duties.expire(context.engine, context.clock),
        "forget": lambda: duties.forget(context.engine, context.clock),
        "outbox": lambda: duties.outbox(context.engine),
        "retry_dead": retry_dead,
    }
    for name, run in work.items():
        _register(app, name, run)
    return app


def _register(app: App, name: str, run: Callable[[], Awaitable[int]]) -> None:
    async def job(timestamp: int) -> None:
        done = await run()
        if done:
            JOBS.labels(name).inc(done)
            log.info("background job", job=name, done=done)

    task = app.task(name=name, queueing_lock=name, lock=_IN_TURN.get(name, name))(job)
    app.periodic(cron=SCHEDULE[name])(task)


async def _nightly(context: WorkerContext) -> int:
    done = await duties.nightly(context.engine, context.clock, context.bank)
    context.on_caught_up()
    return done


async def retry_stalled(app: App, seconds_since_heartbeat: int) -> int:
    """Puts the jobs of dead workers back into the queue; returns how many there were.

    Where the next of its kind waits already, that one does the work, and the dead one is put away.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds_since_heartbeat))
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    return len(stalled)


@asynccontextmanager
async def running_worker(context: WorkerContext, *, alone: bool) -> AsyncIterator[None]:
    """Runs the jobs in this process for as long as the context is open.

    alone: no other worker can be alive, so whatever looks as if it were running is left from a crash.
    """
    app = make_app(context)
    async with app.open_async():
        await retry_stalled(app, 0 if alone else WORKER_DEAD_SECONDS)
        stopping = asyncio.Event()
        worker = asyncio.create_task(keep_working(app, stopping))
        try:
            yield
        finally:
            stopping.set()
            worker.cancel()
            await asyncio.wait([worker], timeout=STOP_SECONDS)


async def keep_working(app: App, stopping: asyncio.Event) -> None:
    """Works until it is stopped; when the database goes away, again as soon as it is back."""
    while not stopping.is_set():
        try:
            await app.run_worker_async(
                concurrency=2,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=STOP_SECONDS,
                fetch_job_polling_interval=2,
            )
        except ConnectorException:
            log.warning("the queue can't be reached", again_in_seconds=AGAIN_SECONDS)
            await asyncio.sleep(AGAIN_SECONDS)
