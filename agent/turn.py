"""One turn, from message to reply: used by the API, the evals and the tests alike.

A turn is claimed by (conversation, client_turn_id) before anything else. Sent again it returns the first answer; if
the process died in the middle it runs again under the same turn id, and the keys of its acts make that harmless.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from agent import store
from agent.events import Emit, TurnEvent, ignore, words
from agent.graph import compiled
from agent.nodes.plan import ROUNDS_MAX
from agent.platform import Platform
from agent.rails.pii import mask
from agent.state import TurnContext
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import Identity, transaction
from tools import proposals
from tools.executor import Caller
from tools.proposals import Proposal

STEPS_MAX = 4 * ROUNDS_MAX + 12
"""of the graph in one turn: a model's rounds and the built-in planner's, two steps each, and the rest"""


@dataclass(frozen=True)
class TurnReply:
    """A finished turn. `proposal` carries a fresh confirmation token, for the owning customer only."""

    wire: dict[str, Any]
    proposal: Proposal | None

    def to_wire(self) -> dict[str, Any]:
        """The JSON of the outside contract."""
        body = {key: value for key, value in self.wire.items() if key != "proposal_id"}
        return {**body, "proposal": self.proposal.to_wire() if self.proposal else None}


async def run_turn(
    platform: Platform,
    *,
    customer_id: str,
    conversation_id: str,
    text: str,
    client_turn_id: str,
    emit: Emit | None = None,
) -> TurnReply:
    """Answers one message of the customer who owns the conversation.

    Raises store.ConversationNotFound (also for another customer's), store.ClientTurnReused (same id, other text)
    and memory.ConversationBusy (another turn of it is running).
    """
    masked = mask(text)
    request = {"text": masked.text, "masked": masked.kinds}
    return await _run(platform, customer_id, conversation_id, client_turn_id, request, None, emit or ignore)


async def run_decision(
    platform: Platform,
    *,
    customer_id: str,
    conversation_id: str,
    proposal_id: str,
    decision: Literal["confirm", "decline"],
    confirmation_token: str | None = None,
    code: str | None = None,
    emit: Emit | None = None,
) -> TurnReply:
    """The button: confirms or declines a stored proposal, and answers with a turn. A repeat gives the first answer."""
    request = {"text": "", "decision": {"decision": decision, "proposal_id": proposal_id}}
    client_turn_id = f"{decision}:{proposal_id}"
    return await _run(
        platform,
        customer_id,
        conversation_id,
        client_turn_id,
        request,
        confirmation_token,
        emit or ignore,
        code=code,
    )


async def _run(
    platform: Platform,
    customer_id: str,
    conversation_id: str,
    client_turn_id: str,
    request: dict[str, Any],
    token: str | None,
    emit: Emit,
    *,
    code: str | None = None,
) -> TurnReply:
    identity = Identity(role="customer", actor_id=customer_id, customer_id=customer_id)
    async with transaction(platform.engine, identity) as conn:
        await store.owned(conn, conversation_id)
    async with platform.lock.hold(conversation_id):
        async with transaction(platform.engine, identity) as conn:
            turn = await store.claim_turn(
                conn, conversation_id, customer_id, client_turn_id, _hash(request), platform.clock.now()
            )
            today = (await servicing_moment(conn, platform.clock)).on
        caller = Caller(
            identity=identity, conversation_id=conversation_id, turn_id=turn.turn_id, language="en"
        )
        wire = turn.reply
        if wire is None:
            with platform.tracer.turn(conversation_id, turn.turn_id, customer_id) as trace_id:
                await emit(TurnEvent("RUN_STARTED", {"threadId": conversation_id, "runId": turn.turn_id}))
                context = TurnContext(platform, caller, today, emit, token, code)
                wire = await _think(context, turn, request)
                wire = {"conversation_id": conversation_id, **wire, "trace_id": trace_id}
            async with transaction(platform.engine, identity) as conn:
                await store.finish_turn(conn, turn, request["text"], wire, platform.clock.now())
        proposal = None
        if wire["proposal_id"] is not None:
            async with transaction(platform.engine, identity) as conn:
                proposal = await proposals.with_fresh_token(
                    conn, wire["proposal_id"], customer_id, platform.clock.now()
                )
    reply = TurnReply(wire, proposal)
    await _tell(reply, emit)
    return reply


async def _think(context: TurnContext, claimed: store.ClaimedTurn, request: dict[str, Any]) -> dict[str, Any]:
    """Runs the graph. A turn sent again starts from what the conversation knew before it, or has its reply already."""
    platform = context.platform
    graph = compiled(platform.saver())
    config: Any = {"configurable": {"thread_id": claimed.conversation_id}, "recursion_limit": STEPS_MAX}
    planner = "model" if platform.models.configured else "builtin"
    turn = {**request, "turn_id": claimed.turn_id, "planner": planner}
    start: dict[str, Any] = {"turn": turn, "messages": []}
    last = None
    if not claimed.fresh:
        start["memory"], last = await _before(graph, config, claimed.turn_id)
    if last is None:
        final = await graph.ainvoke(start, config, context=context, durability="exit")
        last = final["memory"]["last"]
    wire: dict[str, Any] = last["wire"]
    return wire


async def _before(graph: Any, config: Any, turn_id: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The memory that this turn found when it first ran, and its reply if it got that far.

    A run that broke leaves a checkpoint with half of its work; its acts carry keys, so they are done over.
    """
    async for snapshot in graph.aget_state_history(config):
        memory: dict[str, Any] = snapshot.values.get("memory") or {}
        last = memory.get("last") or {}
        if last.get("turn_id") == turn_id:
            return memory, last
        if (snapshot.values.get("turn") or {}).get("turn_id") != turn_id:
            return memory, None
    return {}, None


def _hash(request: dict[str, Any]) -> str:
    return hashlib.sha256(repr(sorted(request.items())).encode()).hexdigest()


async def _tell(reply: TurnReply, emit: Emit) -> None:
    wire = reply.to_wire()
    for event in words(f"msg_{wire['turn_id']}", wire["reply"]["text"]):
        await emit(event)
    await emit(TurnEvent("CUSTOM", {"name": "cashline.turn", "value": wire}))
    await emit(TurnEvent("RUN_FINISHED", {"threadId": wire["conversation_id"], "runId": wire["turn_id"]}))


async def open_conversation(platform: Platform, customer_id: str) -> str:
    """A new conversation of this customer; answers its id."""
    identity = Identity(role="customer", actor_id=customer_id, customer_id=customer_id)
    conn: AsyncConnection
    async with transaction(platform.engine, identity) as conn:
        return await store.create_conversation(conn, customer_id, platform.clock.now())
