"""The agent behind the API: turns, decisions and transcripts of the customer who is asking."""

from __future__ import annotations

from typing import Any, Literal

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from agent import store
from agent.events import Emit
from agent.platform import Platform
from agent.turn import open_conversation, run_decision, run_turn
from agent.words import render
from api.errors import PROBLEMS, Problem
from ledger_core.store.postgres import customer, transaction
from tools import proposals, step_up
from tools.context import Caller
from tools.executor import Executor
from tools.notify import NotDelivered, Notifier, Recipient
from tools.outcomes import Failed
from tools.proposals import StoredProposal
from tools.rules import rules

LOG = structlog.get_logger()

Decision = Literal["confirm", "decline"]
_UNKNOWN = "There is no such proposal."
_OUTCOMES = {"confirmed": "confirm", "declined": "decline"}


class AgentAssistant:
    """Implements `api.services.Assistant` over a platform."""

    def __init__(self, platform: Platform, notifier: Notifier) -> None:
        self.platform = platform
        self._notifier = notifier

    @property
    def executor(self) -> Executor:
        return self.platform.executor

    async def open_conversation(self, customer_id: str) -> str:
        return await open_conversation(self.platform, customer_id)

    async def messages(self, customer_id: str, conversation_id: str) -> list[dict[str, Any]]:
        async with transaction(self.platform.engine, customer(customer_id)) as conn:
            rows = await store.list_messages(conn, conversation_id)
            return [
                {
                    "message_id": row["message_id"],
                    "role": row["role"],
                    "text": row["text"],
                    "at": row["created_at"],
                    "turn": await _turn(conn, customer_id, row["reply"]),
                }
                for row in rows
            ]

    async def turn(
        self,
        *,
        customer_id: str,
        conversation_id: str,
        text: str,
        client_turn_id: str,
        emit: Emit | None = None,
    ) -> dict[str, Any]:
        reply = await run_turn(
            self.platform,
            customer_id=customer_id,
            conversation_id=conversation_id,
            text=text,
            client_turn_id=client_turn_id,
            emit=emit,
        )
        return reply.to_wire()

    async def proposal(self, customer_id: str, proposal_id: str) -> dict[str, Any]:
        platform = self.platform
        async with transaction(platform.engine, customer(customer_id)) as conn:
            found = await proposals.with_fresh_token(conn, proposal_id, customer_id, platform.clock.now())
        if found is None:
            raise Problem("not_found", _UNKNOWN)
        return found.to_wire()

    async def decide(
        self,
        *,
        customer_id: str,
        proposal_id: str,
        decision: Decision,
        confirmation_token: str | None,
        code: str | None = None,
        emit: Emit | None = None,
    ) -> dict[str, Any]:
        platform = self.platform
        async with transaction(platform.engine, customer(customer_id)) as conn:
            stored = await proposals.find(conn, proposal_id, customer_id)
            known_at = await step_up.recipient(conn, customer_id)
        if stored is None:
            raise Problem("not_found", _UNKNOWN)
        # A decision is a turn that is answered once for all: what can't succeed is refused before it starts.
        if decision == "confirm" and stored.shown.status == "open":
            if stored.is_over(platform.clock.now()):
                raise Problem("proposal_expired", "Ask again for new terms.")
            if confirmation_token is None or not stored.takes(confirmation_token):
                raise Problem("confirmation_invalid", "Read the proposal again for a valid token.")
            if stored.shown.needs_code and not code:
                raise Problem("code_needed", "Ask for a code and confirm with it.")
        _check_decided(stored, decision)
        reply = await run_decision(
            platform,
            customer_id=customer_id,
            conversation_id=stored.conversation_id,
            proposal_id=proposal_id,
            decision=decision,
            confirmation_token=confirmation_token,
            code=code,
            emit=emit,
        )
        wire = reply.to_wire()
        if stored.shown.needs_code and stored.shown.status == "open" and wire["status"] == "done":
            await self._tell(known_at, "step_up_notice", {"summary": stored.shown.summary})
        return wire

    async def send_code(self, customer_id: str, proposal_id: str) -> dict[str, Any]:
        caller = Caller(customer(customer_id), "", "")
        issued = await self.platform.executor.new_code(caller, proposal_id)
        if isinstance(issued, Failed):
            raise Problem(issued.code, PROBLEMS[issued.code][1] + ".")
        minutes = rules().step_up.lifetime_minutes
        if not await self._tell(issued.to, "step_up_code", {"code": issued.code, "minutes": minutes}):
            raise Problem("unavailable", "The code can't be sent right now. Nothing was changed.")
        return {"channel": issued.to.channel, "sent_to": issued.to.masked, "expires_at": issued.expires_at}

    async def _tell(self, to: Recipient | None, template: str, fields: dict[str, Any]) -> bool:
        """Whether the words left. The template's first line is the subject."""
        if to is None:
            return False
        subject, _, body = render(template, fields, to.language).partition("\n")
        try:
            await self._notifier.send(to, subject.strip(), body.strip())
        except NotDelivered:
            LOG.error("notice_not_delivered", template=template)
            return False
        return True


def _check_decided(stored: StoredProposal, decision: Decision) -> None:
    """Lets an open proposal pass, and the repeat of the decision that was made."""
    status = stored.shown.status
    if status == "open" or _OUTCOMES.get(status) == decision:
        return
    if status in _OUTCOMES:
        raise Problem("already_decided", f"This proposal was {status}.")
    if status == "expired":
        raise Problem("proposal_expired", "Ask again for new terms.")
    raise Problem("proposal_void", "Newer terms took its place, or something it rests on changed.")


async def _turn(
    conn: AsyncConnection, customer_id: str, reply: dict[str, Any] | None
) -> dict[str, Any] | None:
    """A stored reply as the turn it was; its proposal as it stands now, without a token."""
    if reply is None:
        return None
    turn = {key: value for key, value in reply.items() if key != "proposal_id"}
    proposal_id = reply.get("proposal_id")
    stored = await proposals.find(conn, proposal_id, customer_id) if proposal_id else None
    return {**turn, "proposal": stored.shown.to_wire() if stored else None}
