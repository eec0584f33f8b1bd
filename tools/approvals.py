"""Acts above a colleague's own limit: exact terms that wait for a second person. The id is the key of the act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.ids import new_id
from ledger_core.store.postgres import named_queries
from tools.proposals import Draft, Proposal
from tools.rules import rules

_ID: Final = re.compile(r"appr_[0-9a-z]{1,40}\Z")
_SQL: Final = named_queries(Path(__file__).parent / "sql" / "approvals.sql")
_JSON: Final = ("arguments", "terms", "rows")
_ADD: Final = _SQL["add"].bindparams(*(bindparam(name, type_=JSONB) for name in _JSON))
_CLOSE: Final = _SQL["close"].bindparams(bindparam("result", type_=JSONB(none_as_null=True)))

Ending = Literal["approved", "rejected", "void", "expired"]


@dataclass(frozen=True, slots=True)
class Approval:
    """What waits for a second person, or has been decided."""

    shown: Proposal
    customer_id: str
    conversation_id: str
    turn_id: str
    arguments: Mapping[str, Any]
    requested_by: str
    status: str
    result: Mapping[str, Any] | None


def is_id(value: str) -> bool:
    """Whether it could be the id of an approval."""
    return _ID.match(value) is not None


async def add(conn: AsyncConnection, draft: Draft, requested_by: str, now: datetime) -> Proposal:
    """Stores the terms until somebody else decides."""
    shown = Proposal(
        id=new_id("appr"),
        kind=draft.tool,
        summary=draft.summary,
        terms=draft.terms,
        rows=draft.rows,
        expires_at=now + timedelta(days=rules().approval_days),
    )
    await conn.execute(
        _ADD,
        {
            "approval_id": shown.id,
            "customer_id": draft.customer_id,
            "conversation_id": draft.conversation_id,
            "turn_id": draft.turn_id,
            "line_id": draft.arguments.get("line_id"),
            "tool": draft.tool,
            "arguments": dict(draft.arguments),
            "terms": dict(draft.terms),
            "summary": draft.summary,
            "rows": [{"label": row.label, "value": row.value} for row in draft.rows],
            "requested_by": requested_by,
            "requested_at": now,
            "expires_at": shown.expires_at,
        },
    )
    return shown


async def find(conn: AsyncConnection, approval_id: str, *, lock: bool = False) -> Approval | None:
    """The approval; None when there is none. lock: until the tx ends."""
    if not is_id(approval_id):
        return None
    row = (await conn.execute(_SQL["lock" if lock else "read"], {"approval_id": approval_id})).one_or_none()
    if row is None:
        return None
    return Approval(
        Proposal.kept(row.approval_id, row),
        row.customer_id,
        row.conversation_id,
        row.turn_id,
        row.arguments,
        row.requested_by,
        row.status,
        row.result,
    )


async def open_ones(conn: AsyncConnection, now: datetime) -> list[dict[str, Any]]:
    """What waits for a second person, the oldest first, at most 100."""
    return [dict(row._mapping) for row in await conn.execute(_SQL["open_ones"], {"now": now})]


async def close(
    conn: AsyncConnection,
    approval_id: str,
    status: Ending,
    now: datetime,
    *,
    decided_by: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Ends an open one."""
    row = {"approval_id": approval_id, "status": status, "now": now, "decided_by": decided_by}
    await conn.execute(_CLOSE, {**row, "result": dict(result) if result is not None else None})


async def expire_approvals(conn: AsyncConnection, now: datetime) -> int:
    """Closes those whose time is over; returns how many. Under a system identity."""
    return (await conn.execute(_SQL["expire"], {"now": now})).rowcount
