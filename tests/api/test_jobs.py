"""The background work: it starts by itself, catches up, and takes over from workers that died."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy.ext.asyncio import AsyncEngine

from api import duties, jobs
from api.jobs import WorkerContext, make_app, retry_stalled, running_worker
from ledger_core.bank.folder import FolderBank
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator
from ledger_core.dates import FixedClock, eastern
from ledger_core.demo.bank_simulator import SimulatedBank, return_file
from ledger_core.store.postgres import customer, transaction
from tests.fixtures.books import open_book
from tools import proposals

TODAY = date(2026, 3, 16)


def _context(
    database: Any, engine: AsyncEngine, clock: FixedClock, caught_up: asyncio.Event
) -> WorkerContext:
    return WorkerContext(database.url("cashline_batch"), engine, clock, SimulatedBank(engine), caught_up.set)


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


async def test_a_dead_job_gives_way_to_the_next_of_its_kind_that_waits_already(
    database: Any, batch_engine: AsyncEngine, clock: FixedClock
) -> None:
    app = make_app(_context(database, batch_engine, clock, asyncio.Event()))
    async with app.open_async():
        await app.tasks["expire"].defer_async(timestamp=0)
        dead = await app.job_manager.fetch_job(None, worker_id=await app.job_manager.register_worker())
        assert dead is not None
        await app.tasks["expire"].defer_async(timestamp=1)
        assert await retry_stalled(app, 0) == 1
        next_one = await app.job_manager.fetch_job(None, worker_id=None)
        assert next_one is not None
        assert next_one.id != dead.id


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
    bank = SimulatedBank(batch_engine)
    book = await open_book(engine, opened_on=TODAY)
    drawn = await book.draw(50_000, settle=False)
    assert await duties.nightly(batch_engine, clock, bank) == 1
    clock.advance(timedelta(days=4))
    assert await duties.nightly(batch_engine, clock, bank) == 4
    assert await duties.nightly(batch_engine, clock, bank) == 0
    assert await duties.bank_work(batch_engine, clock, bank) == 0
    book.at = type(book.at)(TODAY + timedelta(days=4), book.at.at)
    assert (await book.state()).draws[drawn.draw_id].stage == "settled"


async def test_files_leave_at_the_cut_off_and_answers_are_read_from_a_folder_once(
    engine: AsyncEngine, batch_engine: AsyncEngine, clock: FixedClock, tmp_path: Path
) -> None:
    bank = FolderBank(tmp_path)
    book = await open_book(engine, opened_on=TODAY)
    drawn = await book.draw(50_000, settle=False)
    await duties.nightly(batch_engine, clock, bank)
    assert await duties.bank_work(batch_engine, clock, bank) == 0
    assert list((tmp_path / "outgoing").iterdir()) == []
    clock.advance(timedelta(hours=20) - timedelta(hours=eastern(clock.now()).at.hour))
    assert await duties.bank_work(batch_engine, clock, bank) == 1
    assert await duties.bank_work(batch_engine, clock, bank) == 0
    (file,) = (tmp_path / "outgoing").iterdir()
    assert file.name == f"{TODAY:%Y%m%d}A.ach"
    (batch,) = read(file.read_bytes()).batches

    clock.advance(timedelta(hours=13))
    tomorrow = TODAY + timedelta(days=1)
    incoming = tmp_path / "incoming"
    arrives(incoming / "1.ach", b"no bank file")
    arrives(incoming / "2.ach", return_file(Originator(), tomorrow, [(batch.entries[0], "R03")]))
    (incoming / "3.ach").write_bytes(b"still being written")
    await duties.nightly(batch_engine, clock, bank)
    await duties.bank_work(batch_engine, clock, bank)
    book.at = type(book.at)(tomorrow, book.at.at)
    assert (await book.state()).draws[drawn.draw_id].stage == "failed"
    assert [p.name for p in incoming.iterdir() if p.is_file()] == ["3.ach"]
    assert [p.name[13:] for p in (incoming / "taken").iterdir()] == ["2.ach"]
    assert sorted(p.name[13:] for p in (incoming / "refused").iterdir()) == ["1.ach", "1.ach.reasons"]
    arrives(incoming / "2.ach", (next((incoming / "taken").iterdir())).read_bytes())
    version = (await book.world()).line.version
    assert await duties.bank_work(batch_engine, clock, bank) == 0
    assert (await book.world()).line.version == version


async def test_without_a_bank_files_wait_nothing_settles_and_what_may_arrive_keeps_its_hold(
    engine: AsyncEngine, batch_engine: AsyncEngine, clock: FixedClock
) -> None:
    book = await open_book(engine, opened_on=TODAY)
    drawn = await book.draw(50_000, settle=False)
    await duties.nightly(batch_engine, clock, None)
    clock.advance(timedelta(days=9))
    await duties.nightly(batch_engine, clock, None)
    assert await duties.bank_work(batch_engine, clock, None) == 0
    book.at = type(book.at)(TODAY + timedelta(days=9), book.at.at)
    assert (await book.state()).draws[drawn.draw_id].stage == "pending"
    assert book.at.on > (await book.state()).draws[drawn.draw_id].hold_expires_on


def arrives(place: Path, data: bytes) -> None:
    """A file that nobody has written to for an hour."""
    place.write_bytes(data)
    os.utime(place, times=(time.time() - 3600,) * 2)
