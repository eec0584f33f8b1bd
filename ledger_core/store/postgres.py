"""Engine, transactions under an identity, migrations, and named queries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import AdaptedConnection, Connection, TextClause, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ledger_core.store.meaning import meaning_of
from ledger_core.store.migrating import migrate_now
from ledger_core.store.tx import Identity, Tx

__all__ = [
    "Identity", "customer", "driver_of", "make_engine", "migrate", "named_queries", "specialist", "system",
    "transaction", "tx_of",
]  # fmt: skip
_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


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
    # What ends a transaction leaves nothing to reset.
    engine = create_async_engine(
        driven, pool_size=pool_size, max_overflow=0, pool_timeout=10, pool_reset_on_return=None
    )
    event.listen(engine.sync_engine, "connect", _one_statement_is_one_transaction)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


@asynccontextmanager
async def transaction(engine: AsyncEngine, identity: Identity) -> AsyncIterator[AsyncConnection]:
    """One transaction under one identity: commits at the end, rolls back on any exception.

    It is opened when a statement needs it (`store/tx.py`): a command that reads a line and appends to it sends two
    statements and no more. What the books refuse is raised here at the latest. An error of the driver leaves as what
    it means for the books (`meaning_of`).
    """
    async with engine.connect() as connection:
        driver = _beneath(connection)
        tx = Tx(driver, identity)
        _open[driver] = tx
        try:
            yield connection
            await tx.commit()
        except psycopg.Error as failure:
            await tx.roll_back()
            meaning = meaning_of(failure)
            if meaning is failure:
                raise
            raise meaning from failure
        except BaseException:
            await tx.roll_back()
            raise
        finally:
            del _open[driver]
            if driver.info.transaction_status is not TransactionStatus.IDLE:
                await connection.invalidate()


def tx_of(connection: AsyncConnection) -> Tx:
    """The transaction of a connection that `transaction` gave."""
    return _open[_beneath(connection)]


async def driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection beneath, in the same transaction; what waited has been sent."""
    tx = tx_of(connection)
    await tx.begin()
    return tx.driver


def _beneath(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    assert connection.sync_connection is not None
    driver = connection.sync_connection.connection.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


_open: dict[psycopg.AsyncConnection[Any], Tx] = {}


def _one_statement_is_one_transaction(adapted: AdaptedConnection, _: object) -> None:
    """Else the driver sends a BEGIN of its own before the first statement."""
    adapted.run_async(lambda driver: driver.set_autocommit(True))


def _begin(connection: Connection) -> None:
    """SQLAlchemy's first statement on a connection opens the transaction; outside `transaction`, a plain one."""
    adapted: Any = connection.connection.dbapi_connection
    tx = _open.get(adapted.driver_connection)
    adapted.run_async(_plainly if tx is None else lambda _: tx.begin())


async def _plainly(driver: psycopg.AsyncConnection[Any]) -> None:
    await driver.execute("BEGIN")


async def migrate(url: str, package: str) -> None:
    """Bring the schema of a package (`ledger_core.store`, `tools`, …) to its newest version, as the owner."""
    await asyncio.to_thread(migrate_now, url, package)


def named_queries(path: Path) -> Mapping[str, TextClause]:
    """The queries of a `.sql` file, each under a line `-- name --`, with `:name` parameters."""
    parts = _NAME.split(path.read_text())
    assert len(parts) > 1, f"{path.name} names no query"
    return {name: text(body.strip()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
