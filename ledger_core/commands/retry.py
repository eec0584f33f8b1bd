"""The caller's half of a command: its transaction, opened again when somebody else was first."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.errors import BooksBusy, VersionConflict
from ledger_core.store.meaning import meaning_of
from ledger_core.store.postgres import Identity, transaction

T = TypeVar("T")

ATTEMPTS_MAX: Final = 6
_WAIT_MS: Final = 8


async def with_retries(
    engine: AsyncEngine, identity: Identity, fn: Callable[[AsyncConnection], Awaitable[T]]
) -> T:
    """What `fn` returns, run in a transaction of its own and committed.

    On a version conflict, a deadlock or a lock time-out all of it is rolled back and run again, after a short
    random wait that grows; so `fn` keeps its key and does nothing outside the transaction. The sixth time
    VersionConflict or BooksBusy is raised.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return await _once(engine, identity, fn)
        except (VersionConflict, BooksBusy, DBAPIError, psycopg.Error) as problem:
            meaning = _meaning(problem)
            if not isinstance(meaning, VersionConflict | BooksBusy):
                raise
            if attempt == ATTEMPTS_MAX:
                raise meaning from problem
        await asyncio.sleep(random.uniform(0, _WAIT_MS * 2**attempt) / 1000)
    raise AssertionError("the last attempt returns or raises")


def _meaning(problem: Exception) -> BaseException:
    cause = (problem.orig if isinstance(problem, DBAPIError) else None) or problem
    return meaning_of(cause) if isinstance(cause, psycopg.Error) else cause


async def _once(engine: AsyncEngine, identity: Identity, fn: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async with transaction(engine, identity) as conn:
        return await fn(conn)
