"""The turn as clients see it (the outside contract). Pure: state in, JSON out. No token is ever in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.agenda import OFFER, Agenda
from agent.figures import Figure
from agent.flows.base import Receipt
from agent.state import Memory
from agent.words import render
from tools.registry import by_name

if TYPE_CHECKING:
    from agent.nodes.compose import Spoken


def reply_wire(
    memory: Memory, turn: dict[str, Any], spoken: Spoken, agenda: Agenda, found: Sequence[Figure]
) -> dict[str, Any]:
    """The reply of one turn. `proposal_id` stands for the proposal; its token is made as the reply is handed over."""
    receipts = memory.receipts_of(turn["turn_id"])
    handoff = next((r.data for r in reversed(receipts) if r.tool == "hand_off" and r.outcome == "done"), None)
    proposals = [say.proposal_id for _, say in spoken.says if say.state == "proposed" and say.proposal_id]
    return {
        "turn_id": turn["turn_id"],
        "status": _status(spoken, receipts, handoff, proposals),
        "reply": {"text": spoken.reply.text, "blocks": spoken.reply.blocks},
        "proposal_id": proposals[-1] if proposals else None,
        "tool_calls": [_tool_call(r) for r in receipts],
        "citations": _citations(receipts, spoken.reply.text),
        "figures": [figure.to_wire() for figure in found],
        "agenda": [
            {
                "id": t.id,
                "intent": t.intent,
                "state": "done" if t.question and t.question.slot == OFFER else t.state,
                "summary": render("intent", {"code": t.intent}, memory.language),
            }
            for t in agenda.tasks
            if t.live or t.id.startswith(turn["turn_id"]) or any(t.id == task.id for task, _ in spoken.says)
        ],
        "obligations": [
            {
                "id": o.id,
                "right": o.right,
                "state": "discharged" if o.discharged_by else "open",
                "due_on": o.due_on,
            }
            for o in agenda.obligations
        ],
        "handoff": _handoff(handoff),
        "code": "proposal_void" if any(_replaced(receipt) for receipt in receipts) else None,
        "planner": "model" if spoken.by_model else turn["planner"],
        "language": memory.language,
    }


def _status(
    spoken: Spoken, receipts: Sequence[Receipt], handoff: dict[str, Any] | None, proposals: Sequence[str]
) -> str:
    says = [say for _, say in spoken.says]
    if proposals:
        return "proposed"
    if handoff is not None:
        return "handed_off"
    if any(say.template == "held_back" for say in says):
        return "failed"
    if any(say.template == "unclear" or (say.question and say.question.slot != OFFER) for say in says):
        return "asking"
    if any(_acted(receipt) for receipt in receipts):
        return "done"
    if says and all(say.state == "refused" for say in says):
        return "refused"
    return "answered"


def _replaced(receipt: Receipt) -> bool:
    """A confirmation that found other terms than were shown: new ones are proposed, or it is refused with reasons."""
    return receipt.outcome in ("needs_confirmation", "refused") and "proposal_id" in receipt.arguments


def _acted(receipt: Receipt) -> bool:
    tool = by_name(receipt.tool)
    return (
        receipt.outcome == "done"
        and tool is not None
        and tool.effect.value == "act"
        and tool.name != "record_right"
        and not receipt.data.get("declined")
        and receipt.data.get("outcome") != "declined"
    )


def _tool_call(receipt: Receipt) -> dict[str, Any]:
    tool = by_name(receipt.tool)
    return {
        "id": receipt.call_id,
        "name": receipt.tool,
        "effect": tool.effect.value if tool else None,
        "outcome": receipt.outcome,
        "summary": receipt.tool.replace("_", " "),
    }


def _citations(receipts: Sequence[Receipt], text: str) -> list[dict[str, Any]]:
    """Policy sections that the reply names by title."""
    passages = [p for r in receipts if r.tool == "search_policies" for p in r.data.get("passages", ())]
    keys = ("document", "title", "section", "heading", "version", "effective_on")
    cited: list[dict[str, Any]] = []
    for passage in passages:
        entry = {key: passage[key] for key in keys}
        if passage["title"] in text and passage["section"] in text and entry not in cited:
            cited.append(entry)
    return cited


def _handoff(data: dict[str, Any] | None) -> dict[str, Any] | None:
    if data is None:
        return None
    return {
        "id": data["handoff_id"],
        "queue": data["queue"],
        "summary": data["summary"],
        "hours": data["hours"],
    }
