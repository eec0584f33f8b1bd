"""Engine, transactions under an identity, migrations, and named queries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import AdaptedConnection, Connection, Engine, TextClause, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ledger_core.store.meaning import meaning_of
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
    """One transaction under one identity: commits at the end, rolls back on any exception.

    It begins as a pipeline: statements of `pipeline_of` wait and leave together, the first with BEGIN and the
    identity, the last with COMMIT. So what the books refuse is raised here at the latest. An error of the driver
    leaves as what it means for the books (`meaning_of`).
    """
    async with engine.connect() as connection:
        driver = await _beneath(connection)
        await driver.set_autocommit(True)  # else the driver sends a BEGIN of its own, and waits for it
        try:
            async with connection.begin(), AsyncExitStack() as pipeline:
                _pipelines[driver] = pipeline
                await pipeline.enter_async_context(driver.pipeline())
                await driver.execute("BEGIN")
                await driver.execute(_IDENTITY, _values_of(identity), prepare=True)
                yield connection
                if driver in _pipelines:
                    await driver.execute("COMMIT")
                    await _leave_pipeline(driver)
        except psycopg.Error as failure:
            meaning = meaning_of(failure)
            if meaning is failure:
                raise
            raise meaning from failure
        finally:
            _pipelines.pop(driver, None)
            if driver.info.transaction_status is TransactionStatus.IDLE:
                await driver.set_autocommit(False)
            else:
                await connection.invalidate()


async def driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection beneath, in the same transaction; each statement is answered before the next."""
    driver = await _beneath(connection)
    await _leave_pipeline(driver)
    return driver


async def pipeline_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The same for the hot path: statements leave when one is fetched, or the transaction ends.

    After a statement of SQLAlchemy, or `driver_of`, it is as `driver_of` is.
    """
    return await _beneath(connection)


def _values_of(identity: Identity) -> tuple[str, str, str]:
    return identity.role, identity.customer_id or "", identity.actor_id


async def _beneath(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


_pipelines: WeakKeyDictionary[psycopg.AsyncConnection[Any], AsyncExitStack] = WeakKeyDictionary()
"""Of each connection that is in one; left once, by whoever needs an answer at once."""


async def _leave_pipeline(driver: psycopg.AsyncConnection[Any]) -> None:
    pipeline = _pipelines.pop(driver, None)
    if pipeline is not None:
        await pipeline.aclose()


@event.listens_for(Engine, "before_cursor_execute")
def _one_by_one(connection: Connection, *_: object) -> None:
    """SQLAlchemy reads the answer of each statement at once, which a pipeline does not give."""
    adapted: object = connection.connection.dbapi_connection
    if isinstance(adapted, AdaptedConnection):
        adapted.run_async(_leave_pipeline)


async def migrate(url: str, package: str) -> None:
    """Bring the schema of a package (`ledger_core.store`, `tools`, …) to its newest version, as the owner."""
    await asyncio.to_thread(migrate_now, url, package)


def named_queries(path: Path) -> Mapping[str, TextClause]:
    """The queries of a `.sql` file, each under a line `-- name --`, with `:name` parameters."""
    parts = _NAME.split(path.read_text())
    assert len(parts) > 1, f"{path.name} names no query"
    return {name: text(body.strip()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
