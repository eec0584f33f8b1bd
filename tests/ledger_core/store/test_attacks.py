"""Whoever connects as the app's or the batch's role, and tries: the database itself refuses.

Tables, functions and columns come out of the catalog, so that a new one cannot be forgotten: what a role may do is
written down here, and everything else has to be refused.
"""

# ruff: noqa: S608  names out of the catalog

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import psycopg
import pytest
from psycopg import errors

from ledger_core.store.postgres import system, transaction

ROLES = ("cashline_app", "cashline_batch")
ERASABLE = {"customers", "bank_accounts", "narratives"}
"""people and their words: written and erased, never part of the books"""
NIGHTLY = {
    "accrual_checks", "accrual_corrections", "accruals", "business_days", "daily_roots", "demo_book",
    "gl_differences", "gl_reconciliations", "night_steps", "reconciliation_differences",
}  # fmt: skip
BANK_FILES = {"bank_files", "bank_entries", "bank_receipts", "bank_answers"}
INSERTS = {
    "cashline_app": ERASABLE | {"account_numbers", "decisions", "inbox", "notices", "statements", "transfers"},
    "cashline_batch": ERASABLE
    | {"account_numbers", "decisions", "inbox", "notices", "statements", "transfers"}
    | NIGHTLY
    | BANK_FILES,
}
UPDATES = {
    "cashline_app": ERASABLE | {"transfers"},
    "cashline_batch": ERASABLE
    | {"transfers", "accrual_checks", "business_days", "demo_book", "servicing_clock"},
}
COLUMNS = {
    "cashline_app": {("outbox", "delivered_at")},
    "cashline_batch": {
        ("outbox", "delivered_at"),
        ("account_numbers", "key_id"),
        ("account_numbers", "sealed"),
        ("bank_files", "sha256"),
        ("bank_files", "delivered_on"),
        ("bank_answers", "state"),
        ("bank_answers", "attention"),
    },
}
"""single columns that may be updated"""
HOUSE = {
    "alembic_version", "bank_files", "bank_receipts", "business_days", "daily_roots", "demo_book", "gl_accounts", "gl_adjustments",
    "gl_allowances", "gl_days",
    "gl_differences", "gl_entries", "gl_folds", "gl_interest", "gl_interest_folds", "gl_postings", "gl_ranges",
    "gl_reconciliations", "gl_sources", "gl_watermarks", "inbox", "night_steps", "servicing_clock",
}  # fmt: skip
"""tables of the house: nobody's rows"""
OPEN_TO_THE_APP = {
    "bank_files",
    "bank_receipts",
    "business_days",
    "daily_roots",
    "demo_book",
    "inbox",
    "servicing_clock",
}
AS_OWNER = {
    "cashline_app": {"append"},
    "cashline_batch": {
        "age", "append", "append_many", "erase_customer", "forget_keys", "gl_adjust", "gl_close_day", "gl_fold",
        "gl_keep_chart", "gl_provide",
    },
}  # fmt: skip
"""functions that run with the owner's rights"""

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'core'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
_COLUMNS = """
SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'core'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attgenerated = '' ORDER BY 1, 2"""


