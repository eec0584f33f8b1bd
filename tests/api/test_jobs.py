"""The background work: it starts by itself, catches up, and takes over from workers that died."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy.ext.asyncio import AsyncEngine

from api import duties, jobs
from api.jobs import WorkerContext, make_app, retry_stalled, running_worker
from ledger_core.dates import FixedClock
from ledger_core.store.postgres import customer, transaction
from tests.fixtures.books import open_book
from tools import proposals

TODAY = date(2026, 3, 16)


def _context(
    database: Any, engine: AsyncEngine, clock: FixedClock, caught_up: asyncio.Event
) -> WorkerContext:
    return WorkerContext(database.url("cashline_batch"), engine, clock, caught_up.set)


async def test_a_worker_catches_up_by_itself_and_stops_when_asked(
    database: Any, batch_engine: AsyncEngine, clock: FixedClock
) -> None:
    caught_up = asyncio.Event()
    async with running_worker(_context(database, batch_engine, clock, caught_up), alone=True):
        await asyncio.wait_for(caught_up.wait(), 60)
    assert caught_up.is_set()


async def test_a_worker_whose_database_went_away_works_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "AGAIN_SECONDS", 0)
    stopping, runs = asyncio.Event(), 0

    class Flaky:
        async def run_worker_async(self, **_: Any) -> None:
            nonlocal runs
            runs += 1
            if runs < 3:
                raise ConnectorException
            stopping.set()

    await asyncio.wait_for(jobs.keep_working(Flaky(), stopping), 5)  # type: ignore[arg-type]
    assert runs == 3


async def test_a_job_whose_worker_died_goes_back_into_the_queue(
    database: Any, batch_engine: AsyncEngine, clock: FixedClock
) -> None:
    app = make_app(_context(database, batch_engine, clock, asyncio.Event()))
    async with app.open_async():
        await app.tasks["expire"].defer_async(timestamp=0)
        job = await app.job_manager.fetch_job(None, worker_id=await app.job_manager.register_worker())
        assert job is not None
        assert await retry_stalled(app, 3600) == 0, "a worker that lives keeps its job"
        assert await retry_stalled(app, 0) == 1
        assert await app.job_manager.fetch_job(None, worker_id=None) is not None


async def test_a_proposal_whose_time_is_over_is_closed(
    engine: AsyncEngine, batch_engine: AsyncEngine, clock: FixedClock
) -> None:
    book = await open_book(engine)
    draft = proposals.Draft(
        book.customer_id, "conv_1", "turn_1", "make_payment", {}, {"amount_cents": 100}, "Pay $1.00", (), "en"
    )
    async with transaction(engine, customer(book.customer_id)) as conn:
        stored, _ = await proposals.add(conn, draft, clock.now())
    assert await duties.expire(batch_engine, clock) == 0
    clock.advance(proposals.LIFETIME + timedelta(seconds=1))
    assert await duties.expire(batch_engine, clock) == 1
    async with transaction(engine, customer(book.customer_id)) as conn:
        found = await proposals.find(conn, stored.id, book.customer_id)
    assert found is not None
    assert found.shown.status == "expired"


async def test_what_the_books_say_leaves_once(engine: AsyncEngine, batch_engine: AsyncEngine) -> None:
    await open_book(engine)
    assert await duties.outbox(batch_engine) > 0
    assert await duties.outbox(batch_engine) == 0


async def test_days_that_were_missed_are_done_once_each_with_the_banks_answers(
    engine: AsyncEngine, batch_engine: AsyncEngine, clock: FixedClock
) -> None:
    book = await open_book(engine, opened_on=TODAY)
    drawn = await book.draw(50_000, settle=False)
    assert await duties.nightly(batch_engine, clock) > 0
    clock.advance(timedelta(days=4))
    assert await duties.nightly(batch_engine, clock) > 0
    assert await duties.nightly(batch_engine, clock) == 0
    book.at = type(book.at)(TODAY + timedelta(days=4), book.at.at)
    assert (await book.state()).draws[drawn.draw_id].stage == "settled"
