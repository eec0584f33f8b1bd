"""Every command, broken between any two of its statements, sent again under its key, and compared with its twin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from evals.faults.arena import Arena
from evals.faults.books import Books, compare, look
from evals.faults.caller import Tally, send_until_heard
from evals.faults.inject import HOWS, Gate, gate
from evals.faults.scenes import SCENES, all_commands
from evals.faults.stage import Command, open_stage
from ledger_core.commands.codec import encode
from ledger_core.refusals import Refused
from ledger_core.store.postgres import driver_of

Send = Callable[[], Awaitable[Any]]

KEY = "the-one-key"


async def break_command(
    arena: Arena, name: str, tally: Tally, hows: tuple[str, ...] = HOWS, *, opened: bool = False
) -> int:
    """Break every trip of a command in every way; returns how many trips it makes.

    opened: in a transaction that its caller has opened before, as the tools do; else the command has one to itself,
    and no statement more than it needs.
    """
    command = _in_an_open_transaction(all_commands()[name]) if opened else all_commands()[name]
    async with arena.database() as database, arena.engine(database) as engine:
        stage = await open_stage(engine)
        asked = await SCENES[name](stage)

        async def send() -> Any:
            return await stage.ask(command, KEY, **asked)

        with arena.kept(database) as put_back:
            twin, trips = await _undisturbed(engine, name, send)
            for trip in range(1, trips + 1):
                for how in hows:
                    put_back()
                    what = f"{name}{' in an open transaction' * opened}, trip {trip} {how}"
                    await _break(engine, send, gate(trip, how), what, tally)
                    tally.judge(what, compare(await look(engine), twin))
    return trips


def _in_an_open_transaction(command: Command) -> Command:
    async def run(conn: AsyncConnection, *given: Any, **asked: Any) -> Any:
        await driver_of(conn)
        return await command(conn, *given, **asked)

    return run


async def _undisturbed(engine: AsyncEngine, name: str, send: Send) -> tuple[Books, int]:
    """The twin's books, and how many trips to the server the command makes."""
    with gate() as counted:
        answer = await send()
    if isinstance(answer, Refused):
        raise AssertionError(f"the scene of {name} is refused: {answer.codes}")
    return await look(engine), counted.trips


async def _break(
    engine: AsyncEngine, send: Send, broken_gate: AbstractContextManager[Gate], what: str, tally: Tally
) -> None:
    """Break one trip of the command, and send it again until it is answered."""
    with broken_gate as broken:
        answer = await send_until_heard(send, tally)
    again = await send()
    tally.kills += broken.broke
    if not broken.broke:
        tally.said.append(f"{what}: was never reached")
    if isinstance(answer, Refused) or encode(answer) != encode(again):
        tally.said.append(f"{what}: the key was answered differently the second time")
