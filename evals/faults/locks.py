"""Deadlocks, locks that are not to be had, and statements that run out of time, all provoked for real."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy.ext.asyncio import AsyncConnection

from evals.faults.arena import ROLE, Arena
from evals.faults.books import compare, look
from evals.faults.caller import Tally
from evals.faults.stage import IDENTITY, Stage, open_stage
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.retry import ATTEMPTS_MAX, with_retries
from ledger_core.errors import BooksBusy, CashLineError, StatementTimedOut
from ledger_core.refusals import Refused
from ledger_core.store.embedded import SUPERUSER
from ledger_core.store.postgres import driver_of

_CENTS = 5_000
_HOLD = "SELECT FROM core.lines WHERE line_id = %s FOR UPDATE"
_SET = SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")


async def deadlock(arena: Arena, tally: Tally) -> Counter[str]:
    """Two transactions pay two lines in opposite order: one is the victim, starts again, and each pays once."""
    came: Counter[str] = Counter()
    async with arena.database() as database:
        arena.admin(f"ALTER DATABASE {database} SET deadlock_timeout = '50ms'")
        async with arena.engine(database) as engine:
            one, other = await open_stage(engine), await open_stage(engine)
            both_hold = asyncio.Barrier(2)

            async def client(name: str, first: Stage, second: Stage) -> None:
                attempts = 0

                async def pay_both(conn: AsyncConnection) -> None:
                    nonlocal attempts
                    attempts += 1
                    await _pay(conn, first, name)
                    await driver_of(conn)  # what waits in the pipeline leaves, so that the line is held
                    if attempts == 1:
                        await both_hold.wait()
                    try:
                        await _pay(conn, second, name)
                    except (BooksBusy, psycopg.errors.DeadlockDetected):
                        came["deadlocks"] += 1
                        raise

                await with_retries(engine, IDENTITY, pay_both)
                came["attempts"] += attempts

            await asyncio.gather(client("a", one, other), client("b", other, one))
            paid = [(await stage.state()).credit_balance_cents for stage in (one, other)]
            if paid != [2 * _CENTS, 2 * _CENTS]:
                tally.said.append(f"after a deadlock two payments of {_CENTS} came to {paid}")
            tally.said += (await look(engine)).broken
    if not came["deadlocks"]:
        tally.said.append("no deadlock came about")
    tally.kills += came["deadlocks"]
    return came


async def lock_held(arena: Arena, tally: Tally) -> Counter[str]:
    """A line that somebody holds: freed in time, the payment is made once; never freed, it ends in BooksBusy."""
    came: Counter[str] = Counter()
    async with _timed(arena, "lock_timeout", "40ms") as stage:
        before = await look(stage.engine)
        async with _held(arena, stage):
            ended, attempts = await _try_to_pay(stage, "held")
        came["busy"] += attempts
        if not isinstance(ended, BooksBusy) or attempts != ATTEMPTS_MAX:
            tally.said.append(f"a line held for long ended in {ended!r} after {attempts} attempts")
        tally.judge("a line held for long", compare(await look(stage.engine), before))
        async with _held(arena, stage) as holder:
            paying = asyncio.create_task(_try_to_pay(stage, "held"))
            await asyncio.sleep(0.1)
            await holder.rollback()
            ended, attempts = await paying
        came["attempts"] += attempts
        again, _ = await _try_to_pay(stage, "held")
        if ended != again or attempts < 2 or (await stage.state()).credit_balance_cents != _CENTS:
            tally.said.append(f"a line freed in time: {ended!r} after {attempts} attempts, then {again!r}")
        tally.said += (await look(stage.engine)).broken
    tally.kills += came["busy"] + came["attempts"] - 1
    return came


async def statement_time_out(arena: Arena, tally: Tally) -> Counter[str]:
    """A statement that runs out of time is a named error, is not tried again, and leaves nothing behind."""
    async with _timed(arena, "statement_timeout", "300ms") as stage:
        before = await look(stage.engine)
        async with _held(arena, stage):
            ended, attempts = await _try_to_pay(stage, "timed")
        if not isinstance(ended, StatementTimedOut) or attempts != 1:
            tally.said.append(f"a statement out of time ended in {ended!r} after {attempts} attempts")
        tally.judge("a statement out of time", compare(await look(stage.engine), before))
        ended, _ = await _try_to_pay(stage, "timed")
        if isinstance(ended, Exception) or (await stage.state()).credit_balance_cents != _CENTS:
            tally.said.append(f"sent again after a statement out of time: {ended!r}")
        tally.said += (await look(stage.engine)).broken
    tally.kills += 1
    return Counter(timed_out=1)


async def _try_to_pay(stage: Stage, key: str) -> tuple[Any, int]:
    """The answer or the error with a code, and how often it was tried."""
    attempts = 0

    async def pay(conn: AsyncConnection) -> Any:
        nonlocal attempts
        attempts += 1
        return await _pay(conn, stage, key)

    try:
        return await with_retries(stage.engine, IDENTITY, pay), attempts
    except CashLineError as problem:
        return problem, attempts


async def _pay(conn: AsyncConnection, stage: Stage, key: str) -> Any:
    asked = {"payment_id": f"payment_{key}", "amount_cents": _CENTS}
    answer = await receive_payment(conn, stage.context(key), line_id=stage.line_id, **asked)
    if isinstance(answer, Refused):
        raise AssertionError(f"a payment was refused: {answer.codes}")
    return answer


@asynccontextmanager
async def _timed(arena: Arena, setting: str, limit: str) -> AsyncIterator[Stage]:
    """A stage; from then on the experiments' role has that time limit."""
    async with arena.database() as database:
        async with arena.engine(database) as engine:
            stage = await open_stage(engine)
        with psycopg.connect(arena.server.dsn(database, SUPERUSER), autocommit=True) as connection:
            names = Identifier(ROLE), Identifier(database), Identifier(setting), Literal(limit)
            connection.execute(_SET.format(*names))
        async with arena.engine(database) as engine:
            yield replace(stage, engine=engine)


@asynccontextmanager
async def _held(arena: Arena, stage: Stage) -> AsyncIterator[psycopg.AsyncConnection]:
    """Somebody else holds the line, until rolled back or left."""
    dsn = arena.server.dsn(str(stage.engine.url.database), SUPERUSER)
    async with await psycopg.AsyncConnection.connect(dsn) as holder:
        await holder.execute(_HOLD, [stage.line_id])
        yield holder
