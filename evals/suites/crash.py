"""Guarantees shown: every command and nightly step broken on purpose, and the books compared with undisturbed twins.

`kills` counts failures injected in process, `real_kills` processes that were killed. `lost` and `doubled` count
what the books then lacked or held twice, `broken` invariants that did not hold, `said_twice` what a customer was told
a second time or otherwise; each must be zero.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from evals.faults import killing, kills, locks, races, turns
from evals.faults.arena import Arena, arena, durable_home
from evals.faults.caller import Tally
from evals.faults.command_faults import break_command
from evals.faults.delivery import deliver_badly
from evals.faults.night_faults import break_nights, days_off
from evals.faults.orders import all_orders
from evals.faults.outcomes import STEPS
from evals.faults.scenes import SCENES, missing
from evals.figures import Figures

Part = Callable[[Arena, Tally, int], Awaitable[None]]
NIGHT_BREAKS_MAX = 12
DELIVERIES = 10
DAYS_BEFORE_OFF = (1, 15, 27)


def run(options: Any) -> Figures:
    """How many failures were injected, and what came of them. `options.seed` repeats a run."""
    print(f"seed {options.seed}", flush=True)
    tally = Tally()
    chosen = [part for part in PARTS if options.part in (None, part.__name__.strip("_"))]
    with arena() as made:
        for part in chosen:
            began, kills = time.monotonic(), tally.kills + tally.real_kills
            print(f"{part.__doc__} …", flush=True)
            asyncio.run(part(made, tally, options.seed))
            done = tally.kills + tally.real_kills - kills
            print(
                f"  {done} failures in {time.monotonic() - began:.0f} s, {len(tally.said)} wrong", flush=True
            )
    return Figures(
        name="crash",
        kind="suite",
        data=f"seed {options.seed}",
        n=tally.kills + tally.real_kills,
        figures={
            "kills": tally.kills,
            "real_kills": tally.real_kills,
            "lost": tally.lost,
            "doubled": tally.doubled,
            "broken": tally.broken,
            "said_twice": tally.said_twice,
            "resends": tally.resends,
        },
        notes=tally.said[:40],
        failed=not tally.sound,
    )


async def _commands(made: Arena, tally: Tally, seed: int) -> None:
    """Each command, alone and in an open transaction, every trip to the server refused, cut and unheard"""
    if missing():
        raise AssertionError(f"no scene for {missing()}")
    for name in sorted(SCENES):
        trips = [await break_command(made, name, tally, opened=opened) for opened in (False, True)]
        print(f"  {name}: {trips[0]} trips, {trips[1]} in an open transaction", flush=True)


async def _nights(made: Arena, tally: Tally, seed: int) -> None:
    """Each nightly step, on the nights on which it has something new to do"""
    broken = await break_nights(made, tally, seed, breaks_max=NIGHT_BREAKS_MAX)
    print(f"  by step: {dict(broken)}", flush=True)
    for lived in DAYS_BEFORE_OFF:
        print(f"  days off after {lived}: {await days_off(made, tally, lived=lived)}", flush=True)


async def _kills(made: Arena, tally: Tally, seed: int) -> None:
    """kill -9 of working processes, and of the server under them with fsync on"""
    rng = random.Random(seed)
    with durable_home() as (home, safe):
        prepared = await kills.prepare_commands(safe)
        towns, first = await kills.prepare_nights(safe)
        for work, start, times in (
            (("commands", "100"), prepared, 5),
            (("nights", first, "8"), towns, 5),
        ):
            number = rng.randrange(1_000_000)
            twin = kills.undisturbed(safe, start, number, work)
            given = {"work": work, "prepared": start, "twin": twin}
            await kills.kill_workers(safe, tally, number, times=times, **given)
            print(f"  {work[0]}: {tally.real_kills} kills so far", flush=True)
            await kills.kill_server(safe, home, tally, number, times=times, **given)
            print(f"  {work[0]}: {tally.real_kills} kills so far", flush=True)


async def _races(made: Arena, tally: Tally, seed: int) -> None:
    """Sixteen clients on one line, two nights at once, a night against its customers"""
    for name, came in (await races.all_races(made, tally)).items():
        print(f"  {name}: {dict(came)}", flush=True)


async def _deliveries(made: Arena, tally: Tally, seed: int) -> None:
    """Messages told twice, late and out of order, by relays that die"""
    for more in range(DELIVERIES):
        print(f"  {dict(await deliver_badly(made, tally, seed + more))}", flush=True)


async def _orders(made: Arena, tally: Tally, seed: int) -> None:
    """What banks tell of a payment and of a draw, in every order"""
    for kind in STEPS:
        came = await all_orders(made, kind, tally, seed)
        print(f"  {kind}: {dict(came)}", flush=True)


async def _locks(made: Arena, tally: Tally, seed: int) -> None:
    """Deadlocks, locks held too long, statements out of time"""
    for provoke in (locks.deadlock, locks.lock_held, locks.statement_time_out):
        print(f"  {provoke.__name__}: {dict(await provoke(made, tally))}", flush=True)


async def _turns(made: Arena, tally: Tally, seed: int) -> None:
    """Turns of every flow, broken at every node boundary and sent again"""
    for name, injected in (await turns.break_turns(tally)).items():
        print(f"  {name}: {injected} boundaries", flush=True)


async def _services(made: Arena, tally: Tally, seed: int) -> None:
    """kill -9 of a service in the middle of a turn, which is sent again to the next one"""
    print(f"  {await killing.kill_services(tally, seed)} kills", flush=True)


PARTS: tuple[Part, ...] = (
    _commands, _nights, _deliveries, _orders, _locks, _races, _kills, _turns, _services,
)  # fmt: skip
