"""After a new key: seal anew every account number that an older one sealed, so that the older one can go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank.numbers import row_name
from ledger_core.bank.vault import Sealed, Vault, vault_of
from ledger_core.store.postgres import named_queries, system, transaction

ROWS_PER_BATCH: Final = 500
"""a batch is one transaction; a crash takes one back"""
_QUERIES: Final = named_queries(Path(str(files("ledger_core.bank"))) / "reseal.sql")
_IDENTITY: Final = system("reseal")


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a run did. closed: how many rows no key of the ring opens, by the id of the key they want."""

    rows: int
    closed: Mapping[str, int]


async def reseal(
    batch_engine: AsyncEngine, *, vault: Vault | None = None, rows_per_batch: int = ROWS_PER_BATCH
) -> Resealed:
    """Every row that the first key did not seal, sealed by it; the numbers stay what they are.

    Killed at any point and run again, it goes on; with nothing left to do it does nothing. Rows whose key is gone
    are left as they are and counted. Raises NumbersSealed for a row that is not what was sealed.
    """
    ring = vault or vault_of()
    done, closed = 0, Counter[str]()
    after = ("", 0)
    while True:
        async with transaction(batch_engine, _IDENTITY) as conn:
            rows = await _next(conn, ring, after, rows_per_batch)
            if not rows:
                return Resealed(done, dict(closed))
            openable = [row for row in rows if ring.holds(row.key_id)]
            closed.update(row.key_id for row in rows if not ring.holds(row.key_id))
            for row in openable:
                await _seal_anew(conn, ring, row)
        done += len(openable)
        after = (rows[-1].bank_account_id, rows[-1].version)


async def _next(
    conn: AsyncConnection, ring: Vault, after: tuple[str, int], limit: int
) -> list[Row[tuple[str, int, str, bytes]]]:
    given = {"key_id": ring.key_id, "account": after[0], "version": after[1], "limit": limit}
    return list((await conn.execute(_QUERIES["older"], given)).all())


async def _seal_anew(conn: AsyncConnection, ring: Vault, row: Row[tuple[str, int, str, bytes]]) -> None:
    name = row_name(row.bank_account_id, row.version)
    sealed = ring.seal(ring.open(Sealed(row.key_id, row.sealed), name), name)
    given = {"account": row.bank_account_id, "version": row.version, "was": row.key_id}
    await conn.execute(_QUERIES["seal_anew"], {**given, "key_id": sealed.key_id, "sealed": sealed.data})
