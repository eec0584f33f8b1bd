"""Proposals: exact terms that wait for the customer's yes. Stored before anyone can confirm them.

The id is the key of the act. The confirmation token is single use, kept as its SHA-256 alone, and made anew
each time the owning customer reads the proposal. One proposal is open in a conversation: a new one supersedes
it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.ids import new_id
from ledger_core.store.postgres import named_queries

LIFETIME: Final = timedelta(minutes=30)
"""of the wall clock"""

Status: TypeAlias = Literal["open", "confirmed", "declined", "void", "superseded", "expired"]

_ID: Final = re.compile(r"prop_[0-9a-z]{1,40}\Z")
_SQL: Final = named_queries(Path(__file__).parent / "sql" / "proposals.sql")
_JSON: Final = ("arguments", "terms", "rows")
_ADD: Final = _SQL["add"].bindparams(*(bindparam(name, type_=JSONB) for name in _JSON))
_CLOSE: Final = _SQL["close"].bindparams(bindparam("result", type_=JSONB(none_as_null=True)))


@dataclass(frozen=True, slots=True)
class Row:
    """A label and a value, in the customer's language."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the customer sees. The token is there only for the owning customer, in a reply or a read."""

    id: str
    kind: str
    """the tool that acts"""
    summary: str
    terms: Mapping[str, Any]
    """flat, exact: amounts `_cents`, rates `_bp`, dates ISO, lists of such"""
    rows: tuple[Row, ...]
    """the same, as labelled words"""
    expires_at: datetime
    status: Status = "open"
    confirmation_token: str | None = None
    needs_code: bool = False
    """a one-time code is asked for beside the token"""

    @classmethod
    def kept(cls, proposal_id: str, row: Any) -> Proposal:
        """Terms as they were frozen in a row of proposals or of approvals."""
        rows = tuple(Row(**item) for item in row.rows)
        return cls(proposal_id, row.tool, row.summary, row.terms, rows, row.expires_at)

    def without_token(self) -> dict[str, Any]:
        """For planners, receipts, traces and checkpoints."""
        return {
            "id": self.id,
            "kind": self.kind,
            "summary": self.summary,
            "terms": dict(self.terms),
            "rows": [{"label": row.label, "value": row.value} for row in self.rows],
            "expires_at": self.expires_at.isoformat(),
            "status": self.status,
            "needs_code": self.needs_code,
        }

    def to_wire(self) -> dict[str, Any]:
        """For the owning customer."""
        return {**self.without_token(), "confirmation_token": self.confirmation_token}


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal as kept, with what is needed to act on it."""

    shown: Proposal
    customer_id: str
    conversation_id: str
    arguments: Mapping[str, Any]
    language: str
    token_hash: bytes | None
    result: Mapping[str, Any] | None
    """the first answer of a confirmed one"""

    def takes(self, token: str) -> bool:
        """Whether this is the token that was handed out last."""
        return self.token_hash is not None and hmac.compare_digest(self.token_hash, _hashed(token))

    def is_over(self, now: datetime) -> bool:
        return self.shown.expires_at <= now


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new proposal is made of."""

    customer_id: str
    conversation_id: str
    turn_id: str
    tool: str
    arguments: Mapping[str, Any]
    terms: Mapping[str, Any]
    summary: str
    rows: tuple[Row, ...]
    language: str
    needs_code: bool = False
    id: str = field(default_factory=lambda: new_id("prop"))


async def add(conn: AsyncConnection, draft: Draft, now: datetime) -> tuple[Proposal, str | None]:
    """Stores the proposal; answers it and the id of the open one that it supersedes, if any."""
    proposal = Proposal(
        id=draft.id,
        kind=draft.tool,
        summary=draft.summary,
        terms=draft.terms,
        rows=draft.rows,
        expires_at=now + LIFETIME,
        needs_code=draft.needs_code,
    )
    whose = {"customer_id": draft.customer_id, "conversation_id": draft.conversation_id}
    older: str | None = await conn.scalar(
        _SQL["supersede_open"], {**whose, "now": now, "replaced_by": proposal.id}
    )
    await conn.execute(
        _ADD,
        {
            **whose,
            "proposal_id": proposal.id,
            "turn_id": draft.turn_id,
            "line_id": draft.arguments.get("line_id"),
            "tool": draft.tool,
            "arguments": dict(draft.arguments),
            "terms": dict(draft.terms),
            "summary": draft.summary,
            "rows": [{"label": row.label, "value": row.value} for row in draft.rows],
            "language": draft.language,
            "needs_code": draft.needs_code,
            "created_at": now,
            "expires_at": proposal.expires_at,
        },
    )
    return proposal, older


async def find(
    conn: AsyncConnection, proposal_id: str, customer_id: str, *, lock: bool = False
) -> StoredProposal | None:
    """The customer's proposal; None when there is none or it is another customer's.

    Lock: until the tx ends.
    """
    if not _ID.match(proposal_id):
        return None
    query = _SQL["lock" if lock else "read"]
    found = await conn.execute(query, {"proposal_id": proposal_id, "customer_id": customer_id})
    row = found.one_or_none()
    if row is None:
        return None
    shown = replace(Proposal.kept(row.proposal_id, row), status=row.status, needs_code=row.needs_code)
    return StoredProposal(
        shown, row.customer_id, row.conversation_id, row.arguments, row.language, row.token_hash, row.result
    )


async def with_fresh_token(
    conn: AsyncConnection, proposal_id: str, customer_id: str, now: datetime
) -> Proposal | None:
    """The customer's proposal.

    While it is open it carries a new token, and the one before no longer counts.
    """
    stored = await find(conn, proposal_id, customer_id, lock=True)
    if stored is None:
        return None
    if stored.shown.status != "open":
        return stored.shown
    if stored.is_over(now):
        return replace(stored.shown, status="expired")
    token = secrets.token_urlsafe(32)
    await conn.execute(
        _SQL["set_token"], {"proposal_id": proposal_id, "token_hash": _hashed(token), "now": now}
    )
    return replace(stored.shown, confirmation_token=token)


async def close(
    conn: AsyncConnection,
    proposal_id: str,
    status: Status,
    now: datetime,
    *,
    result: Mapping[str, Any] | None = None,
    replaced_by: str | None = None,
) -> None:
    """Ends an open proposal. result: the first answer, of a confirmed one."""
    await conn.execute(
        _CLOSE,
        {
            "proposal_id": proposal_id,
            "status": status,
            "now": now,
            "result": dict(result) if result is not None else None,
            "replaced_by": replaced_by,
        },
    )


async def expire_proposals(conn: AsyncConnection, now: datetime) -> int:
    """Closes the open proposals whose time is over; returns how many. Under a system identity."""
    return (await conn.execute(_SQL["expire"], {"now": now})).rowcount


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
