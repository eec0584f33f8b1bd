"""How long records of calls are kept: as long as the keys of the books (`rules.yaml`), then they are deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.dates import add_months
from ledger_core.store.postgres import named_queries, system, transaction
from tools.rules import rules

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "retention.sql")
AT_ONCE: Final = 5_000
"""rows of one transaction: a large purge holds no lock for long"""


async def purge(engine: AsyncEngine, now: datetime) -> int:
    """Deletes what is older than it is kept, batch by batch; returns how many rows. Under the batch role."""
    months_ago = add_months(now.date(), -rules().retention.receipts_months)
    old = datetime(months_ago.year, months_ago.month, months_ago.day, tzinfo=now.tzinfo)
    codes = now - timedelta(days=rules().retention.codes_days)
    gone = 0
    for name, before in (("receipts", old), ("proposals", old), ("codes", codes)):
        while True:
            async with transaction(engine, system("retention")) as conn:
                done = await conn.execute(_SQL[name], {"before": before, "most": AT_ONCE})
            gone += done.rowcount
            if done.rowcount < AT_ONCE:
                break
    return gone
