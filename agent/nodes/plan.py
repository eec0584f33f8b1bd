"""Which tool calls come next: first the duties, then whatever the chat model (or the built-in planner) wants."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from agent import budget, policy, toolset
from agent.budget import Spent, budgets
from agent.events import step
from agent.flows.base import Call
from agent.models import ModelUnavailable
from agent.nodes.screening import CALLS_MAX, goes_round, screened
from agent.planner import BuiltinPlanner
from agent.rails.fence import as_shown
from agent.state import Memory, TurnContext, TurnState

ROUNDS_MAX = budgets().calls
"""of a model in one turn, and of the built-in planner after it"""


async def plan(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Adds one AI message: tool calls, or nothing more to do.

    Bounded: after ROUNDS_MAX rounds of a model, or when it has used up its time or its budget, the built-in planner
    takes over, and after as many rounds of its own the turn speaks.
    """
    context = runtime.context
    memory, turn = Memory.of(state), dict(state["turn"])
    turn["redo"] = False
    turn["rounds"] = turn.get("rounds", 0) + 1
    if turn["rounds"] > ROUNDS_MAX:
        if turn["planner"] == "builtin":
            return {"turn": turn, "messages": [*state["messages"], AIMessage(content="")]}
        turn.update(planner="builtin", fallback="rounds", rounds=1)
    duties = policy.duty_calls(memory.agenda, memory.world(turn["turn_id"], context.today))
    if duties:
        message = _as_message(duties[:CALLS_MAX], turn["rounds"])
        return {"turn": turn, "messages": [*state["messages"], message]}
    await context.emit(step("planning", started=True))
    answer = await _answer(state, memory, turn, context)
    await context.emit(step("planning", started=False))
    if turn["planner"] == "model" and not answer.tool_calls:
        turn["draft"] = answer.text
    memory = replace(memory, spent=memory.spent + Spent(**turn.pop("just_spent", {})))
    return {"memory": memory.to_json(), "turn": turn, "messages": [*state["messages"], answer]}


async def _answer(state: TurnState, memory: Memory, turn: dict[str, Any], context: TurnContext) -> AIMessage:
    if turn["planner"] == "model":
        try:
            messages = await _for_model(state, memory, turn, context)
            return await _of_model(messages, memory, turn, context)
        except ModelUnavailable as problem:
            turn.update(planner="builtin", fallback=problem.reason)
    answer = await BuiltinPlanner().ainvoke([_world_message(memory, turn, context), *state["messages"]])
    assert isinstance(answer, AIMessage)
    return answer


async def _of_model(
    messages: list[AnyMessage], memory: Memory, turn: dict[str, Any], context: TurnContext
) -> AIMessage:
    """A provider's answer, screened. Raises ModelUnavailable, also when the turn has used up what it may."""
    tools = toolset.offered(memory.agenda, turn["turn_id"])
    with context.platform.tracer.span("model", kind="generation") as span:
        span.update(metadata={"prompts": context.platform.prompts.hashes()})
        try:
            asked = budget.asking(messages, tools.chars)
            _check_budget(asked, memory, turn)
            seconds = budgets().seconds - (time.monotonic() - context.started)
            answer = await context.platform.models.answer(messages, tools.schemas, seconds=seconds)
            model = answer.response_metadata["model"]
            spent = budget.used(answer, asked, budgets().price(model))
            turn["just_spent"] = vars(spent)
            turn["spent"] = vars(Spent(**turn.get("spent", {})) + spent)
            span.update(
                model=model, usage_details=_usage(spent), cost_details={"total": spent.nano_dollars / 1e9}
            )
            answer = screened(answer, turn.get("text", ""), tools.names, turn["rounds"])
            if goes_round(answer, memory.receipts_of(turn["turn_id"])):
                raise ModelUnavailable("loop")
        except ModelUnavailable as problem:
            span.update(output={"unavailable": problem.reason})
            raise
        span.update(output={"tools": [call["name"] for call in answer.tool_calls]})
        return answer


def _check_budget(asked_tokens: int, memory: Memory, turn: dict[str, Any]) -> None:
    """Raises ModelUnavailable when this request would go beyond what a turn or a conversation may use."""
    coming = Spent(input_tokens=asked_tokens)
    in_turn, before = Spent(**turn.get("spent", {})), memory.spent
    if not budgets().turn.holds(in_turn + coming) or not budgets().conversation.holds(before + coming):
        raise ModelUnavailable("budget")


def _usage(spent: Spent) -> dict[str, int]:
    return {"input_tokens": spent.input_tokens, "output_tokens": spent.output_tokens}


def _as_message(calls: list[Call], round_: int) -> AIMessage:
    tool_calls = [
        {"name": call.tool, "args": call.arguments, "id": f"duty_{round_}_{n}", "type": "tool_call"}
        for n, call in enumerate(calls)
    ]
    return AIMessage(content="", tool_calls=tool_calls)


async def _agenda_words(memory: Memory, turn: dict[str, Any], context: TurnContext) -> str:
    """The agenda and what is known, as a provider's model reads them."""
    live = [
        {"task": t.id, "intent": t.intent, "state": t.state, "slots": t.slots} for t in memory.agenda.live
    ]
    earlier = [r for r in memory.receipts[-8:] if r.turn_id != turn["turn_id"]]
    known = [
        {"tool": r.tool, "arguments": r.arguments, "outcome": r.outcome, "result": result}
        for r, result in zip(earlier, await as_shown(earlier, context.platform), strict=True)
    ]
    return context.platform.prompts.render(
        "plan",
        today=context.today.isoformat(),
        language=memory.language,
        tasks=json.dumps(live, ensure_ascii=False),
        receipts=json.dumps(known, ensure_ascii=False),
    )


def _world_message(memory: Memory, turn: dict[str, Any], context: TurnContext) -> SystemMessage:
    """The same as data, for the built-in planner."""
    world = {
        "agenda": memory.agenda.to_json(),
        "receipts": [vars(receipt) for receipt in memory.receipts],
        "today": context.today.isoformat(),
        "language": memory.language,
        "turn_id": turn["turn_id"],
    }
    return SystemMessage(content="", additional_kwargs={"world": world})


async def _for_model(
    state: TurnState, memory: Memory, turn: dict[str, Any], context: TurnContext
) -> list[AnyMessage]:
    """A stable prefix (system prompt, history), then the agenda, the message, and this turn's calls."""
    history: list[AnyMessage] = [
        HumanMessage(item["text"]) if item["role"] == "customer" else AIMessage(item["text"])
        for item in memory.history
    ]
    said = HumanMessage(turn["text"]) if turn.get("text") else HumanMessage("(the customer pressed a button)")
    return [
        SystemMessage(context.platform.prompts.render("system")),
        *history,
        SystemMessage(await _agenda_words(memory, turn, context)),
        said,
        *state["messages"],
    ]
