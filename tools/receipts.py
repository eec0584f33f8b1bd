"""Receipts of tool calls, kept for good; and the first answer that a key got."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.postgres import named_queries
from tools.context import Caller
from tools.outcomes import Receipt

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "receipts.sql")
_ADD: Final = _SQL["add"].bindparams(bindparam("fields", type_=JSONB))


UNCHECKED: Final = hashlib.sha256(b"unchecked").digest()
"""stands for arguments that were not sound enough to be kept, not even hashed"""


@dataclass(frozen=True, slots=True)
class FirstResult:
    """What a key was answered before, and for which call."""

    receipt: Receipt
    arguments_hash: bytes


def arguments_hash(tool: str, arguments: dict[str, Any]) -> bytes:
    """The same for the same tool and checked arguments, in whatever order."""
    canonical = json.dumps([tool, arguments], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()


async def first_result(conn: AsyncConnection, caller: Caller, key: str) -> FirstResult | None:
    """What this key of this caller was answered, when it proposed or did something."""
    found = await conn.execute(_SQL["first_result"], {"actor_id": caller.identity.actor_id, "key": key})
    row = found.one_or_none()
    if row is None:
        return None
    receipt = Receipt(row.tool_call_id, row.tool, row.effect, row.outcome, row.called_at, row.fields)
    return FirstResult(receipt, bytes(row.arguments_hash))


async def add(conn: AsyncConnection, caller: Caller, receipt: Receipt, key: str, hashed: bytes) -> None:
    """Stores the receipt. The same call id twice is kept once."""
    await conn.execute(
        _ADD,
        {
            "tool_call_id": receipt.tool_call_id,
            "customer_id": caller.subject,
            "actor_id": caller.identity.actor_id,
            "conversation_id": caller.conversation_id,
            "turn_id": caller.turn_id,
            "tool": receipt.tool,
            "effect": receipt.effect,
            "key": key,
            "arguments_hash": hashed,
            "outcome": receipt.outcome,
            "fields": dict(receipt.fields),
            "called_at": receipt.at,
        },
    )
