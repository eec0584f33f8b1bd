"""Guarded postings through the real commands, beside the database's own floor and a peer, on one durable server.

A command counts when it is committed: identity, key, version, sums, limit, chain, outbox and transfers included; the
postings that it writes, legs of its entries, are counted beside it. The floor writes the very same rows with prebuilt
input, without reading or deciding. The peer moves money between two accounts in the style of pgledger, with none of the
guards, two legs a call. Four clients each, in one process and in two; the better is reported. The batch writes the
same appends to thousands of lines by `append_many`, and counts postings.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from evals.figures import Figures, percentile
from evals.performance.posting_load import Load, Phase, work
from ledger_core.store import embedded
from ledger_core.store.binaries import forget_place
from ledger_core.store.migrating import migrate_now

CLIENTS = 4
LINES = 120
BATCH_LINES = 4_000
ROUNDS = 5
"""the first warms up and is not counted"""


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds, of all processes together; of batches, which differ, all postings over all seconds."""

    processes: int
    ours: float
    floor: float
    peer: float
    batch: float
    legs: float
    """postings of the commands, that is legs of their entries"""
    peer_legs: float
    took_ms: Sequence[float]


def bench(options: Any) -> Figures:
    """postings_per_s (commands), legs_per_s, p50_ms, p99_ms, floor_per_s, peer_per_s, peer_legs_per_s, batch_per_s."""
    rounds, lines = (3, 40) if options.quick else (ROUNDS, LINES)
    with tempfile.TemporaryDirectory(prefix="cashline-bench-") as home:
        Path(home).chmod(0o755)
        server = embedded.start(Path(home))
        try:
            _prepare(server)
            runs = [_measure(server, processes, rounds, lines) for processes in (1, 2)]
        finally:
            server.stop()
            forget_place(server.place)
    best = max(runs, key=lambda run: run.ours)
    return Figures(
        name="posting",
        kind="bench",
        data="lines made for this run",
        n=len(best.took_ms),
        figures={
            "postings_per_s": best.ours,
            "p50_ms": percentile(best.took_ms, 0.5),
            "p99_ms": percentile(best.took_ms, 0.99),
            "floor_per_s": best.floor,
            "peer_per_s": best.peer,
            "legs_per_s": best.legs,
            "peer_legs_per_s": best.peer_legs,
            "batch_per_s": max(run.batch for run in runs),
        },
        notes=_table(runs),
    )


def _prepare(server: embedded.EmbeddedServer) -> None:
    migrate_now(server.dsn(role="cashline_owner"), "ledger_core.store")
    peer = files("evals.performance").joinpath("peer.sql").read_bytes()
    with psycopg.connect(server.dsn(role=embedded.SUPERUSER), autocommit=True) as connection:
        connection.execute(peer)


def _measure(server: embedded.EmbeddedServer, processes: int, rounds: int, lines: int) -> Measured:
    """Four clients over so many processes, which run each phase in step."""
    load = Load(
        app_dsn=server.dsn(),
        batch_dsn=server.dsn(role="cashline_batch"),
        clients=CLIENTS // processes,
        lines_per_client=lines // CLIENTS,
        rounds=rounds,
        batch_lines=BATCH_LINES // processes,
    )
    context = multiprocessing.get_context("spawn")
    barrier, done = context.Barrier(processes), context.Queue()
    workers = [context.Process(target=_worker, args=(load, barrier, done)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    told: list[list[Phase]] = [done.get() for _ in workers]
    for worker in workers:
        worker.join()
    return _measured(processes, list(zip(*told, strict=True)))


def _worker(load: Load, barrier: Barrier, done: Any) -> None:
    try:
        work(load, barrier.wait, done.put)
    except BaseException:
        barrier.abort()
        done.put([])
        raise


def _measured(processes: int, phases: Sequence[tuple[Phase, ...]]) -> Measured:
    """Each phase as all processes did it: from the first that began to the last that ended."""
    rates: dict[str, list[float]] = {}
    legs: dict[str, list[float]] = {}
    took: list[float] = []
    postings, seconds_of_batches = 0, 0.0
    for together in phases:
        name = together[0].name
        seconds = max(phase.ended for phase in together) - min(phase.begun for phase in together)
        done = sum(phase.done for phase in together)
        rates.setdefault(name, []).append(done / seconds)
        legs.setdefault(name, []).append(sum(phase.legs for phase in together) / seconds)
        if name == "ours" and len(rates[name]) > 1:
            took += [ms for phase in together for ms in phase.took_ms]
        if name == "batch" and len(rates[name]) > 1:
            postings, seconds_of_batches = postings + done, seconds_of_batches + seconds
    ours, floor, peer = (median(rates[name][1:]) for name in ("ours", "floor", "peer"))
    batch = postings / seconds_of_batches
    return Measured(
        processes, ours, floor, peer, batch, median(legs["ours"][1:]), median(legs["peer"][1:]), took
    )


def _table(runs: Sequence[Measured]) -> list[str]:
    rows = ["per second, medians: ours | floor | peer | ours of floor | legs of ours | legs of peer | batch legs"]
    for run in runs:
        shape = f"{run.processes} process{'es' * (run.processes > 1)} x {CLIENTS // run.processes} clients"
        share = f"{run.ours / run.floor:.0%}"
        rows.append(
            f"{shape}: {run.ours:.0f} | {run.floor:.0f} | {run.peer:.0f} | {share}"
            f" | {run.legs:.0f} | {run.peer_legs:.0f} | {run.batch:.0f}"
        )
    return rows
