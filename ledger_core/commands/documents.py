"""Issued statements, kept as documents beside the journal."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.line.events import Fact, StatementIssued
from ledger_core.store.read import LineRow
from ledger_core.store.tables import statements


async def keep_statements(conn: AsyncConnection, recorded: Sequence[tuple[LineRow, Sequence[Fact]]]) -> None:
    """Write the document of each statement among the facts of these lines, its figures frozen as printed."""
    rows = [
        {
            "line_id": line.line_id,
            "number": fact.number,
            "statement_id": fact.statement_id,
            "customer_id": line.customer_id,
            "cycle_start": fact.cycle_start,
            "cycle_end": fact.cycle_end,
            "due_on": fact.due_on,
            "figures": fact.to_payload()["figures"],
        }
        for line, facts in recorded
        for fact in facts
        if isinstance(fact, StatementIssued)
    ]
    if rows:
        await conn.execute(insert(statements), rows)
