"""Limits: a decision in the conversation, with its reasons; taking it up; lowering; what was decided before."""

from __future__ import annotations

import re
from typing import Any

from agent.agenda import Question, Task
from agent.flows.base import Flow, Say, World, ask, offer
from agent.flows.outcomes import of_act, refused

_BY = re.compile(r"\b(?:by|another|more|extra|additional|por|otros?|más|adicionales)\b", re.I)
"""An amount on top of the limit of now, not the limit itself."""


def increase(task: Task, world: World) -> Say:
    """Decided at once: approved or a smaller one offered, as a proposal; or declined, with what would help.

    Not while the line is locked: a lock that a dispute brought must not become a decline (12 CFR 1002.4).
    """
    line = world.line()
    if line["locked"] or _locked_just_now(world):
        return Say("limit_waits", state="refused")
    amount = task.slots.get("amount_cents")
    if not isinstance(amount, int):
        return ask("ask_new_limit", {"line": line}, Question("amount_cents", "amount"))
    by = amount < line["limit_cents"] or (_BY.search(task.said) and amount != line["limit_cents"])
    wanted = {"raise_by_cents" if by else "limit_cents": amount}
    receipt = world.act("request_limit_increase", line_id=line["line_id"], **wanted)
    if receipt.outcome == "refused":
        return refused(receipt)
    if receipt.outcome != "done":
        return of_act(receipt, task)
    decided = receipt.data
    if decided["outcome"] == "declined":
        return Say("limit_declined", {"d": decided}, state="refused")
    return _taking_up(task, world, line, decided)


def _locked_just_now(world: World) -> bool:
    return any(
        r.tool == "lock_line" and r.outcome == "done" and r.turn_id == world.turn_id for r in world.receipts
    )


def _taking_up(task: Task, world: World, line: dict[str, Any], decided: dict[str, Any]) -> Say:
    shown = world.act("accept_limit", line_id=line["line_id"], decision_id=decided["decision_id"])
    if shown.outcome != "needs_confirmation":
        return of_act(shown, task)
    fields = {"d": decided, "summary": shown.data["proposal"]["summary"]}
    return Say("limit_offer", fields, state="proposed", proposal_id=shown.data["proposal"]["id"])


def decrease(task: Task, world: World) -> Say:
    line = world.line()
    amount = task.slots.get("amount_cents")
    if not isinstance(amount, int):
        return ask("ask_lower_limit", {"line": line}, Question("amount_cents", "amount"))
    return of_act(world.act("lower_limit", line_id=line["line_id"], limit_cents=amount), task)


def explain(task: Task, world: World) -> Say:
    """The latest decision and its reasons; with none on a locked line, that the lock is why things wait."""
    line = world.line()
    decisions = world.look("explain_decisions", line_id=line["line_id"])["decisions"]
    if not decisions and line["locked"]:
        return Say("no_decision_locked")
    if not decisions:
        return offer("no_decision", {"line": line}, "limit_increase", {})
    return Say("decision", {"d": decisions[0]})


FLOWS: dict[str, Flow] = {
    "limit_increase": increase,
    "limit_decrease": decrease,
    "decision_explain": explain,
}
