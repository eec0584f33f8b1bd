"""Issued statements, kept as documents beside the journal."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.line.events import Fact, StatementIssued
from ledger_core.store.following import Following, follow
from ledger_core.store.read import LineRow


async def keep_statements(conn: AsyncConnection, recorded: Sequence[tuple[LineRow, Sequence[Fact]]]) -> None:
    """Write the document of each statement among the facts of these lines."""
    rows = [row for line, facts in recorded for row in documents(line, facts)]
    await follow(conn, Following(statements=rows))


def documents(line: LineRow, facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """The document of each statement among the facts, its figures frozen as printed."""
    return [
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
        for fact in facts
        if isinstance(fact, StatementIssued)
    ]
