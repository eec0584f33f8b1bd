"""What rides beside a tool's arguments: who asks, when, under which key. No planner supplies any of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.dates import Moment
from ledger_core.store.postgres import Identity
from tools.provenance import ProvenanceLedger

if TYPE_CHECKING:
    from tools.knowledge.embed import Embedder


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person in a conversation.

    language: of the words they are shown, `en` or `es`. customer_id: whom a specialist is serving; a customer
    serves nobody but themselves.
    """

    identity: Identity
    conversation_id: str
    turn_id: str
    language: str = "en"
    customer_id: str | None = None

    @property
    def subject(self) -> str | None:
        """The customer all of this is about."""
        return self.identity.customer_id if self.identity.role == "customer" else self.customer_id


@dataclass(frozen=True, slots=True)
class ToolContext:
    """One call inside its transaction."""

    conn: AsyncConnection
    at: Moment
    """servicing date and Eastern wall time"""
    now: datetime
    """wall clock, UTC: for expiries and records only"""
    caller: Caller
    key: str
    """idempotency key: the proposal's id, or the call's own"""
    embedder: Embedder
    provenance: ProvenanceLedger

    @property
    def identity(self) -> Identity:
        return self.caller.identity

    @property
    def conversation_id(self) -> str:
        return self.caller.conversation_id

    @property
    def turn_id(self) -> str:
        return self.caller.turn_id

    @property
    def language(self) -> str:
        return self.caller.language

    @property
    def customer_id(self) -> str:
        """The customer this is about; the executor has made sure there is one."""
        subject = self.caller.subject
        assert subject is not None
        return subject

    @property
    def command(self) -> CommandContext:
        """For a command of ledger_core, run in this transaction under this key."""
        identity = self.identity
        return CommandContext(key=self.key, actor=f"{identity.role}:{identity.actor_id}", at=self.at)
