"""Input rails, understanding, agenda, obligations: what the customer said, before anyone decides anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langgraph.runtime import Runtime

from agent import agenda_update, policy
from agent.agenda_context import in_context
from agent.events import step
from agent.platform import Platform
from agent.rails.once import EmbedOnce
from agent.state import Memory, TurnContext, TurnState
from agent.understanding import Understanding, understand
from tools.knowledge.embed import Embedder

if TYPE_CHECKING:
    from agent.rails.nemo import Verdict


async def listen(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Reads the message and lays out the work. A blocked message opens no task, but a right in it still counts."""
    context = runtime.context
    platform = context.platform
    await context.emit(step("understanding", started=True))
    memory, turn = Memory.of(state), dict(state["turn"])
    embedder = EmbedOnce(platform.embedder)
    # the rail runs on this thread while the reading runs on another
    verdict, understood = await asyncio.gather(
        _judged(turn["text"], platform), _understood(turn["text"], memory.language, embedder, context)
    )
    if turn["planner"] == "model" and await platform.rails.suspects(turn["text"], embedder):
        turn.update(planner="builtin", fallback="suspected")
    understood = in_context(memory.agenda, understood)
    rights = [(right.name, right.evidence) for right in understood.rights if right.source != "classifier"]
    guessed = [(right.name, right.evidence) for right in understood.rights if right.source == "classifier"]
    agenda = policy.with_obligations(memory.agenda, rights, turn["turn_id"])
    agenda = policy.with_obligations(agenda, guessed, turn["turn_id"], sure=False)
    if verdict.rail and not understood.rights:
        turn["blocked"] = verdict.rail
    else:
        agenda, decision = agenda_update.update(
            agenda, understood, turn_id=turn["turn_id"], pending=memory.pending
        )
        if decision is not None:
            turn["decision"] = {
                "decision": decision.decision,
                "proposal_id": decision.proposal_id,
                "typed": True,
            }
    # a right that only the classifier saw as a wish starts its duty all the same
    wished = [(task.intent, task.said) for task in agenda.tasks if task.id.startswith(turn["turn_id"])]
    agenda = policy.with_obligations(
        agenda, [wish for wish in wished if wish[0] in policy.PROCEDURES], turn["turn_id"], sure=False
    )
    turn["words"] = {
        "amounts_cents": [amount.cents for amount in understood.amounts],
        "dates": sorted(
            {day.isoformat() for m in understood.dates for day in (m.on, m.until) if day is not None}
        ),
        "days": list(understood.days_of_month),
    }
    await context.emit(step("understanding", started=False))
    memory = replace(memory, agenda=agenda, language=understood.language, pending=None)
    return {"memory": memory.to_json(), "turn": turn, "messages": []}


async def _judged(text: str, platform: Platform) -> Verdict:
    with platform.tracer.span("rail.input") as span:
        verdict = await platform.rails.check_input(text)
        span.update(output={"rail": verdict.rail})
    return verdict


async def _understood(text: str, language: str, embedder: Embedder, context: TurnContext) -> Understanding:
    with context.platform.tracer.span("understand") as span:
        understood = await asyncio.to_thread(
            understand, text, today=context.today, embedder=embedder, language_hint=language
        )
        span.update(
            output={
                "intents": [intent.name for intent in understood.intents],
                "rights": [right.name for right in understood.rights],
            }
        )
    return understood
