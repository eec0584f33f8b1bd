"""One contract for what processes share, over both adapters."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent.memory import ConversationBusy
from api.shared import PostgresShared, RedisShared, Shared
from ledger_core.dates import FixedClock

Make = Callable[[], Shared]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A redis-server of our own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed: the Redis adapter is not tested here")
    folder: Path = tmp_path_factory.mktemp("redis")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _wait_for(port)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("redis-server does not answer")


@pytest_asyncio.fixture(params=["postgres", "redis"])
async def make(
    request: pytest.FixtureRequest, database: Any, engine: AsyncEngine, clock: FixedClock
) -> AsyncIterator[Make]:
    """Makes adapters that share one store, as two processes would."""
    made: list[Shared] = []
    url = request.getfixturevalue("redis_url") if request.param == "redis" else database.url()

    def one() -> Shared:
        adapter: Shared = (
            RedisShared(url, clock) if request.param == "redis" else PostgresShared(url, engine, clock)
        )
        made.append(adapter)
        return adapter

    yield one
    for adapter in made:
        await adapter.close()


async def test_one_turn_of_a_conversation_at_a_time_over_all_processes(make: Make) -> None:
    here, there = make(), make()
    async with here.hold("conv_1"):
        for process in (here, there):
            with pytest.raises(ConversationBusy):
                async with process.hold("conv_1"):
                    pass
        async with there.hold("conv_2"):
            pass
    async with there.hold("conv_1"):
        pass


async def test_a_turn_that_fails_lets_go(make: Make) -> None:
    shared = make()
    with pytest.raises(RuntimeError):
        async with shared.hold("conv_1"):
            raise RuntimeError
    async with shared.hold("conv_1"):
        pass


async def test_a_turn_that_is_cancelled_lets_go(make: Make) -> None:
    shared, held = make(), asyncio.Event()

    async def turn() -> None:
        async with shared.hold("conv_1"):
            held.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(turn())
    await held.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    async with make().hold("conv_1"):
        pass


async def test_of_many_at_once_one_goes_first(make: Make) -> None:
    processes = [make(), make()]

    async def turn(shared: Shared) -> bool:
        try:
            async with shared.hold("conv_1"):
                await asyncio.sleep(0.05)
        except ConversationBusy:
            return False
        return True

    went = await asyncio.gather(*(turn(processes[n % 2]) for n in range(10)))
    assert sum(went) == 1


async def test_uses_are_counted_over_all_processes_and_forgotten_after_a_minute(
    make: Make, clock: FixedClock
) -> None:
    here, there = make(), make()
    assert [await here.take("k", 2), await there.take("k", 2)] == [0, 0]
    assert 0 < await here.take("k", 2) <= 60
    assert await here.take("other", 2) == 0
    clock.advance(timedelta(minutes=1))
    assert await there.take("k", 2) == 0


async def test_a_process_that_died_leaves_no_conversation_locked(
    database: Any, engine: AsyncEngine, clock: FixedClock
) -> None:
    dead = PostgresShared(database.url(), engine, clock)
    holding = dead.hold("conv_1")
    await holding.__aenter__()
    await dead.close()
    living = PostgresShared(database.url(), engine, clock)
    taken = False
    async with living.hold("conv_1"):
        taken = True
    await living.close()
    assert taken


async def test_a_connection_that_the_server_dropped_is_made_anew(
    database: Any, engine: AsyncEngine, clock: FixedClock
) -> None:
    shared = PostgresShared(database.url(), engine, clock)
    async with shared.hold("conv_1"):
        pass
    assert shared._connection is not None
    async with engine.begin() as conn:
        await conn.execute(
            text("SELECT pg_terminate_backend(:pid)"), {"pid": shared._connection.info.backend_pid}
        )
    async with shared.hold("conv_1"):
        with pytest.raises(ConversationBusy):
            async with shared.hold("conv_1"):
                pass
    await shared.close()
