"""Credit decisions at 50 a second: from the books to reasons recorded and committed, over the demo book's lines.

Arrivals are evenly spaced and wait for nobody, so that a slow decision is felt by those behind it. The floor is the
same transaction without deciding: the line read and one row of evidence written.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from evals.figures import Figures, percentile
from evals.platform import demo_book
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.retry import with_retries
from ledger_core.dates import SystemClock
from ledger_core.ids import new_id
from ledger_core.refusals import Refused
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import system, transaction
from ledger_core.store.read import read_line
from ledger_core.store.tables import lines
from ledger_core.underwriting.record import CreditDecision, of_line, record

PER_SECOND = 50
DECISIONS = 1000
WARM_UP = 100
ASKED_CENTS = 500_000
TIMER_SECONDS = 0.002
IDENTITY = system("bench")


def bench(options: Any) -> Figures:
    """p50_ms, p99_ms, floor_p50_ms, scored_share."""
    with tempfile.TemporaryDirectory(prefix="cashline-bench-") as home:
        Path(home).chmod(0o755)
        return asyncio.run(_bench(Path(home)))


async def _bench(home: Path) -> Figures:
    async with demo_book(home) as engine:
        async with transaction(engine, IDENTITY) as conn:
            at = await servicing_moment(conn, SystemClock())
            rows = await conn.execute(select(lines.c.line_id, lines.c.product_id).order_by(lines.c.line_id))
            book = [line_id for line_id, product_id in rows if product_id == "cash_line_flex"]

        async def decide(line_id: str) -> object:
            ctx = CommandContext(new_id("bench"), "system:bench", at)
            order = partial(decide_limit, ctx=ctx, line_id=line_id, limit_cents=ASKED_CENTS)
            return await with_retries(engine, IDENTITY, order)

        decided = [line_id for line_id in book if not isinstance(await decide(line_id), Refused)]
        for n in range(WARM_UP):
            await decide(decided[n % len(decided)])
        times = await _at_pace(decide, decided, DECISIONS)
        samples = await _made(engine, decided)
        floor = await _at_pace(partial(_floor, engine, samples), decided, DECISIONS // 4)
    scored = sum(sample.path == "model" for sample in samples.values())
    return Figures(
        name="decision",
        kind="bench",
        data="demo book",
        n=len(times),
        figures={
            "p50_ms": percentile(times, 0.5),
            "p99_ms": percentile(times, 0.99),
            "floor_p50_ms": percentile(floor, 0.5),
            "floor_p99_ms": percentile(floor, 0.99),
            "scored_share": scored / len(samples),
        },
        notes=[
            f"{PER_SECOND} decisions a second over {len(decided)} lines; floor: read and write without deciding"
        ],
    )


async def _at_pace(act: Any, line_ids: list[str], count: int) -> list[float]:
    """Milliseconds from the moment each was due to its end."""
    times = [0.0] * count
    began = time.perf_counter()

    async def one(n: int) -> None:
        due = began + n / PER_SECOND
        await asyncio.sleep(max(0, due - time.perf_counter() - TIMER_SECONDS))
        while time.perf_counter() < due:  # noqa: ASYNC110 - a timer is late, which is not the decision's
            await asyncio.sleep(0)
        await act(line_ids[n % len(line_ids)])
        times[n] = (time.perf_counter() - due) * 1000

    async with asyncio.TaskGroup() as group:
        for n in range(count):
            group.create_task(one(n))
    return times


async def _made(engine: AsyncEngine, line_ids: list[str]) -> dict[str, CreditDecision]:
    async with transaction(engine, IDENTITY) as conn:
        return {line_id: (await of_line(conn, line_id))[-1] for line_id in line_ids}


async def _floor(engine: AsyncEngine, samples: dict[str, CreditDecision], line_id: str) -> None:
    async def once(conn: AsyncConnection) -> None:
        await read_line(conn, line_id, key="none")
        await record(conn, [replace(samples[line_id], decision_id=new_id("decision"))])

    await with_retries(engine, IDENTITY, once)
