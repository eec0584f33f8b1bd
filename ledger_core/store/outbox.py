"""Messages leave the books at least once, in order within a line; consumers keep an inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.postgres import named_queries

_QUERIES = named_queries(Path(__file__).parent / "sql" / "outbox.sql")


@dataclass(frozen=True)
class Message:
    """A message on its way; `message_id` is the same on every delivery."""

    line_id: str
    version: int
    position: int
    topic: str
    payload: dict[str, Any]

    @property
    def message_id(self) -> str:
        return f"{self.line_id}/{self.version}/{self.position}"


Deliver = Callable[[Message], Awaitable[None]]


async def relay(conn: AsyncConnection, deliver: Deliver, *, limit: int = 100) -> int:
    """Deliver the next waiting message of up to `limit` lines; returns how many, 0 when nothing waits.

    Inside the caller's transaction, under a system identity: when `deliver` raises and it rolls back, the
    messages wait and are delivered again.
    """
    rows = (await conn.execute(_QUERIES["waiting"], {"limit": limit})).all()
    for row in rows:
        message = Message(*row)
        await deliver(message)
        place = {"line_id": message.line_id, "version": message.version, "position": message.position}
        await conn.execute(_QUERIES["delivered"], place)
    return len(rows)


async def first_time(conn: AsyncConnection, consumer: str, message_id: str) -> bool:
    """Whether this consumer sees the message for the first time; recorded in the same transaction."""
    seen = await conn.execute(_QUERIES["first_time"], {"consumer": consumer, "message_id": message_id})
    return seen.first() is not None
