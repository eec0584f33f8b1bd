"""Runs the tool calls of the last message through the executor: reads together, everything else one by one."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage
from langgraph.runtime import Runtime

from agent import policy
from agent.events import step, tool_ended, tool_started
from agent.flows.base import Receipt
from agent.provenance import ledger_of
from agent.rails.fence import as_shown, fenced
from agent.state import Memory, TurnContext, TurnState
from ledger_core.ids import new_id
from tools.contract import Effect
from tools.provenance import ProvenanceLedger
from tools.registry import by_name


async def act(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Adds a tool message and a receipt per call."""
    context = runtime.context
    memory, turn = Memory.of(state), dict(state["turn"])
    message = state["messages"][-1]
    assert isinstance(message, AIMessage)
    await context.emit(step("acting", started=True))
    ledger = ledger_of(memory, turn)
    context = replace(context, caller=replace(context.caller, language=memory.language))
    calls: list[dict[str, Any]] = [dict(call) for call in message.tool_calls]
    reads = [call for call in calls if _is_read(call["name"])]
    answers: dict[int, Receipt] = {}
    async with asyncio.TaskGroup() as group:
        for call in reads:
            group.create_task(_into(answers, call, turn, ledger, context))
    for call in calls:
        if not _is_read(call["name"]):
            await _into(answers, call, turn, ledger, context)
    receipts = [answers[id(call)] for call in calls]
    if turn["planner"] == "model":
        shown = await as_shown(receipts, context.platform)
    else:
        shown = [fenced(r.tool, r.data, ()) for r in receipts]
    tool_messages = [
        ToolMessage(
            content=json.dumps({"outcome": r.outcome, **result}, ensure_ascii=False), tool_call_id=call["id"]
        )
        for call, r, result in zip(calls, receipts, shown, strict=True)
    ]
    memory = replace(memory, receipts=(*memory.receipts, *receipts))
    world = memory.world(turn["turn_id"], context.today)
    memory = replace(memory, agenda=policy.discharge(memory.agenda, world))
    await context.emit(step("acting", started=False))
    return {"memory": memory.to_json(), "messages": [*state["messages"], *tool_messages]}


def _is_read(name: str) -> bool:
    tool = by_name(name)
    return tool is not None and tool.effect is Effect.READ


async def _into(
    answers: dict[int, Receipt],
    call: dict[str, Any],
    turn: dict[str, Any],
    ledger: ProvenanceLedger,
    context: TurnContext,
) -> None:
    answers[id(call)] = await run_call(call, turn, ledger, context)


async def run_call(
    call: dict[str, Any], turn: dict[str, Any], ledger: ProvenanceLedger, context: TurnContext
) -> Receipt:
    """One call. Its key is the turn, the tool and the arguments, so a turn sent again acts once."""
    name, arguments = call["name"], call["args"]
    canonical = json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=str)
    key = f"{turn['turn_id']}:{name}:{hashlib.sha256(canonical.encode()).hexdigest()[:16]}"
    call_id = new_id("call")
    await context.emit(tool_started(call_id, name))
    with context.platform.tracer.span(f"tool.{name}", kind="tool") as span:
        outcome = await context.platform.executor.call(
            context.caller, name, arguments, call_id=call_id, key=key, provenance=ledger
        )
        span.update(output={"outcome": outcome.kind})
    await context.emit(tool_ended(call_id))
    return Receipt(call_id, name, arguments, outcome.kind, outcome.to_json(), turn["turn_id"])
