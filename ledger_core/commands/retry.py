"""The caller's half of a command: its transaction, opened again when somebody else appended first."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.errors import VersionConflict
from ledger_core.store.postgres import Identity, transaction

T = TypeVar("T")

ATTEMPTS_MAX: Final = 6
_WAIT_MS: Final = 8


async def with_retries(
    engine: AsyncEngine, identity: Identity, fn: Callable[[AsyncConnection], Awaitable[T]]
) -> T:
    """What `fn` returns, run in a transaction of its own and committed.

    On a version conflict all of it is rolled back and run again, after a short random wait that grows; so
    `fn` keeps its key and does nothing outside the transaction. The sixth conflict is raised.
    """
    for attempt in range(1, ATTEMPTS_MAX):
        try:
            return await _once(engine, identity, fn)
        except VersionConflict:
            await asyncio.sleep(random.uniform(0, _WAIT_MS * 2**attempt) / 1000)
    return await _once(engine, identity, fn)


async def _once(engine: AsyncEngine, identity: Identity, fn: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async with transaction(engine, identity) as conn:
        return await fn(conn)
