"""Duties: what a customer's words started, whose it is, and by when. The rows of `servicing.duties`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.postgres import named_queries

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "duties.sql")


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty. `due_at` is there when the clock counts hours."""

    duty_id: str
    queue: str
    started_on: date
    due_on: date
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewDuty:
    """A duty to record."""

    duty: Duty
    customer_id: str
    line_id: str | None
    conversation_id: str
    turn_id: str
    right: str
    started_at: datetime
    evidence: str
    """where the words are: `turn:turn_…`; never the words"""


async def of_conversation(
    conn: AsyncConnection, conversation_id: str, customer_id: str, right: str
) -> Duty | None:
    """The open duty of this right that the conversation started first, if any."""
    whose = {"conversation_id": conversation_id, "customer_id": customer_id, "right": right}
    row = (await conn.execute(_SQL["of_conversation"], whose)).one_or_none()
    return Duty(*row) if row else None


async def add(conn: AsyncConnection, new: NewDuty) -> None:
    """Records the duty."""
    duty = new.duty
    await conn.execute(
        _SQL["add"],
        {
            "duty_id": duty.duty_id,
            "customer_id": new.customer_id,
            "line_id": new.line_id,
            "conversation_id": new.conversation_id,
            "turn_id": new.turn_id,
            "right": new.right,
            "queue": duty.queue,
            "started_on": duty.started_on,
            "started_at": new.started_at,
            "due_on": duty.due_on,
            "due_at": duty.due_at,
            "evidence": new.evidence,
        },
    )


async def open_since(conn: AsyncConnection, customer_id: str, rights: tuple[str, ...]) -> date | None:
    """The day the oldest open duty of these rights was started; None when there is none."""
    since: date | None = await conn.scalar(
        _SQL["open_since"], {"customer_id": customer_id, "rights": list(rights)}
    )
    return since
