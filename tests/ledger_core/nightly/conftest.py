"""A small world of three lines that the nights can work on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import numbers
from ledger_core.commands.context import CommandContext
from ledger_core.commands.open_line import open_line
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.demo import bank_simulator
from ledger_core.demo.numbers import invented_numbers
from ledger_core.ids import new_id
from ledger_core.line.state import LineState
from ledger_core.nightly import NightlyReport, run
from ledger_core.refusals import Refused
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts, customers

OPENED = date(2026, 3, 2)
AUTOPAY, LATE, MEMBER = (f"line_{'0' * 25}{n}" for n in (1, 2, 3))
SYSTEM = system("test")


def bank_of(line_id: str) -> str:
    return f"bank_{line_id[-26:]}"


@dataclass
class World:
    """Lines over an engine, and the day they are in."""

    engine: AsyncEngine
    today: date = OPENED

    async def act(
        self, command: Callable[..., Awaitable[object]], line_id: str, **arguments: object
    ) -> object:
        """Run a command on a line at ten in the morning of today; a refusal fails the test."""
        context = CommandContext(new_id("key"), "customer:test", Moment(self.today, time(10)))
        async with transaction(self.engine, SYSTEM) as conn:
            answer = await command(conn, context, line_id=line_id, **arguments)
        assert not isinstance(answer, Refused), answer
        return answer

    async def pass_days(self, days: int) -> list[NightlyReport]:
        """Live so many nights and days: the night, then the bank."""
        reports = []
        for _ in range(days):
            self.today += timedelta(days=1)
            reports.append(await run(self.engine, self.today))
            await bank_simulator.tick(self.engine, Moment(self.today, time(8)))
        return reports

    async def state(self, line_id: str) -> LineState:
        async with transaction(self.engine, SYSTEM) as conn:
            (world,) = await read_worlds(conn, [line_id], Moment(self.today, time(12)))
        return world.state

    async def rows(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        async with transaction(self.engine, SYSTEM) as conn:
            return [tuple(row) for row in await conn.execute(text(query), parameters)]


async def begin(engine: AsyncEngine) -> World:
    """Three lines with a draw each: one pays by autopay, one never, one is a membership."""
    world = World(engine)
    async with transaction(engine, SYSTEM) as conn:
        for line_id in (AUTOPAY, LATE, MEMBER):
            await _open(conn, line_id)
    for line_id, amount in ((AUTOPAY, 90_000), (LATE, 80_000), (MEMBER, 20_000)):
        await world.act(request_draw, line_id, amount_cents=amount, bank_account_id=bank_of(line_id))
    await world.act(set_autopay, AUTOPAY, mode="minimum", bank_account_id=bank_of(AUTOPAY))
    return world


async def _open(conn: AsyncConnection, line_id: str) -> None:
    customer_id = f"cus_{line_id[-1]}"
    person = {"customer_id": customer_id, "display_name": "Somebody", "language": "en", "state": "OH"}
    await conn.execute(insert(customers).values(**person, timezone="America/New_York", military=False))
    account = {"bank_account_id": bank_of(line_id), "customer_id": customer_id, "bank_name": "First Bank"}
    await conn.execute(insert(bank_accounts).values(**account, last4="0001", status="verified"))
    invented = invented_numbers(bank_of(line_id), "First Bank", "0001", "Somebody")
    await numbers.give(conn, bank_of(line_id), customer_id, invented)
    member = line_id == MEMBER
    await open_line(
        conn,
        CommandContext("open", "system:test", Moment(OPENED, time(9))),
        line_id=line_id,
        customer_id=customer_id,
        product_id="cash_line_membership" if member else "cash_line_flex",
        limit_cents=100_000,
        apr_bp=0 if member else 2599,
        due_day=20,
        state_code="OH",
    )


@pytest.fixture
def another(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The URL of a second empty database, for the batch role."""
    name = new_id("test")
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER cashline_owner".encode())
        yield server.dsn(name, "cashline_batch")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
