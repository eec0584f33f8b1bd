"""A synthetic book: lived lines multiplied by INSERT … SELECT, as many as asked for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg

from evals.performance.nightly_lives import ENDS, lives
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.migrating import migrate_now
from ledger_core.store.postgres import make_engine

LIVED = "nightly_lives"
_AT_ONCE = 2
_TOLD_AFTER_S = 2
_COPY = files("evals.performance").joinpath("nightly_copy.sql")
_KEPT = (
    *(
        "customers",
        "lines",
        "line_projection",
        "events",
        "entries",
        "postings",
        "ledger_balances",
        "statements",
    ),
    *("transfers", "plans", "rates", "accruals", "accrual_corrections", "accrual_checks", "gl_watermarks"),
)
_EMPTIED = (
    *_KEPT,
    "bank_accounts",
    "chain_links",
    "idempotency_keys",
    "outbox",
    "gl_ranges",
    "gl_adjustments",
)
_FILLED = (
    *(
        "customers",
        "bank_accounts",
        "lines",
        "chain_links",
        "line_projection",
        "events",
        "entries",
        "postings",
    ),
    *(
        "ledger_balances",
        "statements",
        "transfers",
        "plans",
        "rates",
        "accrual_corrections",
        "accrual_checks",
    ),
    "gl_watermarks",
)


async def live_once(server: EmbeddedServer) -> None:
    """The database LIVED with the lives in it, unless it is there."""
    from evals.performance.nightly_lives import live

    if _exists(server, LIVED):
        return
    _admin(server, f"CREATE DATABASE {LIVED}_now OWNER cashline_owner")
    migrate_now(server.dsn(f"{LIVED}_now", "cashline_owner"), "ledger_core.store")
    engine = make_engine(server.dsn(f"{LIVED}_now", "cashline_batch"))
    await live(engine)
    await engine.dispose()
    _admin(server, f"ALTER DATABASE {LIVED}_now RENAME TO {LIVED}")


def build(server: EmbeddedServer, name: str, count: int) -> float:
    """A database of that name with about `count` lines; returns the seconds it took.

    One connection computes the rows of a table while another copies them in, frozen and, as the tables were emptied
    in the same transaction, without a write-ahead log.
    """
    begun = time.perf_counter()
    drop(server, name)
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {LIVED} OWNER cashline_owner")
    url, queries = server.dsn(name, SUPERUSER), _queries()
    with _connected(url) as reading, _connected(url) as writing:
        _prepare(url, reading, queries, count)
        writing.execute("SET session_replication_role = replica")
        with writing.transaction():
            writing.execute(queries["empty"].format(tables=", ".join(f"core.{t}" for t in _EMPTIED)))
            for table in _FILLED:
                at = time.perf_counter()
                rows = _pour(reading, writing, table, queries[table])
                took = time.perf_counter() - at
                if took > _TOLD_AFTER_S:
                    print(f"  {name}: {rows:,} {table} in {took:.0f} s", flush=True)
        writing.execute("DROP SCHEMA lived CASCADE")
        writing.execute("ANALYZE")
        writing.execute("CHECKPOINT")
        _verify(writing)
    return time.perf_counter() - begun


def drop(server: EmbeddedServer, name: str) -> None:
    """Give the disk back."""
    _admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _prepare(url: str, connection: psycopg.Connection[Any], queries: dict[str, str], count: int) -> None:
    """The lives, and which copy is of which life, in a schema of their own."""
    connection.execute("CREATE SCHEMA lived")
    for table in _KEPT:
        connection.execute(queries["keep"].format(table=table))
        key = "customer_id" if table == "customers" else "line_id"
        connection.execute(queries["keep_by_line"].format(table=table, key=key))
    connection.execute(queries["said"])
    connection.execute(queries["numbers"], _copies(count))
    connection.execute(queries["copies_table"])
    connection.execute("ANALYZE")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda share: _copy(url, queries["copies"], share), range(_AT_ONCE)))
    connection.execute(queries["copies_by_number"])
    connection.execute("ANALYZE lived.copies")
    connection.execute("SET enable_hashjoin = off")
    connection.execute("SET enable_mergejoin = off")


def _copy(url: str, query: str, share: int) -> None:
    with _connected(url) as connection:
        connection.execute(query, {"of": _AT_ONCE, "share": share})


def _pour(reading: psycopg.Connection[Any], writing: psycopg.Connection[Any], table: str, query: str) -> int:
    """Copy the rows of an INSERT … SELECT, with the types that the table has."""
    found = re.search(r"INSERT INTO core\.\w+\s*(?:\(([^)]*)\))?\s*(SELECT.*)", query, re.DOTALL)
    assert found is not None
    types = dict(
        writing.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            (f"core.{table}",),
        ).fetchall()
    )
    columns = [name.strip() for name in found[1].split(",")] if found[1] else list(types)
    listed = ", ".join(columns)
    typed = ", ".join(f"{name}::{types[name]}" for name in columns)
    select = found[2].replace("{ends}", ENDS.isoformat())
    rows_out = f"COPY (SELECT {typed} FROM ({select}) AS s ({listed})) TO STDOUT (FORMAT binary)"  # noqa: S608
    rows_in = f"COPY core.{table} ({listed}) FROM STDIN (FORMAT binary, FREEZE)"
    with reading.cursor() as source, writing.cursor() as target:
        with source.copy(rows_out) as leaving, target.copy(rows_in) as entering:
            for block in leaving:
                entering.write(block)
        return target.rowcount


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True, options="-c work_mem=256MB") as connection:
        yield connection


def _copies(count: int) -> dict[str, Any]:
    """By life, how many copies: by how common its kind is, one at least."""
    chosen = lives()
    of_kind = {
        kind: sum(1 for life in chosen if life.kind is kind) for kind in {life.kind for life in chosen}
    }
    shares = [life.kind.per_thousand / of_kind[life.kind] / 1000 for life in chosen]
    copies = [max(1, round(count * share)) for share in shares]
    copies[0] += count - sum(copies)
    return {"lives": [life.line_id for life in chosen], "copies": copies}


def _verify(connection: psycopg.Connection[Any]) -> None:
    """The chains of a sample hold."""
    connection.execute("SELECT set_config('cashline.role', 'system', false)")
    broken = connection.execute(
        "SELECT count(*) FROM (SELECT line_id FROM core.lines ORDER BY md5(line_id) LIMIT 200) AS sample"
        " WHERE core.first_broken_link(line_id) IS NOT NULL"
    ).fetchone()
    assert broken == (0,), f"{broken} chains of 200 are broken"


def _queries() -> dict[str, str]:
    parts = re.split(r"^-- (\w+) --$", _COPY.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _exists(server: EmbeddedServer, name: str) -> bool:
    with psycopg.connect(server.dsn("postgres", SUPERUSER)) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    return found is not None


def _admin(server: EmbeddedServer, command: str) -> None:
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(command)
