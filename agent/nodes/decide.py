"""The customer's yes or no to a stored proposal, whose id is the key of the act: a repeat answers the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime

from agent.agenda import Task
from agent.events import step, tool_ended, tool_started
from agent.flows.base import Receipt
from agent.state import Memory, TurnContext, TurnState
from ledger_core.ids import new_id


class DecisionRefused(Exception):
    """The button cannot do that: confirmation_invalid, proposal_expired, proposal_void, already_decided, not_found,
    code_needed, code_invalid, code_expired, code_locked.

    Nothing was changed, and the same request may be made again with what was missing.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def decide(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Confirms or declines, and puts the answer on the task that proposed. Token and code ride in the context only."""
    context = runtime.context
    memory, turn = Memory.of(state), dict(state["turn"])
    decision = turn["decision"]
    executor, proposal_id = context.platform.executor, decision["proposal_id"]
    caller = replace(context.caller, language=memory.language)
    call_id = new_id("call")
    await context.emit(step("acting", started=True))
    await context.emit(tool_started(call_id, decision["decision"]))
    with context.platform.tracer.span(f"proposal.{decision['decision']}", kind="tool") as span:
        if decision["decision"] == "confirm":
            outcome = await executor.confirm(
                caller,
                proposal_id,
                context.confirmation_token,
                typed_yes=bool(decision.get("typed")),
                code=context.code,
            )
        else:
            outcome = await executor.decline(caller, proposal_id)
        span.update(output={"outcome": outcome.kind})
    await context.emit(tool_ended(call_id))
    await context.emit(step("acting", started=False))
    if outcome.kind == "failed" and not decision.get("typed"):
        raise DecisionRefused(outcome.to_json()["code"])
    tool = _tool_of(memory, proposal_id) or await executor.tool_of(caller, proposal_id)
    receipt = Receipt(
        call_id,
        tool,
        {"proposal_id": proposal_id},
        outcome.kind,
        outcome.to_json(),
        turn["turn_id"],
    )
    task = next((t for t in memory.agenda.tasks if t.proposal_id == proposal_id), None)
    if task is None:
        task = Task(id=f"{turn['turn_id']}.0", intent="proposal", proposal_id=proposal_id)
    task = replace(
        task.with_slots(decision=decision["decision"], decided_in=turn["turn_id"]),
        state="open",
        question=None,
    )
    agenda = memory.agenda.put(task)
    for waiting in [t for t in agenda.tasks if t.state == "queued"]:
        agenda = agenda.put(replace(waiting, state="open"))
    memory = replace(memory, receipts=(*memory.receipts, receipt), agenda=agenda, pending=None)
    turn["planner"] = "builtin"  # an act speaks by template; there is nothing for a model to say
    return {"memory": memory.to_json(), "turn": turn, "messages": []}


def _tool_of(memory: Memory, proposal_id: str) -> str:
    """The tool that proposed, by the conversation's receipts; empty when something else proposed it."""
    for receipt in reversed(memory.receipts):
        proposal = receipt.data.get("proposal")
        if proposal is not None and proposal["id"] == proposal_id:
            return str(proposal["kind"])
    return ""
