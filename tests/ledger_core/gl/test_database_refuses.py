"""What the database itself holds about the general ledger: written by its functions alone, and never changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.errors import BooksRefused
from ledger_core.gl.roll_up import roll_up
from ledger_core.store.postgres import system, transaction
from tests.ledger_core.nightly.conftest import OPENED, World

JOURNAL = (
    "gl_days",
    "gl_entries",
    "gl_postings",
    "gl_folds",
    "gl_ranges",
    "gl_interest",
    "gl_interest_folds",
)


@pytest.fixture
async def closed(world: World) -> World:
    await roll_up(world.engine, OPENED)
    return world


@pytest.mark.parametrize("table", JOURNAL)
@pytest.mark.parametrize(
    "attempt",
    ["DELETE FROM core.{}", "UPDATE core.{} SET booked_on = booked_on + 1", "TRUNCATE core.{} CASCADE"],
)
async def test_not_even_the_owner_changes_the_journal(
    closed: World, owner_engine: AsyncEngine, table: str, attempt: str
) -> None:
    async with transaction(owner_engine, system("test")) as conn:
        await conn.execute(text("INSERT INTO core.gl_interest VALUES (:on, 'p', 1, 0, 0)"), {"on": OPENED})
        folded = text("INSERT INTO core.gl_interest_folds VALUES (:on, 9, 'p', 'billed', 1)")
        await conn.execute(folded, {"on": OPENED})
    with pytest.raises(DBAPIError, match="forbidden"):
        async with transaction(owner_engine, system("test")) as conn:
            await conn.execute(text(attempt.format(table)))


@pytest.mark.parametrize(
    "attempt",
    [
        "INSERT INTO core.gl_days VALUES ('2026-03-09', 0, 0, 0, '', '')",
        "INSERT INTO core.gl_postings VALUES ('2026-03-02', 1, 9, '1010', 'debit', 100)",
        "INSERT INTO core.gl_ranges VALUES ('line_x', 1, 1, 1, '2026-03-09')",
        "UPDATE core.gl_watermarks SET version = 0",
        "DELETE FROM core.gl_watermarks",
    ],
)
async def test_the_batch_role_writes_through_the_functions_alone(closed: World, attempt: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with transaction(closed.engine, system("test")) as conn:
            await conn.execute(text(attempt))


@pytest.mark.parametrize("table", [*JOURNAL, "gl_watermarks", "gl_accounts", "gl_differences"])
async def test_the_app_role_reads_nothing_of_the_general_ledger(
    closed: World, engine: AsyncEngine, table: str
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with transaction(engine, system("test")) as conn:
            await conn.execute(text(f"SELECT * FROM core.{table}"))  # noqa: S608


async def test_the_app_role_cannot_roll_up(closed: World, engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with transaction(engine, system("test")) as conn:
            await conn.execute(text("SELECT core.gl_fold('2026-03-03', '', 10)"))


async def test_an_unbalanced_entry_is_refused_at_commit(closed: World, owner_engine: AsyncEngine) -> None:
    with pytest.raises(BooksRefused, match="is not balanced"):
        async with transaction(owner_engine, system("test")) as conn:
            await conn.execute(
                text("INSERT INTO core.gl_postings VALUES ('2026-03-02', 1, 9, '1010', 'debit', 100)")
            )


async def test_a_version_of_a_line_cannot_be_folded_twice(closed: World, owner_engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError, match="gl_ranges_pkey"):
        async with transaction(owner_engine, system("test")) as conn:
            await conn.execute(
                text(
                    "INSERT INTO core.gl_ranges SELECT line_id, from_version, 99, 99, '2026-03-03' FROM core.gl_ranges"
                )
            )


async def test_the_ledger_names_no_customer(closed: World) -> None:
    columns = await closed.rows(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'core' AND table_name LIKE 'gl@_%' ESCAPE '@' AND column_name = 'customer_id'"
    )
    assert columns == []