class Intruder:
    """A connection as a role, and an identity; each attempt is undone."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Intruder:
        return self

    def __exit__(self, *failure: object) -> None:
        self.connection.close()

    def tries(self, statement: str, *parameters: Any, identity: tuple[str, str] = ("system", "")) -> Any:
        """What the statement returns; its error is raised. Nothing stays."""
        with self.connection.transaction(force_rollback=True):
            self.connection.execute(
                "SELECT set_config('cashline.role', %s, true), set_config('cashline.customer_id', %s, true)",
                identity,
            )
            cursor = self.connection.execute(statement.encode(), parameters or None)
            self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def refused(self, statement: str, *parameters: Any, **more: Any) -> bool:
        """Whether its privileges forbid it."""
        try:
            self.tries(statement, *parameters, **more)
        except errors.InsufficientPrivilege:
            return True
        except psycopg.Error:
            return False
        return False


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def intruder(database, role) -> Iterator[Intruder]:
    with Intruder(database.url(role)) as made:
        yield made


@pytest.fixture
async def lines(engine, books):
    for line_id, customer_id in (("line_a", "cus_anna"), ("line_b", "cus_bob")):
        await books.write(engine, books.opening(line_id, customer_id))
        await books.write(engine, books.draw(line_id, 1))
    return books


def test_no_table_takes_a_write_that_is_not_written_down_here(intruder: Intruder, role: str) -> None:
    tables = [name for (name,) in intruder.tries(_TABLES)]
    columns = intruder.tries(_COLUMNS)
    wrong = []
    for table in tables:
        may = {"INSERT": table in INSERTS[role], "DELETE": False, "TRUNCATE": False}
        attempts = {
            "INSERT": f"INSERT INTO core.{table} DEFAULT VALUES",
            "DELETE": f"DELETE FROM core.{table}",
            "TRUNCATE": f"TRUNCATE core.{table}",
        }
        wrong += [(op, table) for op, sql in attempts.items() if intruder.refused(sql) == may[op]]
    for table, column in columns:
        allowed = table in UPDATES[role] or (table, column) in COLUMNS[role]
        refused = intruder.refused(f'UPDATE core.{table} SET "{column}" = NULL WHERE false')
        wrong += [("UPDATE", table, column)] if refused == allowed else []
    assert len(tables) > 20
    assert wrong == []


def test_every_table_with_a_customer_is_locked_to_the_identity(
    intruder: Intruder, owner_engine, lines
) -> None:
    tables = {name for (name,) in intruder.tries(_TABLES)}
    of_customers = {table for table, column in intruder.tries(_COLUMNS) if column == "customer_id"}
    assert tables - of_customers == HOUSE
    guarded = intruder.tries(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'core'::regnamespace AND c.relrowsecurity"
        " AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid)"
    )
    assert {name for (name,) in guarded} >= of_customers


def test_another_customers_rows_and_rows_without_an_identity_are_not_there(
    database, intruder: Intruder, lines
) -> None:
    of_customers = sorted({table for table, column in intruder.tries(_COLUMNS) if column == "customer_id"})
    filled = set()
    with Intruder(database.url("cashline_owner")) as owner:
        for reader in (intruder, owner):
            for table in of_customers:
                anybody = (
                    f"SELECT count(*), count(*) FILTER (WHERE customer_id <> 'cus_bob') FROM core.{table}"
                )
                if reader.refused(anybody):
                    continue
                ((mine, others),) = reader.tries(anybody, identity=("customer", "cus_bob"))
                filled |= {table} if mine else set()
                assert others == 0, table
                for nobody in (("", ""), ("customer", ""), ("owner", "cus_bob"), ("SYSTEM", "")):
                    assert reader.tries(anybody, identity=nobody) == [(0, 0)], (table, nobody)
    assert filled >= {"lines", "events", "entries", "postings", "ledger_balances", "chain_links", "outbox"}


def test_house_tables_that_the_app_needs_not_are_closed_to_it(database) -> None:
    with Intruder(database.url("cashline_app")) as app:
        readable = {table for table in HOUSE if not app.refused(f"SELECT * FROM core.{table}")}
    assert readable == OPEN_TO_THE_APP


def test_rows_cannot_be_written_for_somebody_else(intruder: Intruder, lines) -> None:
    person = "INSERT INTO core.customers (customer_id, display_name, state) VALUES (%s, 'X', 'OH')"
    bob = ("customer", "cus_bob")
    assert intruder.tries(person, "cus_bob", identity=bob) == 1
    assert intruder.refused(person, "cus_anna", identity=bob)
    assert intruder.refused(person, "cus_anna", identity=("", ""))
    steal = "WITH me AS (INSERT INTO core.customers (customer_id, display_name, state) VALUES ('cus_bob', 'X', 'OH'))"
    assert intruder.tries(f"{steal} UPDATE core.customers SET display_name = 'Y'", identity=bob) == 0


def test_a_leaking_function_in_a_filter_sees_no_row_that_is_not_ones_own(intruder: Intruder, lines) -> None:
    heard: list[str] = []
    intruder.connection.add_notice_handler(lambda diag: heard.append(diag.message_primary or ""))
    intruder.connection.execute(
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
        " $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
    )
    found = intruder.tries(
        "SELECT line_id FROM core.lines WHERE pg_temp.leak(line_id)", identity=("customer", "cus_bob")
    )
    assert found == [("line_b",)]
    assert heard == ["line_b"]


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE cashline_owner",
        "SET SESSION AUTHORIZATION cashline_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE core.events DISABLE TRIGGER ALL",
        "DROP TRIGGER no_change ON core.events",
        "CREATE TRIGGER mine BEFORE INSERT ON core.events EXECUTE FUNCTION core.forbid()",
        "ALTER TABLE core.lines NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE core.lines DISABLE ROW LEVEL SECURITY",
        "DROP POLICY by_identity ON core.lines",
        "CREATE POLICY mine ON core.lines USING (true)",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "GRANT cashline_owner TO CURRENT_USER",
        "CREATE TABLE core.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION core.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION core.sees(p_customer_id text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE VIEW public.mine AS SELECT * FROM core.lines",
        "CREATE INDEX ON core.lines (status)",
        "CREATE UNLOGGED TABLE core.events_2 () INHERITS (core.events)",
        "ALTER FUNCTION core.append SECURITY INVOKER",
        "DROP SCHEMA core CASCADE",
        "COPY core.events FROM PROGRAM 'true'",
        "COPY core.events TO '/tmp/events'",
        "SELECT pg_read_file('/etc/passwd')",
        "LOCK TABLE core.events IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_no_role_lifts_itself_above_the_books(intruder: Intruder, statement: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.DuplicateObject)) as refusal:
        intruder.tries(statement)
    assert isinstance(refusal.value, errors.InsufficientPrivilege)


def test_owner_rights_come_through_named_functions_alone(intruder: Intruder, role: str) -> None:
    mine = intruder.tries(
        "SELECT proname, proconfig::text FROM pg_proc WHERE pronamespace = 'core'::regnamespace AND prosecdef"
        " AND has_function_privilege(oid, 'EXECUTE')"
    )
    assert {name for name, _ in mine} == AS_OWNER[role]
    assert all("search_path=core, pg_temp" in settings for _, settings in mine)
    closed = intruder.tries(
        "SELECT proname, array_to_string(array(SELECT 'NULL::' || t::regtype FROM unnest(proargtypes) AS t), ', ')"
        " FROM pg_proc WHERE pronamespace = 'core'::regnamespace AND NOT has_function_privilege(oid, 'EXECUTE')"
        " AND prorettype <> 'trigger'::regtype"
    )
    assert {name for name, _ in closed} >= {"claim_batch", "write_journals"}
    assert [name for name, nulls in closed if not intruder.refused(f"SELECT core.{name}({nulls})")] == []


def _appended(draft: Any, **changes: Any) -> str:
    """A draft as `core.append` takes it, some of it changed."""
    return json.dumps(asdict(draft) | changes, default=str)


@pytest.mark.parametrize(
    ("version", "code"), [(1, "CL001"), (3, "CL001"), (-1, "CL001"), (None, "CL001")]
)  # fmt: skip
def test_a_version_is_neither_skipped_nor_used_twice(intruder: Intruder, lines, version, code) -> None:
    draft = _appended(lines.draw("line_a", 2), expected_version=version)
    with pytest.raises(psycopg.Error) as refusal:
        intruder.tries("SELECT core.append(%s::jsonb)", draft)
    assert refusal.value.sqlstate == code


def test_two_appends_on_one_version_cannot_fork_the_chain(database, lines) -> None:
    url = database.url("cashline_app")
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        for connection in (first, second):
            connection.execute("SELECT set_config('cashline.role', 'system', false)")
            connection.commit()
        first.execute("SELECT core.append(%s::jsonb)", (_appended(lines.draw("line_a", 2)),))
        first.commit()
        with pytest.raises(psycopg.Error, match="at version 3"):
            second.execute("SELECT core.append(%s::jsonb)", (_appended(lines.draw("line_a", 2)),))
        second.rollback()
        assert second.execute("SELECT core.first_broken_link('line_a')").fetchone() == (None,)


@pytest.mark.parametrize("identity", [("", "", ""), ("customer", "", ""), ("customer", "cus_bob", "x")])
def test_the_two_statements_of_a_command_serve_the_identity_they_bring(intruder: Intruder, lines, identity) -> None:
    """Whatever identity the transaction had: nothing of another's is read, and nothing appended."""
    assert intruder.tries("SELECT core.read_line(%s, %s, %s, 'line_a', 'k', NULL)", *identity) == [(None,)]
    assert intruder.tries("SELECT core.read_line('system', '', 'x', 'line_a', 'k', NULL)") != [(None,)]
    with pytest.raises(psycopg.Error, match="no line line_a"):
        intruder.tries("SELECT core.write(%s, %s, %s, %s, NULL)", *identity, _appended(lines.draw("line_a", 2)))


