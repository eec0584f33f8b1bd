"""Which tool calls come next: first the duties, then whatever the chat model (or the built-in planner) wants."""

from __future__ import annotations

import json
import time
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from agent import policy, prompt_files
from agent.events import step
from agent.flows.base import Call
from agent.models import ModelUnavailable
from agent.nodes.screening import CALLS_MAX, goes_round, screened
from agent.planner import BuiltinPlanner
from agent.rails.fence import fenced
from agent.state import Memory, TurnContext, TurnState
from tools.registry import schemas

ROUNDS_MAX = 8
MODEL_SECONDS_MAX = 45
"""for all calls of a model in one turn; then the built-in planner finishes it"""


async def plan(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Adds one AI message: tool calls, or nothing more to do.

    Bounded: after ROUNDS_MAX rounds of a model the built-in planner takes over, and after as many of its own the
    turn speaks.
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
    return {"turn": turn, "messages": [*state["messages"], answer]}


async def _answer(state: TurnState, memory: Memory, turn: dict[str, Any], context: TurnContext) -> AIMessage:
    if turn["planner"] == "model":
        try:
            messages = _for_model(state, memory, turn, _agenda_words(memory, turn, context))
            return await _of_model(messages, memory, turn, context)
        except ModelUnavailable as problem:
            turn.update(planner="builtin", fallback=problem.reason)
    answer = await BuiltinPlanner().ainvoke([_world_message(memory, turn, context), *state["messages"]])
    assert isinstance(answer, AIMessage)
    return answer


async def _of_model(
    messages: list[AnyMessage], memory: Memory, turn: dict[str, Any], context: TurnContext
) -> AIMessage:
    """A provider's answer, screened. Raises ModelUnavailable, also when the turn has used up its time."""
    with context.platform.tracer.span("model", kind="generation") as span:
        span.update(metadata={"prompts": {name: prompt_files.load(name).hash for name in ("system", "plan")}})
        try:
            if time.monotonic() - context.started > MODEL_SECONDS_MAX:
                raise ModelUnavailable("timeout")
            answer = await context.platform.models.answer(messages, schemas("customer"))
            usage: dict[str, Any] = {**(answer.usage_metadata or {})}
            model = answer.response_metadata["model"]
            answer = screened(answer, turn.get("text", ""), memory.agenda, turn["turn_id"], turn["rounds"])
            if goes_round(answer, memory.receipts_of(turn["turn_id"])):
                raise ModelUnavailable("loop")
        except ModelUnavailable as problem:
            span.update(output={"unavailable": problem.reason})
            raise
        tokens = {key: usage[key] for key in ("input_tokens", "output_tokens") if key in usage}
        tools = [call["name"] for call in answer.tool_calls]
        span.update(model=model, output={"tools": tools}, usage_details=tokens)
        return answer


def _as_message(calls: list[Call], round_: int) -> AIMessage:
    tool_calls = [
        {"name": call.tool, "args": call.arguments, "id": f"duty_{round_}_{n}", "type": "tool_call"}
        for n, call in enumerate(calls)
    ]
    return AIMessage(content="", tool_calls=tool_calls)


def _agenda_words(memory: Memory, turn: dict[str, Any], context: TurnContext) -> str:
    """The agenda and what is known, as a provider's model reads them."""
    live = [
        {"task": t.id, "intent": t.intent, "state": t.state, "slots": t.slots} for t in memory.agenda.live
    ]
    known = [
        {"tool": r.tool, "arguments": r.arguments, "outcome": r.outcome, "result": fenced(r.tool, r.data)}
        for r in memory.receipts[-8:]
        if r.turn_id != turn["turn_id"]
    ]
    return prompt_files.render(
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


def _for_model(state: TurnState, memory: Memory, turn: dict[str, Any], agenda: str) -> list[AnyMessage]:
    """A stable prefix (system prompt, history), then the agenda, the message, and this turn's calls."""
    history: list[AnyMessage] = [
        HumanMessage(item["text"]) if item["role"] == "customer" else AIMessage(item["text"])
        for item in memory.history
    ]
    said = HumanMessage(turn["text"]) if turn.get("text") else HumanMessage("(the customer pressed a button)")
    return [
        SystemMessage(prompt_files.render("system")),
        *history,
        SystemMessage(agenda),
        said,
        *state["messages"],
    ]
