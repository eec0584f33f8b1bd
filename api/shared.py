"""What several API processes share: turn locks and rate limits, on Postgres or on Redis, behind one port."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from agent.memory import ConversationBusy
from ledger_core.dates import Clock
from ledger_core.store.postgres import named_queries

QUERIES = named_queries(Path(__file__).parent / "shared.sql")
WINDOW = timedelta(minutes=1)


class Shared(Protocol):
    """State beyond one process; both adapters pass one contract test."""

    def hold(self, conversation_id: str) -> Any:
        """An async context: one turn of a conversation at a time, over all processes.

        Raises ConversationBusy at once when another holds it. Free when left, and soon after its holder died.
        """
        ...

    async def take(self, key: str, limit: int) -> int:
        """Counts one use of a key; 0 when within `limit` a minute, else the seconds until the next minute."""
        ...

    async def close(self) -> None: ...


def _window(clock: Clock) -> tuple[int, int]:
    """The number of the running minute, and the seconds until the next."""
    seconds = int(clock.now().timestamp())
    length = int(WINDOW.total_seconds())
    return seconds // length, length - seconds % length


class PostgresShared:
    """Advisory locks on one connection of this process, let go of when it dies; counters in a table.

    Of two requests in one process the connection could not tell, since a session may lock twice: a set does.
    """

    def __init__(self, url: str, engine: AsyncEngine, clock: Clock) -> None:
        self._url = url
        self._engine = engine
        self._clock = clock
        self._held: set[str] = set()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[None]:
        if conversation_id in self._held:
            raise ConversationBusy(conversation_id)
        self._held.add(conversation_id)
        try:
            if not await self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 7))", conversation_id):
                raise ConversationBusy(conversation_id)
            try:
                yield
            finally:
                await self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 7))", conversation_id)
        finally:
            self._held.discard(conversation_id)

    async def _ask(self, query: str, conversation_id: str) -> bool:
        async with self._one_at_a_time:
            connection = await self._connected()
            cursor = await connection.execute(query.encode(), (conversation_id,))
            row = await cursor.fetchone()
            return bool(row and row[0])

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        """The connection of this process, a new one when the server dropped it; its locks are gone then."""
        if self._connection is not None and not self._connection.closed:
            try:
                await self._connection.execute(b"SELECT 1")
            except psycopg.OperationalError:
                await self._connection.close()
            else:
                return self._connection
        self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        return self._connection

    async def take(self, key: str, limit: int) -> int:
        window, seconds_left = _window(self._clock)
        async with self._engine.begin() as conn:
            used = await conn.scalar(QUERIES["take"], {"key": key, "window": window})
        return 0 if used <= limit else seconds_left

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


class RedisShared:
    """Keys with an expiry, renewed while they are held; only their holder's token removes them."""

    EXPIRY_SECONDS = 15
    _RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
    _RENEW = (
        "if redis.call('get', KEYS[1]) == ARGV[1] then"
        " return redis.call('expire', KEYS[1], ARGV[2]) end return 0"
    )

    def __init__(self, url: str, clock: Clock) -> None:
        self._redis: Any = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        self._clock = clock
        self._release = self._redis.register_script(self._RELEASE)
        self._renew = self._redis.register_script(self._RENEW)

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[None]:
        key, token = f"cashline:turn:{conversation_id}", secrets.token_hex(16)
        if not await self._redis.set(key, token, nx=True, ex=self.EXPIRY_SECONDS):
            raise ConversationBusy(conversation_id)
        renewing = asyncio.create_task(self._keep(key, token))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._release(keys=[key], args=[token])

    async def _keep(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(self.EXPIRY_SECONDS / 3)
            await self._renew(keys=[key], args=[token, self.EXPIRY_SECONDS])

    async def take(self, key: str, limit: int) -> int:
        window, seconds_left = _window(self._clock)
        name = f"cashline:rate:{key}:{window}"
        async with self._redis.pipeline(transaction=True) as pipe:
            used, _ = await pipe.incr(name).expire(name, int(WINDOW.total_seconds()) * 2).execute()
        return 0 if used <= limit else seconds_left

    async def close(self) -> None:
        await self._redis.aclose()