def test_an_append_reaches_no_line_of_another_customer(intruder: Intruder, lines) -> None:
    bob = ("customer", "cus_bob")
    with pytest.raises(psycopg.Error) as unknown:
        intruder.tries("SELECT core.append(%s::jsonb)", _appended(lines.draw("line_a", 2)), identity=bob)
    assert unknown.value.sqlstate == "CL004"
    opening = _appended(lines.opening("line_c", "cus_anna"))
    assert intruder.refused("SELECT core.append(%s::jsonb)", opening, identity=bob)


def test_an_event_cannot_be_told_again_under_another_date(intruder: Intruder, lines) -> None:
    ((event_id, payload),) = intruder.tries(
        "SELECT event_id, payload FROM core.events WHERE line_id = 'line_a' AND seq = 2"
    )
    again = {"event_id": event_id, "type": "DrawRequested", "version": 1, "effective_on": "2020-01-01"}
    draft = _appended(lines.draw("line_a", 2), events=[again | {"payload": payload}], entries=[])
    with pytest.raises(errors.UniqueViolation):
        intruder.tries("SELECT core.append(%s::jsonb)", draft)


def test_an_identity_inside_a_parameter_stays_text(intruder: Intruder, lines) -> None:
    spoof = "x' OR set_config('cashline.role', 'system', true) = 'system"
    bob = ("customer", "cus_bob")
    found = intruder.tries(
        "SELECT (SELECT count(*) FROM core.lines WHERE line_id = %s), current_setting('cashline.role')",
        spoof,
        identity=bob,
    )
    assert found == [(0, "customer")]
    draft = _appended(lines.draw("line_b", 2), key=spoof, result={"role": spoof})
    said = intruder.tries(
        "SELECT (core.append(%s::jsonb)).version, current_setting('cashline.role')", draft, identity=bob
    )
    assert said == [(3, "customer")]


