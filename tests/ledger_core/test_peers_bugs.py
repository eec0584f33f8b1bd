"""Bugs that other open ledgers have had, each as a test of this one. Of backdating: line/test_peers_backdating.py."""

import asyncio
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.settle_draw import SettledDraw, settle_draw
from ledger_core.dates import Moment
from ledger_core.errors import KeyReused, LineNotOpenYet
from ledger_core.queries import payoff
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import entries, events, ledger_balances, transfers
from tests.fixtures.books import open_book


async def _counted(book):
    async with transaction(book.engine, system("test")) as conn:
        tables = (events, entries, ledger_balances, transfers)
        return [(await conn.execute(select(func.count()).select_from(t))).scalar_one() for t in tables]


async def test_a_crash_between_balance_and_record_leaves_neither(engine):
    """blnk #233, #240: balances were committed first, the transaction after; a crash between left them apart."""
    book = await open_book(engine)
    before = await _counted(book)

    async def crash(conn, ctx, **arguments):
        await request_draw(conn, ctx, **arguments)
        raise OSError("the process is gone before the commit")

    with pytest.raises(OSError, match="gone"):
        await book.act(crash, amount_cents=20_000, bank_account_id=book.bank_account_id)
    assert await _counted(book) == before
    assert (await book.state()).held_cents == 0


async def test_holds_count_against_what_may_be_drawn(engine):
    """blnk #181: six holds of 1,000 were taken against 5,000; asked for at once, they are not here either."""
    book = await open_book(engine, limit_cents=50_000)
    asked = {"amount_cents": 10_000, "bank_account_id": book.bank_account_id}
    came = await asyncio.gather(*(book.act(request_draw, **asked) for _ in range(6)))
    refusals = [answer for answer in came if isinstance(answer, Refused)]
    assert [refusal.codes for refusal in refusals] == [("over_limit",)]
    assert (await book.state()).held_cents == 50_000


async def test_a_hold_committed_twice_at_the_same_time_posts_once(engine):
    """midaz #1519: two commits of one pending transaction, sent together, were both posted."""
    book = await open_book(engine)
    draw = await book.draw(20_000, settle=False)
    await book.go_to(draw.settles_on)
    both = await asyncio.gather(*(book.act(settle_draw, draw_id=draw.draw_id) for _ in range(2)))
    assert sorted(isinstance(answer, SettledDraw) for answer in both) == [False, True]
    (refusal,) = [answer for answer in both if isinstance(answer, Refused)]
    assert refusal.codes == ("draw_not_pending",)
    state = await book.state()
    assert (state.principal_cents, state.held_cents) == (20_000, 0)


async def test_a_request_sent_twice_is_done_once(engine):
    """midaz #1974 and pgledger #38: there was no key by which a repeated request could be known."""
    book = await open_book(engine)
    await book.draw(50_000)
    pay = {"amount_cents": 7_000, "pay_on": book.at.on, "bank_account_id": book.bank_account_id}
    together = await asyncio.gather(*(book.act(make_payment, key="pay-1", **pay) for _ in range(3)))
    counted = await _counted(book)
    later = await book.act(make_payment, key="pay-1", **pay)
    assert {answer.payment_id for answer in together} == {later.payment_id}
    assert await _counted(book) == counted
    assert (await book.state()).principal_cents == 43_000
    with pytest.raises(KeyReused):
        await book.act(make_payment, key="pay-1", **(pay | {"amount_cents": 7_001}))


async def test_a_question_about_a_day_without_an_answer_is_not_answered_with_nothing(engine):
    """formance #1416: balances as of a point in time came back empty and were read as zero."""
    book = await open_book(engine)
    opened = book.at
    await book.draw(50_000)
    async with transaction(engine, book.customer) as conn:
        with pytest.raises(LineNotOpenYet, match=book.line_id):
            await line_at(conn, Moment(opened.on - timedelta(days=1), opened.at), book.line_id)
        first = (await line_at(conn, opened, book.line_id)).state
        far = await payoff.quote(conn, book.at, book.line_id, date(2030, 1, 1))
        past = await payoff.quote(conn, book.at, book.line_id, opened.on)
    assert (first.held_cents, first.principal_cents) == (50_000, 0)
    assert (far.codes, past.codes) == (("date_too_far",), ("date_in_past",))


def test_the_table_of_peers_bugs_names_tests_that_there_are():
    table = Path("ledger_core/README.md").read_text().split("## Bugs of peers, as tests")[1]
    named = re.findall(r"test_peers_bugs.py: (test_\w+)", table)
    assert len(named) == table.count("test_peers_bugs.py:") > 4
    assert [name for name in named if name not in globals()] == []
