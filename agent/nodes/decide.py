"""The customer's yes or no to a stored proposal. The proposal id is the key of the act, so a repeat answers the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime

from agent.agenda import Task
from agent.events import step, tool_ended, tool_started
from agent.flows.base import Receipt
from agent.state import Memory, TurnContext, TurnState
from ledger_core.ids import new_id


async def decide(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Confirms or declines, and puts the answer on the task that proposed. The token rides in the context only."""
    context = runtime.context
    memory, turn = Memory.of(state), dict(state["turn"])
    decision = turn["decision"]
    executor, proposal_id = context.platform.executor, decision["proposal_id"]
    call_id = new_id("call")
    await context.emit(step("acting", started=True))
    await context.emit(tool_started(call_id, decision["decision"]))
    with context.platform.tracer.span(f"proposal.{decision['decision']}", kind="tool") as span:
        if decision["decision"] == "confirm":
            outcome = await executor.confirm(
                context.caller, proposal_id, context.confirmation_token, typed_yes=bool(decision.get("typed"))
            )
        else:
            outcome = await executor.decline(context.caller, proposal_id)
        span.update(output={"outcome": outcome.kind})
    await context.emit(tool_ended(call_id))
    await context.emit(step("acting", started=False))
    tool = await executor.tool_of(context.caller, proposal_id)
    receipt = Receipt(call_id, tool, {"proposal_id": proposal_id}, outcome.kind, outcome.to_json(), turn["turn_id"])
    task = next((t for t in memory.agenda.tasks if t.proposal_id == proposal_id), None)
    if task is None:
        task = Task(id=f"{turn['turn_id']}.0", intent="proposal", proposal_id=proposal_id)
    task = replace(
        task.with_slots(decision=decision["decision"], decided_in=turn["turn_id"]), state="open", question=None
    )
    memory = replace(memory, receipts=(*memory.receipts, receipt), agenda=memory.agenda.put(task), pending=None)
    return {"memory": memory.to_json(), "turn": turn, "messages": []}
