"""Engine, transactions under an identity, migrations, and named queries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from sqlalchemy import TextClause, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ledger_core.store.migrating import migrate_now

_IDENTITY = (
    "SELECT set_config('cashline.role', %s, true), set_config('cashline.customer_id', %s, true),"
    " set_config('cashline.actor_id', %s, true)"
)
_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@dataclass(frozen=True)
class Identity:
    """On whose behalf a transaction runs; row-level security goes by it."""

    role: Literal["customer", "specialist", "system"]
    actor_id: str
    customer_id: str | None = None
    """The one customer whose rows a customer's transaction sees."""

    def __post_init__(self) -> None:
        assert (self.customer_id is not None) == (self.role == "customer"), "only a customer is one"


def customer(customer_id: str) -> Identity:
    """A customer, who sees their own rows."""
    return Identity("customer", customer_id, customer_id)


def specialist(specialist_id: str) -> Identity:
    """A human colleague, who sees all rows."""
    return Identity("specialist", specialist_id)


def system(actor_id: str) -> Identity:
    """The platform itself, for example `nightly`."""
    return Identity("system", actor_id)


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine on psycopg for a libpq or SQLAlchemy URL; its connections wait for their first use."""
    driven = make_url(url).set(drivername="postgresql+psycopg")
    return create_async_engine(driven, pool_size=pool_size, max_overflow=0, pool_timeout=10)


@asynccontextmanager
async def transaction(engine: AsyncEngine, identity: Identity) -> AsyncIterator[AsyncConnection]:
    """One transaction under one identity: commits at the end, rolls back on any exception."""
    async with engine.begin() as connection:
        driver = await driver_of(connection)
        await driver.execute(_IDENTITY, (identity.role, identity.customer_id or "", identity.actor_id))
        yield connection


async def driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection beneath, in the same transaction; for the hot path."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


async def migrate(url: str, package: str) -> None:
    """Bring the schema of a package (`ledger_core.store`, `tools`, …) to its newest version, as the owner."""
    await asyncio.to_thread(migrate_now, url, package)


def named_queries(path: Path) -> Mapping[str, TextClause]:
    """The queries of a `.sql` file, each under a line `-- name --`, with `:name` parameters."""
    parts = _NAME.split(path.read_text())
    assert len(parts) > 1, f"{path.name} names no query"
    return {name: text(body.strip()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
