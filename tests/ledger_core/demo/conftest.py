"""`book`: a database with the whole demo book in it, seeded once for the tests of a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from ledger_core.demo.seed import SeedReport, seed
from ledger_core.ids import new_id
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import make_engine

ANCHOR = date(2026, 11, 24)


@pytest.fixture(scope="module")
def book(server: EmbeddedServer, template: str) -> Iterator[tuple[str, SeedReport]]:
    """The URL of the book for the batch role, and the report of its seeding."""
    name = new_id("book")
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER cashline_owner".encode())
    url = server.dsn(name, "cashline_batch")

    async def fill() -> SeedReport:
        engine = make_engine(url)
        report = await seed(engine, anchor=ANCHOR)
        await engine.dispose()
        return report

    yield url, asyncio.run(fill())
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
