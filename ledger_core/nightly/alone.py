"""One night at a time, whoever starts it and in whatever process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

_TAKE = "SET lock_timeout = 0; SELECT pg_advisory_lock(hashtext('cashline.nightly'))"
"""The role's own time-out is shorter than a night."""


@asynccontextmanager
async def alone(engine: AsyncEngine) -> AsyncIterator[None]:
    """Wait until no other night runs on the database, and keep others out until this one ends.

    The lock lives in a connection of its own: it ends with the night, or with the process when that is killed.
    """
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(_TAKE)
        yield
