"""What the database itself holds, whoever asks and whatever Python says."""

import json
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, ProgrammingError

from ledger_core.errors import BooksRefused
from ledger_core.store.meaning import meaning_of
from ledger_core.store.postgres import customer, driver_of, system, transaction
from ledger_core.store.read import read_line

SYSTEM = system("test")
JOURNAL = ("events", "entries", "postings", "chain_links")
HEADS = ("lines", "line_projection", "ledger_balances", "idempotency_keys", "plans", "rates")


@pytest.fixture
async def line(engine, books):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.draw("line_a", 1))
    return "line_a"


@pytest.mark.parametrize("table", JOURNAL + HEADS)
@pytest.mark.parametrize(
    "command",
    [
        "INSERT INTO core.{} SELECT * FROM core.{}",
        "UPDATE core.{} SET customer_id = 'cus_bob'",
        "DELETE FROM core.{}",
        "TRUNCATE core.{}",
    ],
)
async def test_the_app_role_changes_no_book(engine, line, table, command):
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with transaction(engine, SYSTEM) as conn:
            await conn.execute(text(command.replace("{}", table)))


@pytest.mark.parametrize("table", JOURNAL)
@pytest.mark.parametrize(
    "command", ["UPDATE core.{} SET customer_id = 'x'", "DELETE FROM core.{}", "TRUNCATE core.{}"]
)
async def test_not_even_the_owner_rewrites_the_journal(owner_engine, line, table, command):
    with pytest.raises(DatabaseError, match=r"forbidden|cannot truncate"):
        async with transaction(owner_engine, SYSTEM) as conn:
            await conn.execute(text(command.replace("{}", table)))


@pytest.mark.parametrize("table", [*JOURNAL, *HEADS, "outbox"])
async def test_rows_answer_to_their_customer_and_to_nobody_without_an_identity(
    engine, owner_engine, line, table
):
    count = text(f"SELECT count(*) FROM core.{table}")  # noqa: S608  names of our own tables
    for used in (engine, owner_engine):
        async with transaction(used, customer("cus_bob")) as conn:
            assert (await conn.execute(count)).scalar_one() == 0
        async with used.begin() as conn:
            assert (await conn.execute(count)).scalar_one() == 0
    async with transaction(engine, customer("cus_anna")) as conn:
        assert (await conn.execute(count)).scalar_one() > 0 or table == "plans"


async def test_an_identity_ends_with_its_transaction(database, line):
    with psycopg.connect(database.url("cashline_app")) as conn:
        conn.execute("SELECT set_config('cashline.role', 'system', true)")
        assert conn.execute("SELECT count(*) FROM core.lines").fetchone() == (1,)
        conn.commit()
        assert conn.execute("SELECT count(*) FROM core.lines").fetchone() == (0,)


@pytest.mark.parametrize("credit_cents", [4_999, 5_001])
async def test_an_unbalanced_entry_is_refused(engine, books, line, credit_cents):
    draft = books.draw("line_a", 2)
    entry = books.entry(draft.events[0].event_id, 5_000, credit_cents)
    with pytest.raises(BooksRefused, match="not balanced"):
        await books.write(engine, replace(draft, entries=(entry,)))
    async with transaction(engine, SYSTEM) as conn:
        assert (await read_line(conn, "line_a")).line.version == 2


@pytest.mark.parametrize("legs", [0, 1])
async def test_an_entry_has_two_postings_or_more(engine, books, line, legs):
    draft = books.draw("line_a", 2)
    entry = replace(draft.entries[0], postings=draft.entries[0].postings[:legs])
    with pytest.raises(BooksRefused, match="not balanced"):
        await books.write(engine, replace(draft, entries=(entry,)))


@pytest.mark.parametrize("amount_cents", [0, -5])
async def test_a_posting_is_positive(engine, books, line, amount_cents):
    draft = books.draw("line_a", 2)
    legs = tuple(replace(leg, amount_cents=amount_cents) for leg in draft.entries[0].postings)
    with pytest.raises(BooksRefused):
        await books.write(engine, replace(draft, entries=(replace(draft.entries[0], postings=legs),)))


async def test_a_posting_added_later_unbalances_its_entry(owner_engine, line):
    late = text(
        "INSERT INTO core.postings SELECT line_id, entry_id, 9, customer_id, 'cash', 'debit', 1"
        "  FROM core.entries"
    )
    with pytest.raises(DatabaseError, match="not balanced"):
        async with transaction(owner_engine, SYSTEM) as conn:
            await conn.execute(late)


ENTRY = (
    "INSERT INTO core.entries (line_id, entry_id, customer_id, line_version, position, kind, stage, effective_on,"
    " event_id, reason) VALUES ('line_a', 'entry_x', '{customer}', 2, 1, 'draw', 'posted', '2026-03-16', {event}, 'x')"
)
LEGS = (
    "INSERT INTO core.postings SELECT 'line_a', '{entry}', n, 'cus_anna', 'cash', side, 1"
    " FROM (VALUES (1, 'debit'), (2, 'credit')) AS legs (n, side)"
)


@pytest.mark.parametrize(
    "sql",
    [
        ENTRY.format(customer="cus_anna", event="NULL"),
        f"WITH e AS ({ENTRY.format(customer='cus_bob', event='NULL')}) {LEGS.format(entry='entry_x')}",
        f"WITH e AS ({ENTRY.format(customer='cus_anna', event=repr('event_y'))}) {LEGS.format(entry='entry_x')}",
        LEGS.format(entry="entry_y"),
    ],
    ids=["no postings", "another customer", "no such event", "no such entry"],
)
async def test_not_even_the_owner_writes_an_entry_that_is_not_whole(owner_engine, line, sql):
    with pytest.raises(DatabaseError, match="not balanced"):
        async with transaction(owner_engine, SYSTEM) as conn:
            await conn.execute(text(sql))


