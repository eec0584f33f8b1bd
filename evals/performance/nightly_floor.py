"""The database's own floor for a night: the rows it wrote, written again set-based into bare copies of the tables."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import psycopg

from ledger_core.store.embedded import SUPERUSER, EmbeddedServer

_BY_TIME = ("events", "entries", "chain_links", "idempotency_keys", "outbox", "statements")
_BULK = (*_BY_TIME, "postings")
_ACCRUE = """
INSERT INTO floor.accruals (line_id, accrued_on, bucket, customer_id, principal_cents, rate_bp, microcents)
SELECT p.line_id, %(on)s, 'standard', p.customer_id, b.debit_cents - b.credit_cents, p.rate_bp,
       (2 * (b.debit_cents - b.credit_cents) * p.rate_bp * 100 + 365) / 730
  FROM core.line_projection AS p
  JOIN core.ledger_balances AS b
    ON b.line_id = p.line_id AND b.account = 'principal_receivable' AND b.stage = 'posted'
 WHERE b.debit_cents > b.credit_cents AND p.rate_bp > 0
"""


def floor_seconds(server: EmbeddedServer, name: str, night_into: date) -> float:
    """Seconds for the accruals of that night by one statement and, beside it, its other new rows by INSERT … SELECT.

    Same indexes and checks; no triggers, foreign keys or row-level security, no heads updated, nothing replayed.
    """
    url = server.dsn(name, SUPERUSER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS floor CASCADE")
        connection.execute("CREATE SCHEMA floor")
        began = connection.execute(
            "SELECT started_at FROM core.business_days WHERE business_date = %s", (night_into,)
        ).fetchone()
        assert began is not None
        for table in (*_BULK, "accruals"):
            connection.execute(f"CREATE TABLE floor.{table} (LIKE core.{table} INCLUDING ALL)")
        for table in _BY_TIME:
            connection.execute(
                f"CREATE TABLE floor.{table}_rows AS SELECT * FROM core.{table} WHERE recorded_at >= %s",  # noqa: S608
                began,
            )
        connection.execute(
            "CREATE TABLE floor.postings_rows AS SELECT p.* FROM core.postings AS p JOIN core.entries AS e"
            " USING (line_id, entry_id) WHERE e.recorded_at >= %s",
            began,
        )
        connection.execute("CHECKPOINT")
    accrued_on = night_into - timedelta(days=1)
    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        together = [pool.submit(_accrue, url, accrued_on), pool.submit(_write, url)]
        for running in together:
            running.result()
    took = time.perf_counter() - begun
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA floor CASCADE")
    return took


def _accrue(url: str, accrued_on: date) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(_ACCRUE, {"on": accrued_on})


def _write(url: str) -> None:
    with psycopg.connect(url) as connection:
        for table in _BULK:
            connection.execute(f"INSERT INTO floor.{table} SELECT * FROM floor.{table}_rows")  # noqa: S608
