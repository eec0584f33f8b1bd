"""The built-in planner: a LangChain chat model that follows the flows. No network, no randomness, no state.

It reads the agenda and the receipts handed to it in the newest system message, asks each live task's flow for its
next step, and answers with all tool calls they need now, or with empty words when every task can speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent import flows
from agent.agenda import Agenda
from agent.flows.base import Call, Need, Receipt, World


class BuiltinPlanner(BaseChatModel):
    """Answers a planning request by the flows."""

    @property
    def _llm_type(self) -> str:
        return "cashline-builtin"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        calls = next_calls(*_view(messages))
        tool_calls = [
            {"name": call.tool, "args": call.arguments, "id": f"call_{n}", "type": "tool_call"}
            for n, call in enumerate(calls)
        ]
        message = AIMessage(content="", tool_calls=tool_calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def next_calls(agenda: Agenda, world: World) -> list[Call]:
    """Every tool call that a speaking task needs now, in agenda order, each once."""
    calls: list[Call] = []
    for task in flows.speaking(agenda, world.turn_id):
        step = flows.next_step(task, world)
        if isinstance(step, Need):
            # of several acts that need a yes the first proposes; the others are asked again after it
            proposing = any(flows.needs_yes(call) for call in calls)
            calls.extend(
                call for call in step.calls if call not in calls and not (proposing and flows.needs_yes(call))
            )
    return calls


def _view(messages: Sequence[BaseMessage]) -> tuple[Agenda, World]:
    view = next(
        message.additional_kwargs["world"]
        for message in reversed(messages)
        if isinstance(message, SystemMessage) and "world" in message.additional_kwargs
    )
    world = World(
        today=date.fromisoformat(view["today"]),
        language=view["language"],
        receipts=tuple(Receipt.from_json(item) for item in view["receipts"]),
        turn_id=view["turn_id"],
    )
    return Agenda.from_json(view["agenda"]), world