async def test_the_owner_writes_a_whole_entry(owner_engine, line):
    whole = f"WITH e AS ({ENTRY.format(customer='cus_anna', event='NULL')}) {LEGS.format(entry='entry_x')}"
    async with transaction(owner_engine, SYSTEM) as conn:
        await conn.execute(text(whole))
        assert (await conn.execute(text("SELECT count(*) FROM core.entries"))).scalar_one() == 2


@pytest.mark.parametrize(
    "command", ["DELETE FROM core.lines", "UPDATE core.lines SET customer_id = 'cus_bob'"]
)
async def test_a_line_stays_and_stays_its_customers(owner_engine, line, command):
    with pytest.raises(DatabaseError, match="forbidden"):
        async with transaction(owner_engine, SYSTEM) as conn:
            await conn.execute(text(command))


async def test_the_chain_holds_for_what_was_appended(engine, line):
    async with transaction(engine, customer("cus_anna")) as conn:
        assert (await conn.execute(text("SELECT core.first_broken_link('line_a')"))).scalar_one() is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE core.events SET payload = '{\"amount_cents\": 1}' WHERE seq = 2", 2),
        ("UPDATE core.events SET effective_on = effective_on - 1 WHERE seq = 1", 1),
        ("UPDATE core.postings SET account = 'interest_income' WHERE side = 'credit'", 2),
        ("UPDATE core.entries SET reason = 'other'", 2),
        ("UPDATE core.chain_links SET hash = sha256('x') WHERE version = 1", 1),
        ("DELETE FROM core.chain_links WHERE version = 1", 2),
        ("UPDATE core.lines SET chain_hash = sha256('x')", 2),
    ],
)
async def test_whoever_gets_past_the_triggers_breaks_the_chain(database, engine, line, tampering, broken):
    with psycopg.connect(database.url("postgres")) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(tampering)
    async with transaction(engine, SYSTEM) as conn:
        found = (await conn.execute(text("SELECT core.first_broken_link('line_a')"))).scalar_one()
    assert found is not None
    assert found <= broken


async def test_the_caller_cannot_smuggle_content_past_the_chain(engine, books, line):
    draft = {
        "line_id": "line_a",
        "expected_version": 2,
        "key": "k",
        "input_hash": "h",
        "result": {},
        "events": [
            {
                "event_id": "event_x",
                "type": "FeeCharged",
                "version": 1,
                "effective_on": "2026-03-16",
                "payload": {"b": 1, "a": [2]},
                "memo": "not part of an event",
            }
        ],
        "entries": [],
        "outbox": [],
        "projection": None,
        "new_line": None,
    }
    async with transaction(engine, SYSTEM) as conn:
        driver = await driver_of(conn)
        await driver.execute("SELECT core.append(%s::jsonb)", (json.dumps(draft),))
        assert (await conn.execute(text("SELECT core.first_broken_link('line_a')"))).scalar_one() is None


async def test_a_line_has_one_plan_in_force(engine, books, line):
    enrolled = books.happening("line_a", 2, "PlanEnrolled", {"plan_id": "plan_1"}, plan_id="plan_1")
    await books.write(engine, enrolled)
    second = books.happening("line_a", 3, "PlanEnrolled", {"plan_id": "plan_2"}, plan_id="plan_2")
    with pytest.raises(BooksRefused, match="plans_one_active"):
        await books.write(engine, second)
    await books.write(engine, books.happening("line_a", 3, "PlanCancelled", {"plan_id": "plan_1"}))
    again = books.happening("line_a", 4, "PlanEnrolled", {"plan_id": "plan_2"}, plan_id="plan_2")
    assert (await books.write(engine, again)).version == 5


async def test_a_broken_plan_that_is_cured_is_in_force_again(engine, books, line):
    plan = {"plan_id": "plan_1"}
    await books.write(engine, books.happening("line_a", 2, "PlanEnrolled", plan, plan_id="plan_1"))
    await books.write(engine, books.happening("line_a", 3, "PlanBroken", plan, plan_id=None))
    async with transaction(engine, SYSTEM) as conn:
        assert (await conn.execute(text("SELECT ended_on FROM core.plans"))).scalar_one() == date(2026, 3, 16)
    await books.write(engine, books.happening("line_a", 4, "PlanCured", plan, plan_id="plan_1"))
    async with transaction(engine, SYSTEM) as conn:
        assert (await conn.execute(text("SELECT ended_on FROM core.plans"))).scalar_one() is None


async def test_a_line_has_one_rate_from_a_day_on_the_last_one_recorded(engine, books, line):
    day = date(2026, 3, 20)
    await books.write(engine, books.happening("line_a", 2, "RateChanged", {"apr_bp": 999}, on=day))
    await books.write(engine, books.happening("line_a", 3, "RateChanged", {"apr_bp": 600}, on=day))
    async with transaction(engine, SYSTEM) as conn:
        rows = (await conn.execute(text("SELECT from_on, apr_bp FROM core.rates ORDER BY from_on"))).all()
    assert rows == [(date(2026, 3, 16), 2199), (day, 600)]


def test_an_error_that_the_books_do_not_know_stays_the_drivers():
    assert isinstance(meaning_of(psycopg.OperationalError("gone")), psycopg.OperationalError)
