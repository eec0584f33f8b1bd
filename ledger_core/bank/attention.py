"""What the banks said that a human should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank.files import QUERIES
from ledger_core.bank.return_codes import dishonour_through


@dataclass(frozen=True, slots=True)
class ForHuman:
    """An answer of a bank, and why somebody should see it."""

    line_id: str
    transfer_id: str
    kind: str
    """payment, draw or refund"""
    amount_cents: int
    code: str
    received_on: date
    state: str
    """applied, or quarantined: the books did not take it"""
    why: str
    """returned_late, unauthorised, refund_returned, account_corrected, code_unknown, …, or why the books refuse"""
    dispute_by: date | None
    """for a return after its time: the last day on which our bank may send it back (R68); else None"""


async def for_humans(conn: AsyncConnection, since: date) -> tuple[ForHuman, ...]:
    """All that came since that day, in the order in which it came."""
    return tuple(
        ForHuman(
            line_id=row.line_id,
            transfer_id=row.transfer_id,
            kind=row.kind,
            amount_cents=row.amount_cents,
            code=row.code,
            received_on=row.received_on,
            state=row.state,
            why=row.attention,
            dispute_by=None if row.late_on is None else dishonour_through(row.late_on),
        )
        for row in await conn.execute(QUERIES["for_humans"], {"since": since})
    )
