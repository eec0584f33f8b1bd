"""Sixteen clients on one line, and nights that race."""

import asyncio
from datetime import timedelta

from evals.faults import races
from evals.faults.caller import Tally
from evals.faults.stage import OPENED_ON, open_stage
from ledger_core import nightly
from ledger_core.nightly.alone import alone


async def test_sixteen_clients_never_draw_over_the_limit(arena):
    tally = Tally()
    came = await races.race_for_the_limit(arena, tally)
    assert tally.said == []
    assert came["done"] + came["refused"] == races.CLIENTS


async def test_one_key_from_sixteen_clients_has_one_effect_and_one_answer(arena):
    tally = Tally()
    await races.race_with_one_key(arena, tally)
    assert tally.said == []


async def test_a_night_and_its_customers_do_not_lose_each_others_work(arena):
    tally = Tally()
    await races.night_against_customers(arena, tally)
    assert tally.said == []


async def test_two_nights_at_once_are_one_night(arena):
    tally = Tally()
    came = await races.two_nights_at_once(arena, tally, nights=2)
    assert tally.said == []
    assert came == {"waited": 2}


async def test_a_night_begins_when_the_one_that_runs_has_ended(arena):
    async with arena.database() as database, arena.engine(database) as engine:
        await open_stage(engine)
        async with alone(engine):
            waiting = asyncio.create_task(nightly.run(engine, OPENED_ON + timedelta(days=1)))
            await asyncio.sleep(0.5)
            begun = await races.nights_begun(engine)
            assert (waiting.done(), begun) == (False, 0)
        await waiting
        assert await races.nights_begun(engine) == 1
