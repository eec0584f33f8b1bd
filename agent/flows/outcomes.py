"""What to say of an act: proposed, done, refused, or not possible just now. One place for all flows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.agenda import Task
from agent.flows.base import Receipt, Say, World, offer
from tools import wording

REASONS_KNOWN_MAX = 3


def of_act(receipt: Receipt, task: Task) -> Say:
    """The words for the outcome of a tool that may need a confirmation."""
    match receipt.outcome:
        case "needs_confirmation":
            proposal = receipt.data["proposal"]
            changed = bool(receipt.data.get("replaces")) and "proposal_id" in receipt.arguments
            notes = wording.notes(proposal["rows"]) if task.slots.get("explain") else []
            return Say(
                "proposal",
                {"summary": proposal["summary"], "again": changed, "notes": notes},
                state="proposed",
                proposal_id=proposal["id"],
                slots={"explain": False},
            )
        case "done":
            return Say(f"done_{receipt.tool}", {"r": receipt.data})
        case "refused":
            return refused(receipt)
        case "fixable":
            return Say("fixable", state="done")
        case outcome:
            assert outcome == "failed", f"unknown outcome {outcome!r}"
            return Say("trouble", {"hours": ""}, state="refused")


def refused(receipt: Receipt) -> Say:
    """A lawful no, with its main reasons in the order they were found."""
    reasons: list[dict[str, Any]] = receipt.data["reasons"][:REASONS_KNOWN_MAX]
    fields: dict[str, Any] = {"tool": receipt.tool, "reasons": reasons, "short_cents": 0}
    codes = {reason["code"]: reason["facts"] for reason in reasons}
    if receipt.tool == "request_draw" and reasons[0]["code"] == "over_limit":
        return _over_limit(receipt, fields, reasons[0]["facts"].get("available_cents", 0))
    if "past_due" in codes and receipt.tool == "request_draw":
        slots = {"amount_cents": codes["past_due"]["past_due_cents"]}
        return replace(offer("refused", fields, "payment_make", slots), state="refused")
    if "specialist_needed" in codes:
        return replace(offer("refused", fields, "human", {}), state="refused")
    return Say("refused", fields, state="refused")


def _over_limit(receipt: Receipt, fields: dict[str, Any], available_cents: int) -> Say:
    """The draw that fits; where none does, the payment that makes room for the one asked for."""
    if available_cents:
        way = offer("refused", fields, "draw_request", {"amount_cents": available_cents})
    else:
        fields["short_cents"] = receipt.arguments["amount_cents"]
        way = offer("refused", fields, "payment_make", {"amount_cents": fields["short_cents"]})
    return replace(way, state="refused")


def unanswered(receipt: Receipt) -> Say:
    """A look-up that gave nothing."""
    if receipt.outcome == "refused":
        return refused(receipt)
    return Say("trouble", {"hours": ""}, state="refused")


def decided(task: Task, world: World) -> Say:
    """The turn after the customer's yes or no."""
    receipt = next(
        r
        for r in reversed(world.receipts)
        if r.turn_id == world.turn_id and r.arguments == {"proposal_id": task.proposal_id}
    )
    if task.slots["decision"] == "decline":
        return Say("declined", state="cancelled")
    if receipt.outcome == "failed":
        return Say("proposal_gone", state="refused")
    if receipt.tool == "open_dispute" and receipt.outcome == "done":
        return Say("done_open_dispute", {"r": receipt.data, "line": world.line()})
    return of_act(receipt, task)
