"""What of a model's answer is taken up. Pure. A model may ask for tools; it may not speak through their arguments.

Free words in arguments reach people (a colleague reads a summary, the files keep a narrative), and so do names of
tools on the event stream. What is not the customer's or ours is dropped here; values that move money are checked
by the executor against their provenance.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.messages.tool import ToolCall

from agent.flows.base import Receipt
from agent.policy import PROCEDURES

CALLS_MAX = 12
"""calls taken up from one answer"""
UNKNOWN_TOOL = "unknown_tool"
REASONS = frozenset(PROCEDURES) | {
    "account_access", "profile_change", "bank_account_manage",
    "close_account", "fee_waiver", "refund_request", "no_programme", "not_understood",
}  # fmt: skip
OTHER_REASON = "other"


def screened(answer: AIMessage, said: str, offered: Collection[str], round_: int) -> AIMessage:
    """The answer with at most CALLS_MAX calls, each once, under our own ids, without words that nobody of us said.

    offered: the tools that the model was shown; any other name is no tool.
    """
    calls: list[ToolCall] = []
    for n, call in enumerate(answer.tool_calls):
        name = call["name"] if call["name"] in offered else UNKNOWN_TOOL
        if name == "add_dispute_evidence" and str(call["args"].get("words")) not in said:
            name = UNKNOWN_TOOL  # the files keep the customer's own words
        arguments = _arguments(name, call["args"], said)
        if not any(known["name"] == name and known["args"] == arguments for known in calls):
            calls.append(ToolCall(name=name, args=arguments, id=f"call_{round_}_{n}", type="tool_call"))
        if len(calls) == CALLS_MAX:
            break
    return AIMessage(content=answer.content, tool_calls=calls)


def goes_round(answer: AIMessage, receipts: Sequence[Receipt]) -> bool:
    """True when every call of the answer has been answered already in this turn: it would only be asked again."""
    known = [(receipt.tool, receipt.arguments) for receipt in receipts]
    return bool(answer.tool_calls) and all(
        (call["name"], call["args"]) in known for call in answer.tool_calls
    )


def _arguments(name: str, given: dict[str, Any], said: str) -> dict[str, Any]:
    match name:
        case "hand_off":
            known = given.get("reason") in REASONS
            return {
                "queue": given.get("queue", "general"),
                "reason": given["reason"] if known else OTHER_REASON,
            }
        case "open_dispute" if given.get("narrative") and str(given["narrative"]) not in said:
            return {key: value for key, value in given.items() if key != "narrative"}
        case "unknown_tool":
            return {}
    return given
