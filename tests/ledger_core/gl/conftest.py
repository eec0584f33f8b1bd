"""The nights' small world, with a look at the general ledger.

`world`   three lines with a draw each, on the day they were opened
`lived`   the same four weeks later, with a statement, payments, one of them still on its way; lived through once and
          cloned for each test that asks for it, beside `lived_owner`, its engine as owner
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands.make_payment import make_payment
from ledger_core.gl.trial_balance import TrialBalance, trial_balance
from ledger_core.ids import new_id
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import make_engine, system, transaction
from tests.conftest import Database
from tests.ledger_core.nightly.conftest import LATE, OPENED, World, another, bank_of, begin

__all__ = ["another"]
TESTER = system("test")
LIVED_DAYS = 28


@pytest_asyncio.fixture
async def world(batch_engine: AsyncEngine) -> World:
    return await begin(batch_engine)


@pytest.fixture(scope="session")
def lived_template(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The name of a database in which the four weeks are lived; nobody is connected to it."""
    name = new_id("lived")
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template} OWNER cashline_owner")
    asyncio.run(_live(server.dsn(name, "cashline_batch")))
    yield name
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def lived_database(server: EmbeddedServer, lived_template: str) -> Iterator[Database]:
    name = new_id("test")
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {lived_template} OWNER cashline_owner")
    yield Database(server, name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def lived(lived_database: Database) -> AsyncIterator[World]:
    engine = make_engine(lived_database.url("cashline_batch"))
    yield World(engine, OPENED + timedelta(days=LIVED_DAYS))
    await engine.dispose()


@pytest_asyncio.fixture
async def lived_owner(lived_database: Database) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(lived_database.url("cashline_owner"))
    yield engine
    await engine.dispose()


async def _live(url: str) -> None:
    engine = make_engine(url)
    world = await begin(engine)
    for days in (9, LIVED_DAYS - 10):
        await world.pass_days(days)
        paid = {"amount_cents": 10_000, "bank_account_id": bank_of(LATE)}
        await world.act(make_payment, LATE, pay_on=world.today, **paid)
    await world.pass_days(1)
    await engine.dispose()


def yesterday(world: World) -> date:
    """The last closed day, after a night."""
    return world.today - timedelta(days=1)


async def balances(world: World, on: date | None = None) -> TrialBalance:
    """The trial balance of a day, the last closed one by default."""
    async with transaction(world.engine, TESTER) as conn:
        return await trial_balance(conn, on or yesterday(world))


def _admin(server: EmbeddedServer, command: str) -> None:
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(command.encode())
