"""Every nightly step, broken between any two of its statements; the night is run again, and compared."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from evals.faults.arena import Arena
from evals.faults.books import Books, compare, look
from evals.faults.caller import Tally, send_until_heard
from evals.faults.inject import HOWS, gate
from evals.faults.town import Town, found
from ledger_core import nightly
from ledger_core.dates import FixedClock
from ledger_core.nightly.run import STEPS

_CODES = frozenset(step.__code__ for step in STEPS)
NIGHTS = 215
"""until the last of the town's lines is charged off and its oldest credit balance refunded"""


async def break_nights(
    arena: Arena,
    tally: Tally,
    seed: int,
    *,
    nights: int = NIGHTS,
    from_night: int = 1,
    breaks_max: int | None = None,
    progress: Callable[[str], object] = print,
) -> Counter[str]:
    """Live the town's nights; returns by step how many of its trips to the server were broken.

    A step is broken again on each night on which it makes more trips than it ever did: that is when it has
    something new to do. from_night: nights before it are only lived. breaks_max: a seeded sample per night.
    """
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    async with arena.database() as database, arena.engine(database) as engine:
        town = await found(engine)
        for number in range(1, nights + 1):
            town.today += timedelta(days=1)
            if number < from_night:
                await nightly.run(engine, town.today)
            else:
                with arena.kept(database) as put_back:
                    trips, twin = await _undisturbed(engine, town.today)
                    made = Counter(trips)
                    chosen = [n for n, step in enumerate(trips, 1) if made[step] > seen[step]]
                    chosen = chosen if breaks_max is None else _sample(rng, chosen, breaks_max)
                    for trip in chosen:
                        put_back()
                        await _break(engine, town.today, trip, rng.choice(HOWS), trips[trip - 1], twin, tally)
                    if chosen:
                        progress(f"  {town.today}: {len(chosen)} of {len(trips)} trips broken")
                broken.update(trips[trip - 1] for trip in chosen)
                seen |= made
            await town.morning()
            await town.people()
    return broken


async def days_off(arena: Arena, tally: Tally, *, lived: int = 1, off: int = 5) -> int:
    """Switched off for some days, and those nights caught up; a twin had each in its time. Returns how many."""
    books, caught_up = [], 0
    for late in (False, True):
        async with arena.database() as database, arena.engine(database) as engine:
            town = await found(engine)
            for _ in range(lived):
                town.today += timedelta(days=1)
                await nightly.run(engine, town.today)
            back = town.today + timedelta(days=off)

            async def bank(on: date, town: Town = town) -> None:
                town.today = on
                await town.morning()

            if late:
                clock = FixedClock(datetime(back.year, back.month, back.day, 15, tzinfo=UTC))
                caught_up = len(await nightly.catch_up(engine, clock, after_night=bank))
            else:
                for number in range(1, off + 1):
                    on = back - timedelta(days=off - number)
                    await nightly.run(engine, on)
                    await bank(on)
            books.append(await look(engine))
    tally.judge(f"{off} days off", compare(books[1], books[0]))
    if caught_up != off:
        tally.said.append(f"after {off} days off, {caught_up} nights were caught up")
    return caught_up


async def _undisturbed(engine: AsyncEngine, on: date) -> tuple[list[str], Books]:
    """Which step made each trip to the server, and the books after the night."""
    with gate(watched=_CODES) as counted:
        await nightly.run(engine, on)
    return counted.whose, await look(engine)


async def _break(
    engine: AsyncEngine, on: date, trip: int, how: str, step: str, twin: Books, tally: Tally
) -> None:
    with gate(trip, how) as broken:
        await send_until_heard(lambda: nightly.run(engine, on), tally)
    await nightly.run(engine, on)
    what = f"night {on}, {step or 'the frame'}, trip {trip} {how}"
    tally.kills += broken.broke
    if not broken.broke:
        tally.said.append(f"{what}: was never reached")
    tally.judge(what, compare(await look(engine), twin))


def _sample(rng: random.Random, chosen: list[int], most: int) -> list[int]:
    return sorted(rng.sample(chosen, most)) if len(chosen) > most else chosen
