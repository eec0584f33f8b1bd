"""A new key: account numbers are sealed anew in batches, whatever stops it, and the old key can go."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ledger_core.bank import __main__ as command
from ledger_core.bank import numbers
from ledger_core.bank import reseal as resealing
from ledger_core.bank.reseal import reseal
from ledger_core.bank.vault import Sealed, Vault, vault_of
from ledger_core.demo.numbers import invented_numbers
from ledger_core.errors import NumbersSealed
from ledger_core.ids import new_id
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book

OLD, NEW = "a5" * 32, "b7" * 32
ACCOUNTS = 7


def ring(*keys: str) -> Vault:
    return vault_of({"CASHLINE_ACCOUNTS_KEY": ",".join(keys)})


async def some_numbers(engine) -> dict[tuple[str, int], str]:
    """Accounts as the key of the tests seals them, one of them in two versions; the numbers by row."""
    book = await open_book(engine)
    async with transaction(engine, system("test")) as conn:
        for n in range(ACCOUNTS - 1):
            given = invented_numbers(new_id("bank"), "First Bank", f"{n:04d}", "Somebody")
            await numbers.keep(conn, book.bank_account_id, book.customer_id, given)
    return {row[:2]: opened for row, opened in (await opened_by(engine, ring(OLD))).items()}


async def opened_by(engine, vault: Vault) -> dict[tuple[str, int, str], str]:
    """All rows and the key that sealed each, opened."""
    async with transaction(engine, system("test")) as conn:
        rows = (
            await conn.execute(
                text("SELECT bank_account_id, version, key_id, sealed FROM core.account_numbers")
            )
        ).all()
    return {
        (r.bank_account_id, r.version, r.key_id): vault.open(
            Sealed(r.key_id, r.sealed), numbers.row_name(r.bank_account_id, r.version)
        )
        for r in rows
    }


async def test_after_a_new_key_all_numbers_are_sealed_anew_and_the_old_key_can_go(batch_engine):
    before = await some_numbers(batch_engine)
    assert len(before) == ACCOUNTS
    done = await reseal(batch_engine, vault=ring(NEW, OLD), rows_per_batch=3)
    assert (done.rows, done.closed) == (ACCOUNTS, {})
    after = await opened_by(batch_engine, ring(NEW))
    assert {row[:2]: number for row, number in after.items()} == before
    again = await reseal(batch_engine, vault=ring(NEW, OLD), rows_per_batch=3)
    assert (again.rows, again.closed) == (0, {})
    assert await opened_by(batch_engine, ring(NEW)) == after, "not one row was touched again"


async def test_killed_between_any_two_rows_it_goes_on_where_it_was(batch_engine, monkeypatch):
    before = await some_numbers(batch_engine)
    seal_anew, left = resealing._seal_anew, 0

    async def until_killed(conn, vault, row):
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        await seal_anew(conn, vault, row)

    with monkeypatch.context() as patch:
        patch.setattr(resealing, "_seal_anew", until_killed)
        for rows, kept in ((1, 0), (3, 2), (4, 6)):
            left = rows
            with pytest.raises(KeyboardInterrupt):
                await reseal(batch_engine, vault=ring(NEW, OLD), rows_per_batch=2)
            opened = await opened_by(batch_engine, ring(NEW, OLD))
            assert {row[:2]: number for row, number in opened.items()} == before
            assert [row[2] for row in opened].count(ring(NEW).key_id) == kept, "whole batches alone"
    await reseal(batch_engine, vault=ring(NEW, OLD))
    opened = await opened_by(batch_engine, ring(NEW))
    assert {row[:2]: number for row, number in opened.items()} == before


async def test_a_number_whose_key_is_gone_is_left_and_told(batch_engine):
    await some_numbers(batch_engine)
    done = await reseal(batch_engine, vault=ring(NEW))
    assert (done.rows, done.closed) == (0, {ring(OLD).key_id: ACCOUNTS})
    assert len(await opened_by(batch_engine, ring(OLD))) == ACCOUNTS


async def test_a_number_that_was_moved_to_another_row_stops_it(batch_engine, owner_engine):
    await some_numbers(batch_engine)
    async with transaction(owner_engine, system("test")) as conn:
        await conn.execute(text("UPDATE core.account_numbers SET version = 70 WHERE version = 2"))
    with pytest.raises(NumbersSealed, match=":70 is not what was sealed"):
        await reseal(batch_engine, vault=ring(NEW, OLD))


async def test_the_command_says_what_it_did(database, batch_engine, capsys, monkeypatch):
    await some_numbers(batch_engine)
    monkeypatch.setattr(command, "reseal", lambda engine: reseal(engine, vault=ring(NEW, OLD)))
    assert await command._reseal(batch_engine) == 0
    assert capsys.readouterr().out == f"{ACCOUNTS} sealed anew\n"
    monkeypatch.setattr(command, "reseal", lambda engine: reseal(engine, vault=ring("c" * 64)))
    assert await command._reseal(batch_engine) == command.CLOSED
    assert capsys.readouterr().err == f"no key {ring(NEW).key_id}: {ACCOUNTS} cannot be opened\n"
