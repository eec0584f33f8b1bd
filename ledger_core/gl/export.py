"""The journal of a period as CSV for the receiving system, with a manifest to check that it is all there."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.gl.queries import QUERIES
from ledger_core.gl.trial_balance import require_closed

COLUMNS = (
    *("booked_on", "entry", "position", "product", "kind", "line_entries", "account", "side", "amount"),
    "currency",
)
FORMAT = "cash-line-journal-1"


@dataclass(frozen=True, slots=True)
class Export:
    """The bytes of the CSV and of its manifest; the same period always gives the same bytes."""

    journal: bytes
    manifest: bytes


async def export(conn: AsyncConnection, first_day: date, last_day: date) -> Export:
    """The journal from the first day through the last, both closed. Raises DayNotClosed."""
    assert first_day <= last_day
    await require_closed(conn, first_day)
    await require_closed(conn, last_day)
    rows = (await conn.execute(QUERIES["journal"], {"first_day": first_day, "last_day": last_day})).all()
    ends = (await conn.execute(QUERIES["last_closed"], {"on": last_day})).one()
    begins = (await conn.execute(QUERIES["first_closed"], {"on": first_day})).one()
    journal = _csv(rows)
    manifest = {
        "format": FORMAT,
        "from": first_day.isoformat(),
        "to": last_day.isoformat(),
        "currency": "USD",
        "rows": len(rows),
        "entries": len({(row.booked_on, row.number) for row in rows}),
        "debit": _amount(_sum(rows, "debit")),
        "credit": _amount(_sum(rows, "credit")),
        "accounts": {
            account: {side: _amount(_sum(rows, side, account)) for side in ("debit", "credit")}
            for account in sorted({row.account for row in rows})
        },
        "sha256": hashlib.sha256(journal).hexdigest(),
        "ledger_before": begins.prev_hash.hex(),
        "ledger_after": ends.hash.hex(),
    }
    return Export(journal, (json.dumps(manifest, indent=2) + "\n").encode())


def write(made: Export, to: Path) -> tuple[Path, Path]:
    """Write the CSV and, beside it, `<name>.manifest.json`; returns both paths."""
    manifest = to.with_name(to.name + ".manifest.json")
    to.write_bytes(made.journal)
    manifest.write_bytes(made.manifest)
    return to, manifest


def _csv(rows: Sequence[Row[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        entry = f"{row.booked_on:%Y%m%d}-{row.number:03d}"
        writer.writerow(
            (
                *(row.booked_on.isoformat(), entry, row.position, row.product_id, row.kind, row.line_entries),
                *(row.account, row.side, _amount(row.amount_cents), "USD"),
            )
        )
    return text.getvalue().encode()


def _sum(rows: Sequence[Row[Any]], side: str, account: str | None = None) -> int:
    return sum(row.amount_cents for row in rows if row.side == side and account in (None, row.account))


def _amount(cents: int) -> str:
    """1234.56"""
    return f"{cents // 100}.{cents % 100:02d}"
