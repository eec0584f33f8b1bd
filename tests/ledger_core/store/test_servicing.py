"""Beside the journal: the servicing date, transfers, statements, erasure, and the hashes over all lines."""

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DatabaseError, ProgrammingError

from ledger_core.dates import FixedClock, Moment
from ledger_core.store import tables
from ledger_core.store.clock import advance, servicing_moment
from ledger_core.store.postgres import customer, system, transaction

SYSTEM = system("test")
ANNA = {"customer_id": "cus_anna", "display_name": "Anna Example", "state": "OH", "email": "anna@example.org"}


@pytest.fixture
async def anna(engine, books):
    async with transaction(engine, SYSTEM) as conn:
        await conn.execute(insert(tables.customers).values(ANNA))
        await conn.execute(
            insert(tables.bank_accounts).values(
                bank_account_id="bank_1",
                customer_id="cus_anna",
                bank_name="First Bank",
                last4="1234",
                status="verified",
            )
        )
    await books.write(engine, books.opening("line_a"))


def transfer(**changed):
    values = {
        "line_id": "line_a",
        "transfer_id": "transfer_1",
        "customer_id": "cus_anna",
        "kind": "payment",
        "reference_id": "payment_1",
        "bank_account_id": "bank_1",
        "amount_cents": 5_000,
        "effective_on": date(2026, 3, 17),
        "state": "created",
    }
    return insert(tables.transfers).values({**values, **changed})


async def test_the_servicing_date_is_new_yorks_plus_the_days_moved(engine, batch_engine, clock):
    async with transaction(engine, SYSTEM) as conn:
        assert await servicing_moment(conn, clock) == Moment(date(2026, 3, 16), time(11, 0))
    async with transaction(batch_engine, SYSTEM) as conn:
        await advance(conn, 30)
    late = FixedClock(datetime(2026, 3, 17, 3, 0, tzinfo=UTC))
    async with transaction(engine, SYSTEM) as conn:
        assert await servicing_moment(conn, clock) == Moment(date(2026, 4, 15), time(11, 0))
        assert await servicing_moment(conn, late) == Moment(date(2026, 4, 15), time(23, 0))


async def test_the_app_role_cannot_move_the_servicing_date(engine):
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with transaction(engine, SYSTEM) as conn:
            await advance(conn, 1)


async def test_a_transfer_takes_only_the_steps_a_transfer_takes(engine, anna):
    async def step(**values):
        async with transaction(engine, SYSTEM) as conn:
            await conn.execute(update(tables.transfers).values(values))

    async with transaction(engine, SYSTEM) as conn:
        await conn.execute(transfer())
    await step(effective_on=date(2026, 3, 18))
    with pytest.raises(DatabaseError, match="cannot go from created to settled"):
        await step(state="settled")
    await step(state="submitted", submitted_on=date(2026, 3, 17))
    for refused in ({"state": "cancelled"}, {"effective_on": date(2026, 3, 20)}, {"amount_cents": 1}):
        with pytest.raises(DatabaseError, match="cannot go"):
            await step(**refused)
    await step(state="settled", settled_on=date(2026, 3, 19))
    await step(state="returned", return_code="R01", returned_on=date(2026, 3, 20))
    with pytest.raises(DatabaseError, match="cannot go from returned"):
        await step(state="settled", return_code=None)


async def test_one_payment_has_one_transfer(engine, anna):
    async with transaction(engine, SYSTEM) as conn:
        await conn.execute(transfer())
    with pytest.raises(DatabaseError, match="duplicate key"):
        async with transaction(engine, SYSTEM) as conn:
            await conn.execute(transfer(transfer_id="transfer_2"))


async def test_a_customer_sees_and_makes_only_their_own_transfers(engine, anna):
    async with transaction(engine, customer("cus_anna")) as conn:
        await conn.execute(transfer())
    async with transaction(engine, customer("cus_bob")) as conn:
        assert (await conn.execute(select(tables.transfers))).all() == []
        assert (await conn.execute(update(tables.transfers).values(state="cancelled"))).rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with transaction(engine, customer("cus_bob")) as conn:
            await conn.execute(transfer(transfer_id="transfer_2", reference_id="payment_2"))


