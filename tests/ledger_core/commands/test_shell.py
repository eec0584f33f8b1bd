"""The shell of all commands: keys, conflicts, previews, projections."""

import asyncio
from datetime import date

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from evals.faults.inject import gate
from ledger_core.commands.assemble import projection
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.make_payment import make_payment, preview_make_payment
from ledger_core.commands.request_draw import RequestedDraw, preview_request_draw, request_draw
from ledger_core.commands.retry import with_retries
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.errors import BooksBusy, BooksRefused, KeyReused, LineNotFound
from ledger_core.ids import new_id
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused
from ledger_core.store.append import Append, NewEntry, NewEvent, NewPosting, send
from ledger_core.store.postgres import customer, driver_of, system, transaction
from ledger_core.store.tables import events, inbox, line_projection, outbox, transfers
from tests.fixtures.books import open_book


async def test_a_repeated_key_returns_the_first_answer_and_writes_nothing(engine):
    book = await open_book(engine)
    first = await book.act(request_draw, key="k", amount_cents=20_000, bank_account_id=book.bank_account_id)
    again = await book.act(request_draw, key="k", amount_cents=20_000, bank_account_id=book.bank_account_id)
    assert isinstance(first, RequestedDraw)
    assert again == first
    assert (await book.state()).held_cents == 20_000


async def test_a_key_used_with_another_input_is_an_error(engine):
    book = await open_book(engine)
    await book.act(request_draw, key="k", amount_cents=20_000, bank_account_id=book.bank_account_id)
    with pytest.raises(KeyReused):
        await book.act(request_draw, key="k", amount_cents=30_000, bank_account_id=book.bank_account_id)
    with pytest.raises(KeyReused):
        await book.act(lock_line, key="k", reason="customer")


async def test_of_two_draws_at_once_over_one_limit_one_is_refused(engine):
    book = await open_book(engine)

    async def draw(key):
        return await book.act(
            request_draw, key=key, amount_cents=150_000, bank_account_id=book.bank_account_id
        )

    answers = await asyncio.gather(draw("a"), draw("b"))
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refusals) == 1
    assert refusals[0].codes == ("over_limit",)
    assert (await book.state()).held_cents == 150_000


async def test_the_same_key_twice_at_once_draws_once(engine):
    book = await open_book(engine)

    async def draw():
        return await book.act(
            request_draw, key="same", amount_cents=50_000, bank_account_id=book.bank_account_id
        )

    first, second = await asyncio.gather(draw(), draw())
    assert first == second
    assert (await book.state()).held_cents == 50_000


async def test_a_refused_command_leaves_no_trace(engine):
    book = await open_book(engine)
    answer = await book.act(request_draw, amount_cents=1_000, bank_account_id=book.bank_account_id)
    assert isinstance(answer, Refused)
    assert answer.codes == ("below_minimum",)
    async with transaction(engine, book.customer) as conn:
        assert (await conn.execute(select(func.count()).select_from(events))).scalar_one() == 1
        assert (await conn.execute(select(func.count()).select_from(transfers))).scalar_one() == 0


async def test_a_preview_gives_the_terms_the_command_acts_on_and_writes_nothing(engine):
    book = await open_book(engine)
    shown = await book.ask(preview_request_draw, amount_cents=60_000, bank_account_id=book.bank_account_id)
    assert shown.terms == {
        "amount_cents": 60_000,
        "speed": "standard",
        "bank_account_id": book.bank_account_id,
        "settles_on": "2026-01-06",
        "fee_cents": 0,
        "apr_bp": 2599,
    }
    assert (await book.state()).held_cents == 0


async def test_equal_previews_mean_the_same_act_whatever_else_happens(engine):
    book = await open_book(engine)
    await book.draw(50_000)
    asked = {"amount_cents": 10_000, "pay_on": date(2026, 1, 20), "bank_account_id": book.bank_account_id}
    before = await book.ask(preview_make_payment, **asked)
    await book.act(lock_line, reason="customer")
    assert await book.ask(preview_make_payment, **asked) == before


async def test_a_preview_refuses_with_the_reasons_of_the_command(engine):
    book = await open_book(engine)
    refusal = await book.ask(preview_request_draw, amount_cents=900_000, bank_account_id=book.bank_account_id)
    assert refusal.codes == ("over_limit",)


async def test_another_customers_line_is_not_found(engine):
    book = await open_book(engine)
    other = await open_book(engine)
    ctx = book.context()
    with pytest.raises(LineNotFound):
        async with transaction(engine, customer(other.customer_id)) as conn:
            await lock_line(conn, ctx, line_id=book.line_id, reason="customer")


async def test_another_customers_bank_account_moves_no_money(engine):
    book = await open_book(engine)
    other = await open_book(engine)
    answer = await book.act(request_draw, amount_cents=20_000, bank_account_id=other.bank_account_id)
    assert answer.codes == ("bank_account_unverified",)


async def test_the_stored_projection_equals_the_replay(engine):
    book = await open_book(engine)
    await book.draw(150_000)
    await book.close_cycle()
    await book.pay(10_000)
    await book.draw(30_000, settle=False)
    expected = projection(await book.state())
    async with transaction(engine, book.customer) as conn:
        row = (await conn.execute(select(line_projection))).one()._mapping
    assert {name: row[name] for name in expected.__dataclass_fields__} == {
        name: getattr(expected, name) for name in expected.__dataclass_fields__
    }


