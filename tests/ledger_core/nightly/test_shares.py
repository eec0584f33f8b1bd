"""Nights cut into shares, batches and pieces: the same books as one undisturbed night."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core import nightly
from ledger_core.nightly import check_books, run
from ledger_core.nightly.night import Night, Share
from ledger_core.nightly.run import work
from ledger_core.store.postgres import make_engine, transaction
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, MEMBER, SYSTEM, World, begin
from tests.ledger_core.nightly.test_nights import CutOff, said


async def test_workers_leave_the_books_that_one_process_leaves(
    batch_engine: AsyncEngine, another: str
) -> None:
    other_engine = make_engine(another)
    alone, shared = await begin(batch_engine), await begin(other_engine)
    closes_on = (await alone.state(LATE)).next_close_on
    before = (closes_on - alone.today).days
    await alone.pass_days(before)
    await shared.pass_days(before)
    shared.today += timedelta(days=1)
    report = await run(other_engine, shared.today, workers=2)
    (expected,) = await alone.pass_days(1)
    assert report.counts == expected.counts
    assert await said(shared) == await said(alone)
    await other_engine.dispose()


async def test_a_night_cut_off_between_any_two_pieces_of_work_leaves_the_same_books(
    batch_engine: AsyncEngine, another: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_engine = make_engine(another)
    whole, cut = await begin(whole_engine), await begin(batch_engine)
    days = 62
    await whole.pass_days(days)
    monkeypatch.setattr("ledger_core.nightly.night.LINES_PER_BATCH", 1)
    real = Night.count
    deaths = 0
    for day in range(days):
        pieces = 0

        def count(night: Night, step: str, by: int = 1) -> None:
            nonlocal pieces
            pieces += 1
            if pieces > day % 8:  # noqa: B023  the day in which it is called
                raise CutOff
            real(night, step, by)

        with monkeypatch.context() as patch:
            patch.setattr(Night, "count", count)
            try:
                await run(batch_engine, cut.today + timedelta(days=1))
            except CutOff:
                deaths += 1
        await cut.pass_days(1)
    assert deaths > 20
    assert await said(cut) == await said(whole)
    await whole_engine.dispose()


async def test_a_share_that_was_done_is_not_done_again_and_another_cut_of_the_shares_does_no_harm(
    batch_engine: AsyncEngine, another: str
) -> None:
    whole_engine = make_engine(another)
    whole, cut = await begin(whole_engine), await begin(batch_engine)
    for day in range(52):
        on = cut.today + timedelta(days=1)
        if day % 5 == 0:
            await work(batch_engine, on, Share(day % 3, 3))
        await cut.pass_days(1)
        await whole.pass_days(1)
    assert await said(cut) == await said(whole)
    await whole_engine.dispose()


async def test_the_report_of_a_night_that_was_cut_off_tells_what_was_done_before(
    batch_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await begin(batch_engine)
    closes_on = (await world.state(LATE)).next_close_on
    await world.pass_days((closes_on - world.today).days)

    async def die(night: Night) -> None:
        raise CutOff

    steps = nightly.run.__globals__["STEPS"]
    with monkeypatch.context() as patch:
        patch.setitem(nightly.run.__globals__, "STEPS", (*steps[:-2], die))
        with pytest.raises(CutOff):
            await run(batch_engine, world.today + timedelta(days=1))
    (report,) = await world.pass_days(1)
    assert report.counts["close"] == 3
    kept = "SELECT report -> 'counts' -> 'close' FROM core.business_days WHERE business_date = :on"
    assert await world.rows(kept, on=world.today) == [(3,)]


async def test_days_past_due_of_the_projection_grow_every_night(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(60)
    query = "SELECT line_id, days_past_due, due_on FROM core.line_projection ORDER BY line_id"
    for _ in range(8):
        await world.pass_days(1)
        replayed = [(n, await world.state(n)) for n in (AUTOPAY, LATE, MEMBER)]
        expected = [(n, state.days_past_due, state.next_due_on) for n, state in replayed]
        assert await world.rows(query) == expected
    assert (await world.state(LATE)).days_past_due > 10


async def test_an_account_that_differs_from_the_replay_is_found_by_the_reconciliation(
    batch_engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    world = await begin(batch_engine)
    await world.pass_days(5)
    assert (await check_books(batch_engine, full=True)).differences == []
    async with transaction(owner_engine, SYSTEM) as conn:
        await conn.execute(
            text(
                "UPDATE core.ledger_balances SET debit_cents = debit_cents + 5"
                " WHERE line_id = :line_id AND account = 'principal_receivable'"
            ),
            {"line_id": MEMBER},
        )
    (found,) = (await check_books(batch_engine, full=True)).differences
    assert (found.line_id, found.about) == (MEMBER, "principal_receivable")
    assert (found.written, found.replayed) == (20_005, 20_000)


async def test_interest_of_a_line_that_is_not_there_is_refused(batch_engine: AsyncEngine) -> None:
    world = World(batch_engine)
    accrual = (
        "INSERT INTO core.accruals (line_id, accrued_on, bucket, customer_id, principal_cents, rate_bp, microcents)"
        " VALUES ('line_nobody', '2026-03-02', 'standard', 'cus_1', 1, 1, 1) RETURNING 1"
    )
    with pytest.raises(Exception, match="not there"):
        await world.rows(accrual)
