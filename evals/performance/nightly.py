"""Nights over synthetic books of 10,000, 100,000 and 1,000,000 lines of both products, beside the database's floor.

A few hundred lives are lived through the real commands, nights and bank, then multiplied (`nightly_book`). Two nights
are run, the first to warm up, so that the second has lines that the first touched; the second is the figure. All of a
night counts: accrue, age, reconcile, close a twenty-eighth of the cycles with statements, autopay, late fees, plans,
the general ledger, the root. The server is durable, with the settings of the embedded server.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from evals.figures import Figures
from evals.performance.nightly_book import build, drop, live_once
from evals.performance.nightly_floor import floor_seconds
from evals.performance.nightly_lives import ENDS
from evals.performance.nightly_plot import draw
from evals.performance.usage import Memory, cpu_of_children, cpu_of_server
from ledger_core import nightly
from ledger_core.store import embedded
from ledger_core.store.binaries import forget_place
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import make_engine

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
QUICK = ("10k", "100k")
WORKERS = 2
WARM, MEASURED = ENDS + timedelta(days=1), ENDS + timedelta(days=2)
PLOT = Path("reports/nightly.svg")


@dataclass(frozen=True)
class Night:
    """What one measured night took."""

    seconds: float
    python_cpu: float
    server_cpu: float
    peak_mb: float
    counts: dict[str, int]
    steps: dict[str, float]
    """by step, the seconds of the slower share"""


def bench(options: Any) -> Figures:
    """seconds_<size>, floor_seconds_<size>, full_reconcile_seconds_<largest>, peak_mb (of the largest)."""
    sizes = QUICK if options.quick else tuple(SIZES)
    home = Path(tempfile.mkdtemp(prefix="cashline-nightly-"))
    home.chmod(0o755)
    server = embedded.start(home)
    try:
        return _all(server, sizes)
    finally:
        server.stop()
        forget_place(server.place)
        shutil.rmtree(home, ignore_errors=True)


def _all(server: EmbeddedServer, sizes: tuple[str, ...]) -> Figures:
    print("lives: a few hundred, through the real commands", flush=True)
    begun = time.perf_counter()
    asyncio.run(live_once(server))
    notes = [f"lives lived in {time.perf_counter() - begun:.0f} s; load average {os.getloadavg()[0]:.1f}"]
    figures: dict[str, float | int] = {}
    nights, floors = {}, {}
    for size in sizes:
        name, lines = f"night_{size}", SIZES[size]
        built = build(server, name, lines)
        print(f"{size}: built in {built:.0f} s, {_gigabytes(server, name):.1f} GB", flush=True)
        _night(server, name, WARM)
        night = _night(server, name, MEASURED)
        floor = floor_seconds(server, name, MEASURED)
        nights[lines], floors[lines] = night.seconds, floor
        figures |= {
            f"seconds_{size}": night.seconds,
            f"floor_seconds_{size}": floor,
            "peak_mb": night.peak_mb,
        }
        notes += [f"{size}: built in {built:.0f} s (apart); {_told(night)}"]
        print(notes[-1], flush=True)
        if size == sizes[-1]:
            figures[f"full_reconcile_seconds_{size}"], memory = _full(server, name)
            figures["peak_mb"] = max(night.peak_mb, memory)
        drop(server, name)
    per_line = [nights[SIZES[size]] / SIZES[size] * 1e6 for size in sizes]
    told = ", ".join(f"{size} {cost:.0f}" for size, cost in zip(sizes, per_line, strict=True))
    notes.append(
        f"microseconds a line: {told}; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    PLOT.parent.mkdir(exist_ok=True)
    draw(PLOT, {f"the night, {WORKERS} workers": nights, "floor: its rows written bare": floors})
    notes.append(f"plot: {PLOT}")
    data = "synthetic book, both products"
    return Figures("nightly", "bench", data, SIZES[sizes[-1]], figures, notes=notes)


def _night(server: EmbeddedServer, name: str, on: date) -> Night:
    async def once() -> tuple[nightly.NightlyReport, float]:
        engine = make_engine(server.dsn(name, "cashline_batch"), pool_size=2)
        begun = time.perf_counter()
        report = await nightly.run(engine, on, workers=WORKERS)
        took = time.perf_counter() - begun
        await engine.dispose()
        return report, took

    python, database = cpu_of_children(), cpu_of_server(server)
    with Memory() as memory:
        report, took = asyncio.run(once())
    assert report.differences == [], report.differences[:5]
    assert report.not_done == [], report.not_done[:5]
    return Night(
        took,
        cpu_of_children() - python,
        cpu_of_server(server) - database,
        memory.peak_mb,
        report.counts,
        _steps(server, name, on, took),
    )


def _steps(server: EmbeddedServer, name: str, on: date, took: float) -> dict[str, float]:
    query = (
        "SELECT step, max(microseconds)::float8 / 1e6 FROM core.night_steps WHERE business_date = %s"
        " GROUP BY step ORDER BY 2 DESC"
    )
    with psycopg.connect(server.dsn(name, SUPERUSER)) as connection:
        steps: dict[str, float] = dict(connection.execute(query, (on,)).fetchall())
    return steps | {"start, survey, ledger day and root": took - sum(steps.values())}


def _full(server: EmbeddedServer, name: str) -> tuple[float, float]:
    """Seconds and peak megabytes of the full reconciliation."""

    async def once() -> float:
        engine = make_engine(server.dsn(name, "cashline_batch"), pool_size=2)
        begun = time.perf_counter()
        report = await nightly.check_books(engine, full=True, workers=WORKERS)
        took = time.perf_counter() - begun
        await engine.dispose()
        assert report.differences == [], report.differences[:5]
        return took

    with Memory() as memory:
        took = asyncio.run(once())
    return took, memory.peak_mb


def _told(night: Night) -> str:
    counts = ", ".join(f"{count:,} {step}" for step, count in night.counts.items())
    steps = ", ".join(f"{step} {took:.1f}" for step, took in night.steps.items() if took >= 0.05)
    return (
        f"night {night.seconds:.1f} s, CPU {night.python_cpu:.0f} s Python + {night.server_cpu:.0f} s Postgres,"
        f" {night.peak_mb:.0f} MB; did {counts}; seconds by step: {steps}"
    )


def _gigabytes(server: EmbeddedServer, name: str) -> float:
    with psycopg.connect(server.dsn(name, SUPERUSER)) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0]) / 1e9
