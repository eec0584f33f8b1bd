"""kill -9, for real: of a process in the middle of its work, and of the database server beneath it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from evals.faults.arena import ROLE, Arena
from evals.faults.books import compare, look
from evals.faults.caller import Tally
from evals.faults.stage import open_stage
from evals.faults.town import found
from ledger_core.store import embedded
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import idempotency_keys

LINES = 4
_ROOT = Path(__file__).resolve().parent.parent.parent
_SECONDS_MAX = 120


@dataclass
class Child:
    """A worker process and what it has told so far."""

    process: subprocess.Popen[str]
    told: list[str] = field(default_factory=list)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(line.strip())

    def wait_for(self, lines: int) -> bool:
        """Until it has told so many lines; whether it still works then."""
        deadline = time.monotonic() + _SECONDS_MAX
        while len(self.told) < lines and self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"the worker told {len(self.told)} of {lines} lines in {_SECONDS_MAX} s")
            time.sleep(0.002)
        return self.process.poll() is None


@contextmanager
def child(arena: Arena, database: str, seed: int, *work: str) -> Iterator[Child]:
    """A worker on a database; it is gone when left."""
    url = arena.server.dsn(database, ROLE)
    command = [sys.executable, "-m", "evals.faults.worker", url, str(seed), *work]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    made = Child(process)
    listener = threading.Thread(target=made.listen, daemon=True)
    listener.start()
    try:
        yield made
    finally:
        process.kill()
        process.wait()
        listener.join()
        assert process.stdout is not None
        process.stdout.close()


async def kill_workers(
    arena: Arena, tally: Tally, seed: int, *, times: int, work: tuple[str, ...], prepared: str, twin: str
) -> None:
    """Kill a worker so many times at random moments, each time start it again; then compare with the twin."""
    rng = random.Random(seed)
    async with arena.database(prepared) as database:
        heard: set[str] = set()
        for _ in range(times):
            with child(arena, database, seed, *work) as worker:
                if not worker.wait_for(rng.randrange(1, max(2, int(work[-1]) * 3 // 4))):
                    continue
                await asyncio.sleep(rng.random() / 20)
                worker.process.send_signal(signal.SIGKILL)
                worker.process.wait()
                tally.real_kills += 1
            heard |= set(worker.told)
            await _acknowledged(arena, database, heard, tally, "a killed worker")
        await _finish(arena, database, seed, work, tally, twin, "workers killed")


async def kill_server(
    arena: Arena,
    home: Path,
    tally: Tally,
    seed: int,
    *,
    times: int,
    work: tuple[str, ...],
    prepared: str,
    twin: str,
) -> None:
    """Kill the server so many times under a working worker, which sends again; then compare with the twin."""
    rng = random.Random(seed)
    database = arena.clone(prepared)
    with child(arena, database, seed, *work) as worker:
        for _ in range(times):
            if not worker.wait_for(len(worker.told) + rng.randrange(1, max(2, int(work[-1]) // (times + 1)))):
                break
            await asyncio.sleep(rng.random() / 20)
            kill_postmaster(arena)
            heard = set(worker.told)
            tally.real_kills += 1
            embedded.start(home)
            await _acknowledged(arena, database, heard, tally, "a killed server")
        if worker.process.wait(_SECONDS_MAX):
            tally.said.append(
                f"the worker ended with {worker.process.returncode} after the server was killed"
            )
    await _finish(arena, database, seed, work, tally, twin, "server killed")
    arena.drop(database)


def kill_postmaster(arena: Arena) -> None:
    """SIGKILL to the server: its other processes find it gone and leave."""
    pid = int((arena.server.place.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)


async def _acknowledged(arena: Arena, database: str, heard: set[str], tally: Tally, after: str) -> None:
    """What was told as committed is in the books, before anything is sent again."""
    keys = {tuple(line.split()) for line in heard if line.startswith("line_")}
    async with arena.engine(database) as engine, transaction(engine, system("auditor")) as conn:
        kept = {
            tuple(row)
            for row in await conn.execute(select(idempotency_keys.c.line_id, idempotency_keys.c.key))
        }
    gone = keys - kept
    tally.lost += len(gone)
    tally.said += [f"after {after}: acknowledged and gone: {key}" for key in sorted(gone)]


async def _finish(
    arena: Arena, database: str, seed: int, work: tuple[str, ...], tally: Tally, twin: str, what: str
) -> None:
    with child(arena, database, seed, *work) as worker:
        if worker.process.wait(_SECONDS_MAX):
            tally.said.append(f"{what}: the last worker ended with {worker.process.returncode}")
    async with arena.engine(database) as engine, arena.engine(twin) as other:
        tally.judge(f"{what} at {work[0]}", compare(await look(engine), await look(other)))


async def prepare_commands(arena: Arena) -> str:
    """The name of a database with some open lines and nothing done."""
    database = arena.clone(arena.empty)
    async with arena.engine(database) as engine:
        for _ in range(LINES):
            await open_stage(engine)
    return database


async def prepare_nights(arena: Arena) -> tuple[str, str]:
    """The name of a database with the town before its nights, and the date of the first."""
    database = arena.clone(arena.empty)
    async with arena.engine(database) as engine:
        town = await found(engine)
        town.today += timedelta(days=1)
        await town.morning()
    return database, (town.today + timedelta(days=1)).isoformat()


def undisturbed(arena: Arena, prepared: str, seed: int, work: tuple[str, ...]) -> str:
    """The twin: a database in which the same work was done without a kill."""
    database = arena.clone(prepared)
    with child(arena, database, seed, *work) as worker:
        code = worker.process.wait(_SECONDS_MAX)
    if code:
        raise AssertionError(f"the undisturbed worker ended with {code}")
    return database