async def test_every_fact_leaves_a_message_with_references_alone(engine):
    book = await open_book(engine)
    await book.draw(150_000, memo="rent, please hurry")
    async with transaction(engine, book.customer) as conn:
        rows = (await conn.execute(select(outbox.c.topic, outbox.c.payload).order_by(outbox.c.version))).all()
    assert [row.topic for row in rows] == ["line.LineOpened", "line.DrawRequested", "line.DrawSettled"]
    assert "rent" not in str(rows)


async def test_retries_end_when_the_work_itself_fails(engine):
    calls = []

    async def fail(conn):
        calls.append(1)
        raise LineNotFound("line_x")

    with pytest.raises(LineNotFound):
        await with_retries(engine, system("test"), fail)
    assert len(calls) == 1


@pytest.mark.parametrize("sqlstate", ["40P01", "40001", "55P03"])
async def test_a_deadlock_or_a_lock_not_to_be_had_starts_the_work_again(engine, sqlstate):
    calls = []
    fail = text(f"DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '{sqlstate}'; END $$")

    async def busy_twice(conn):
        calls.append(1)
        if len(calls) <= 2:
            await conn.execute(fail)
        return "done"

    assert await with_retries(engine, system("test"), busy_twice) == "done"
    assert len(calls) == 3


async def test_books_that_stay_busy_say_so(engine):
    fail = text("DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '55P03'; END $$")
    with pytest.raises(BooksBusy):
        await with_retries(engine, system("test"), lambda conn: conn.execute(fail))


async def test_an_unbalanced_entry_that_is_sent_is_refused_by_the_transaction(engine):
    book = await open_book(engine)
    legs = (NewPosting("cash", "debit", 1), NewPosting("fee_income", "credit", 2))
    event = NewEvent(new_id("event"), "FeeCharged", 1, book.at.on, {})
    entry = NewEntry(new_id("entry"), "fee", "posted", book.at.on, event.event_id, "fee", legs)
    with pytest.raises(BooksRefused, match="not balanced"):
        async with transaction(engine, system("test")) as conn:
            await send(conn, Append(book.line_id, 1, "k", "h", {}, (event,), (entry,)))
    assert (await book.state()).owed_cents == 0


async def test_statements_of_every_kind_take_turns_in_one_transaction(engine):
    """A write that waits, a statement of SQLAlchemy, of the driver, and a write again; all or none."""
    book = await open_book(engine)

    async def do_all():
        async with transaction(engine, book.customer) as conn:
            done = await request_draw(
                conn,
                book.context(),
                line_id=book.line_id,
                amount_cents=20_000,
                bank_account_id=book.bank_account_id,
            )
            counted = await conn.execute(select(func.count()).select_from(transfers))
            assert counted.scalar_one() == 1
            driver = await driver_of(conn)
            assert (await (await driver.execute("SELECT count(*) FROM core.events")).fetchone()) == (2,)
            await settle_draw(conn, book.context(), line_id=book.line_id, draw_id=done.draw_id)
            assert (await line_at(conn, book.at, book.line_id)).state.principal_cents == 20_000
            await lock_line(conn, book.context(), line_id="line_x", reason="customer")

    with pytest.raises(LineNotFound):
        await do_all()
    assert (await book.state()).held_cents == 0


async def test_a_connection_goes_back_as_it_came(engine):
    """After a commit and after a failure no transaction is open on it, and it knows no identity."""
    for _ in range(2):
        with pytest.raises(LineNotFound):
            async with transaction(engine, system("test")) as conn:
                await lock_line(
                    conn, (await open_book(engine)).context(), line_id="line_x", reason="customer"
                )
        async with engine.connect() as conn:
            driver = (await conn.get_raw_connection()).driver_connection
            assert driver.info.transaction_status == TransactionStatus.IDLE
            assert (await conn.execute(text("SELECT current_setting('cashline.role', true)"))).scalar() in ("", None)
            assert (await conn.execute(select(func.count()).select_from(transfers))).scalar_one() == 0


async def test_a_command_is_two_statements_each_its_own_transaction(engine):
    """Nothing is opened around a read and the write that waits for the end."""
    book = await open_book(engine)
    with gate() as counted:
        await book.draw(20_000, settle=False)
    assert counted.trips == 2
    async with transaction(engine, book.customer) as conn:
        await lock_line(conn, book.context(), line_id=book.line_id, reason="customer")
        assert not await _is_locked(engine, book)
    assert await _is_locked(engine, book)


async def test_a_transaction_that_fails_after_its_write_has_written_nothing(engine):
    book = await open_book(engine)

    async def lock_and_fail():
        async with transaction(engine, book.customer) as conn:
            await lock_line(conn, book.context(), line_id=book.line_id, reason="customer")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await lock_and_fail()
    assert not await _is_locked(engine, book)


async def _is_locked(engine, book):
    async with transaction(engine, system("test")) as conn:
        return (await line_at(conn, book.at, book.line_id)).state.locked


async def test_a_statement_outside_a_transaction_of_the_books_is_in_one_of_its_own(engine):
    """Of SQLAlchemy, on the same connections: committed together, or not at all."""
    insert_one = insert(inbox).values(consumer="test", message_id="1")


    async def write(*message_ids):
        async with engine.begin() as conn:
            for message_id in message_ids:
                await conn.execute(insert_one.values(message_id=message_id))

    await write("1")
    with pytest.raises(IntegrityError):
        await write("2", "1")
    async with engine.connect() as conn:
        assert (await conn.execute(select(func.count()).select_from(inbox))).scalar_one() == 1


async def test_a_payment_needs_a_verified_bank_account(engine):
    book = await open_book(engine, bank_status="pending")
    answer = await book.act(
        make_payment, amount_cents=5_000, pay_on=book.at.on, bank_account_id=book.bank_account_id
    )
    assert answer.codes[0] == "bank_account_unverified"
