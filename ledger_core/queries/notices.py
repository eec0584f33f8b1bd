"""Notices of adverse decisions, as they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.inputs import is_code
from ledger_core.store.tables import notices as table


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice, in the language asked for."""

    notice_id: str
    decision_id: str
    kind: str
    """declined, counter_offer, lowered, application_declined or application_counter_offer"""
    issued_on: date
    text: str


async def notices(conn: AsyncConnection, line_id: str, language: str = "en") -> tuple[Notice, ...]:
    """Those about the line that this identity may see, newest first. language: en or es."""
    if not is_code(line_id):
        return ()
    query = (
        select(table.c.notice_id, table.c.decision_id, table.c.kind, table.c.issued_on, table.c.texts)
        .where(table.c.line_id == line_id)
        .order_by(table.c.issued_on.desc(), table.c.notice_id.desc())
    )
    return tuple(
        Notice(row.notice_id, row.decision_id, row.kind, row.issued_on, row.texts[language])
        for row in await conn.execute(query)
    )
