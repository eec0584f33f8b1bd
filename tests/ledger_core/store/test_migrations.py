"""The migrations give exactly the tables that are declared, each guarded as the design says."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from ledger_core.store import gl_tables, tables  # noqa: F401  declares the tables of the general ledger
from ledger_core.store.migrating import migrate_now
from ledger_core.store.postgres import migrate

CUSTOMER_TABLES = {table.name for table in tables.metadata.tables.values() if "customer_id" in table.c}
LEDGER = {name.removeprefix("core.") for name in tables.metadata.tables if name.startswith("core.gl_")}
UNSCOPED = {"night_steps", "inbox", "servicing_clock", "business_days", "daily_roots", "demo_book"} | LEDGER
UNSCOPED |= {"bank_files", "bank_receipts"}
APPEND_ONLY = {"events", "entries", "postings", "chain_links", "statements", "daily_roots", "decisions", "notices"}
BANK = {"bank_entries", "bank_receipts"}
ACCRUED = {"accruals", "accrual_corrections", "reconciliation_differences"}


def _rows(database, query):
    engine = create_engine(
        make_url(database.url("cashline_owner")).set(drivername="postgresql+psycopg"), poolclass=NullPool
    )
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    engine.dispose()
    return rows


def test_the_migrated_tables_are_the_declared_ones(database):
    engine = create_engine(
        make_url(database.url("cashline_owner")).set(drivername="postgresql+psycopg"), poolclass=NullPool
    )
    options = {"include_schemas": True, "compare_type": True, "include_name": _only_core}
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata)
    engine.dispose()
    told = {"add_index", "remove_index", "add_constraint", "remove_constraint", "add_fk", "remove_fk"}
    assert [d for d in differences if isinstance(d, list) or d[0] not in told] == []


def _only_core(name, kind, _parents):
    return name != "alembic_version" and (kind != "schema" or name == "core")


def test_every_table_of_a_customer_forces_row_level_security(database):
    rows = _rows(
        database,
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, count(p.polname)"
        "  FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relnamespace = 'core'::regnamespace AND c.relkind = 'r' GROUP BY 1, 2",
    )
    guarded = {name for name, forced, policies in rows if forced and policies == 1}
    assert guarded == CUSTOMER_TABLES
    assert {name for name, *_ in rows} - guarded == UNSCOPED | {"alembic_version"}


def test_the_journal_has_triggers_against_change(database):
    rows = _rows(
        database,
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE t.tgname IN ('no_change', 'no_truncate') AND t.tgenabled = 'O'"
        " GROUP BY c.relname HAVING count(*) = 2",
    )
    assert {name for (name,) in rows} == APPEND_ONLY | ACCRUED | BANK | LEDGER - {"gl_watermarks"}


def test_the_app_role_writes_only_what_is_not_a_book(database):
    rows = _rows(
        database,
        "SELECT table_name, string_agg(privilege_type, ',' ORDER BY privilege_type)"
        "  FROM information_schema.role_table_grants"
        " WHERE grantee = 'cashline_app' AND table_schema = 'core' AND privilege_type <> 'SELECT' GROUP BY 1",
    )
    assert dict(rows) == {
        "customers": "INSERT,UPDATE",
        "bank_accounts": "INSERT,UPDATE",
        "account_numbers": "INSERT",
        "narratives": "INSERT,UPDATE",
        "transfers": "INSERT,UPDATE",
        "statements": "INSERT",
        "decisions": "INSERT",
        "notices": "INSERT",
        "inbox": "INSERT",
    }


def test_functions_that_run_as_the_owner_pin_their_search_path(database):
    rows = _rows(
        database,
        "SELECT proname, coalesce(array_to_string(proconfig, ' '), '') FROM pg_proc"
        " WHERE pronamespace = 'core'::regnamespace AND prosecdef",
    )
    assert rows
    assert [name for name, config in rows if "search_path=core, pg_temp" not in config] == []


async def test_migrating_again_changes_nothing(database):
    await migrate(database.url("cashline_owner"), "ledger_core.store")
    migrate_now(database.url("cashline_owner"), "ledger_core.store")
    assert _rows(database, "SELECT count(*) FROM core.alembic_version") == [(1,)]