async def test_an_issued_statement_stands(engine, owner_engine, anna, books):
    said = {"statement_id": "statement_1", "figures": {"new_balance": 1}}
    issued = insert(tables.statements).values(
        line_id="line_a",
        number=1,
        statement_id="statement_1",
        customer_id="cus_anna",
        cycle_start=date(2026, 3, 1),
        cycle_end=date(2026, 3, 31),
        due_on=date(2026, 4, 25),
        figures={"new_balance": 1},
    )
    with pytest.raises(DatabaseError, match="never issued"):
        async with transaction(engine, SYSTEM) as conn:
            await conn.execute(issued)
    await books.write(engine, books.happening("line_a", 1, "StatementIssued", said))
    with pytest.raises(DatabaseError, match="never issued"):
        async with transaction(engine, SYSTEM) as conn:
            await conn.execute(issued.values(figures={"new_balance": 2}))
    async with transaction(engine, SYSTEM) as conn:
        await conn.execute(issued)
    with pytest.raises(DatabaseError, match="forbidden"):
        async with transaction(owner_engine, SYSTEM) as conn:
            await conn.execute(update(tables.statements).values(figures={"new_balance": 2}))
    with pytest.raises(DatabaseError, match="duplicate key"):
        async with transaction(engine, SYSTEM) as conn:
            await conn.execute(issued)


async def test_erasing_a_person_leaves_the_books_whole(engine, batch_engine, anna):
    note = {"narrative_id": "note_1", "customer_id": "cus_anna", "kind": "dispute", "body": "I was in Ohio"}
    async with transaction(engine, SYSTEM) as conn:
        await conn.execute(insert(tables.narratives).values(note))
    async with transaction(batch_engine, SYSTEM) as conn:
        await conn.execute(text("SELECT core.erase_customer('cus_anna')"))
    async with transaction(engine, SYSTEM) as conn:
        person = (await conn.execute(select(tables.customers))).one()
        assert (person.display_name, person.email) == ("", None)
        assert (await conn.execute(select(tables.narratives.c.body))).scalar_one() is None
        assert (await conn.execute(text("SELECT core.first_broken_link('line_a')"))).scalar_one() is None


async def test_the_root_changes_with_every_append(engine, books):
    async def root():
        async with transaction(engine, SYSTEM) as conn:
            return (await conn.execute(text("SELECT lines, root FROM core.root()"))).one()

    await books.write(engine, books.opening("line_a"))
    before = await root()
    await books.write(engine, books.draw("line_a", 1))
    assert before.lines == (await root()).lines == 1
    assert before.root != (await root()).root


async def test_two_runs_of_the_same_day_have_the_same_content_digest(engine, books):
    """Other lines, other ids, another hour: the same content. One cent apart: another."""

    async def digest(customer_id):
        async with transaction(engine, customer(customer_id)) as conn:
            return (await conn.execute(text("SELECT core.content_digest()"))).scalar_one()

    for line, customer_id, cents in (("a", "cus_1", 5_000), ("b", "cus_2", 5_000), ("c", "cus_3", 5_001)):
        await books.write(engine, books.opening(f"line_{line}", customer_id))
        await books.write(engine, books.draw(f"line_{line}", 1, cents))
    assert await digest("cus_1") == await digest("cus_2")
    assert await digest("cus_1") != await digest("cus_3")


async def test_keys_are_kept_thirteen_months(batch_engine, books):
    await books.write(batch_engine, books.opening("line_a"))
    forget = text("SELECT core.forget_keys(now() - make_interval(months => :months))")
    async with transaction(batch_engine, SYSTEM) as conn:
        assert (await conn.execute(forget, {"months": 14})).scalar_one() == 0
    with pytest.raises(DatabaseError, match="13 months"):
        async with transaction(batch_engine, SYSTEM) as conn:
            await conn.execute(forget, {"months": 12})
