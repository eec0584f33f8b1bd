"""Conversations, turns and messages: who owns them, what was claimed, what was answered. Erasable personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.ids import new_id
from ledger_core.store.postgres import named_queries

QUERIES = named_queries(Path(__file__).parent / "sql" / "conversations.sql")
FINISH = QUERIES["finish_turn"].bindparams(bindparam("reply", type_=JSONB))
ADD_MESSAGE = QUERIES["add_message"].bindparams(bindparam("reply", type_=JSONB))


class ConversationNotFound(Exception):
    """No such conversation for this customer. code: not_found"""

    code = "not_found"


class ClientTurnReused(Exception):
    """This client_turn_id was used for another message. code: client_turn_reused"""

    code = "client_turn_reused"


@dataclass(frozen=True)
class ClaimedTurn:
    """A turn that is ours to run, or, with `reply` set, one that has been answered."""

    turn_id: str
    conversation_id: str
    customer_id: str
    reply: dict[str, Any] | None
    fresh: bool
    """claimed just now; an unfinished one that is not fresh may have left a checkpoint"""


async def create_conversation(conn: AsyncConnection, customer_id: str, now: datetime) -> str:
    """Its id."""
    conversation_id = new_id("conv")
    await conn.execute(
        QUERIES["create_conversation"],
        {"conversation_id": conversation_id, "customer_id": customer_id, "now": now},
    )
    return conversation_id


async def owned(conn: AsyncConnection, conversation_id: str) -> None:
    """Raises ConversationNotFound unless row-level security shows it to the caller."""
    if await conn.scalar(QUERIES["owner"], {"conversation_id": conversation_id}) is None:
        raise ConversationNotFound(conversation_id)


async def claim_turn(
    conn: AsyncConnection,
    conversation_id: str,
    customer_id: str,
    client_turn_id: str,
    input_hash: str,
    now: datetime,
) -> ClaimedTurn:
    """The turn of this client id: new, unfinished (run it again) or finished. Raises ClientTurnReused."""
    row = (
        await conn.execute(
            QUERIES["claim_turn"],
            {
                "turn_id": new_id("turn"),
                "conversation_id": conversation_id,
                "customer_id": customer_id,
                "client_turn_id": client_turn_id,
                "input_hash": input_hash,
                "now": now,
            },
        )
    ).one()
    if row.input_hash != input_hash:
        raise ClientTurnReused(client_turn_id)
    return ClaimedTurn(row.turn_id, conversation_id, customer_id, row.reply, row.fresh)


async def finish_turn(
    conn: AsyncConnection, turn: ClaimedTurn, text: str, wire: dict[str, Any], now: datetime
) -> None:
    """Stores both messages and the reply, once."""
    done = await conn.execute(FINISH, {"turn_id": turn.turn_id, "reply": wire, "now": now})
    if done.rowcount == 0:
        return
    base = {
        "conversation_id": turn.conversation_id,
        "customer_id": turn.customer_id,
        "turn_id": turn.turn_id,
        "now": now,
    }
    if text:
        await conn.execute(
            ADD_MESSAGE,
            {**base, "message_id": new_id("msg"), "role": "customer", "text": text, "reply": None},
        )
    await conn.execute(
        ADD_MESSAGE,
        {
            **base,
            "message_id": new_id("msg"),
            "role": "assistant",
            "text": wire["reply"]["text"],
            "reply": wire,
        },
    )


async def list_messages(conn: AsyncConnection, conversation_id: str) -> list[dict[str, Any]]:
    """Messages, oldest first: message_id, turn_id, role, text, reply, created_at. Raises ConversationNotFound."""
    await owned(conn, conversation_id)
    rows = await conn.execute(QUERIES["list_messages"], {"conversation_id": conversation_id})
    return [dict(row._mapping) for row in rows]
