"""Transfers: one per thing they move, and only lawful steps."""

from datetime import date, time

import pytest
import sqlalchemy.exc
from sqlalchemy import update

from ledger_core.bank import accounts, transfers
from ledger_core.commands.refund_credit import refund_credit
from ledger_core.dates import Moment
from ledger_core.store import tables
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book


async def test_a_file_leaves_once(engine):
    book = await open_book(engine)
    draw = await book.draw(30_000, settle=False)
    async with transaction(engine, system("bank")) as conn:
        (waiting,) = await transfers.to_submit(conn, Moment(book.at.on, time(20)))
        assert waiting.reference_id == draw.draw_id
        assert await transfers.submit(conn, book.line_id, "draw", draw.draw_id, book.at.on)
        assert not await transfers.submit(conn, book.line_id, "draw", draw.draw_id, book.at.on)
        assert await transfers.to_submit(conn, Moment(book.at.on, time(20))) == ()
        assert [t.reference_id for t in await transfers.submitted(conn)] == [draw.draw_id]


async def test_what_has_left_is_not_cancelled(engine):
    book = await open_book(engine)
    draw = await book.draw(30_000, settle=False)
    async with transaction(engine, system("bank")) as conn:
        await transfers.submit(conn, book.line_id, "draw", draw.draw_id, book.at.on)
        assert not await transfers.cancel(conn, book.line_id, "draw", draw.draw_id, book.at.on)
        assert not await transfers.move(conn, book.line_id, "draw", draw.draw_id, date(2026, 2, 1))


async def test_a_settled_transfer_can_still_come_back(engine):
    book = await open_book(engine)
    draw = await book.draw(30_000)
    async with transaction(engine, system("bank")) as conn:
        assert await transfers.return_(conn, book.line_id, "draw", draw.draw_id, book.at.on, "R02")
        found = await transfers.find(conn, book.line_id, "draw", draw.draw_id)
    assert (found.state, found.return_code, found.returned_on) == ("returned", "R02", book.at.on)


async def test_the_database_refuses_a_step_back(engine):
    book = await open_book(engine)
    await book.draw(30_000)
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="cannot go from settled to created"):
        async with transaction(engine, system("bank")) as conn:
            await conn.execute(update(tables.transfers).values(state="created"))


async def test_a_credit_balance_goes_back_to_the_bank_less_what_will_be_billed(engine):
    book = await open_book(engine)
    await book.draw(30_000)
    await book.go_to(date(2026, 1, 20))
    payoff = (await book.state()).payoff_base_cents
    await book.pay(payoff + 4_500, settle=True)
    refunded = await book.act(refund_credit, bank_account_id=book.bank_account_id)
    assert refunded.amount_cents == 4_500
    async with transaction(engine, book.customer) as conn:
        found = await transfers.find(conn, book.line_id, "refund", refunded.refund_id)
    assert (found.kind, found.amount_cents, found.state) == ("refund", 4_500, "created")
    await book.close_cycle()
    assert (await book.state()).payoff_base_cents == 0
    assert (await book.act(refund_credit, bank_account_id=book.bank_account_id)).codes == (
        "no_credit_balance",
    )


async def test_accounts_of_others_are_not_seen(engine):
    book, other = await open_book(engine), await open_book(engine, bank_status="pending")
    async with transaction(engine, book.customer) as conn:
        assert (await accounts.find(conn, book.bank_account_id)).is_verified
        assert await accounts.find(conn, other.bank_account_id) is None
    async with transaction(engine, other.customer) as conn:
        assert not (await accounts.find(conn, other.bank_account_id)).is_verified