_SHADOWS = """
CREATE TEMP TABLE lines (LIKE core.lines);
CREATE TEMP TABLE postings (LIKE core.postings);
CREATE TEMP TABLE ledger_balances (LIKE core.ledger_balances);
CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION pg_temp.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'system' $$;
CREATE FUNCTION pg_temp.differs(numeric, numeric) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR pg_temp.<> (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = pg_temp.differs);
SET search_path = pg_temp, core, pg_catalog;
"""


async def test_things_of_the_same_name_in_pg_temp_change_nothing(intruder: Intruder, engine, lines) -> None:
    intruder.connection.execute(_SHADOWS.encode())
    bob = ("customer", "cus_bob")
    assert intruder.tries("SELECT line_id FROM core.lines", identity=bob) == [("line_b",)]
    good = lines.draw("line_a", 2)
    legs = [
        {"account": "cash", "side": "debit", "amount_cents": 1},
        {"account": "cash", "side": "credit", "amount_cents": 2},
    ]
    bad = [json.loads(_appended(good))["entries"][0] | {"postings": legs}]
    with pytest.raises(psycopg.Error, match="not balanced"):
        intruder.tries("SELECT core.append(%s::jsonb)", _appended(good, entries=bad))
    with intruder.connection.transaction():
        intruder.connection.execute("SELECT set_config('cashline.role', 'system', true)")
        intruder.connection.execute("SELECT core.append(%s::jsonb)", (_appended(good),))
    async with transaction(engine, system("test")) as conn:
        chain = await conn.exec_driver_sql(
            "SELECT core.first_broken_link('line_a'), version FROM core.lines WHERE line_id = 'line_a'"
        )
        assert chain.one() == (None, 3)
