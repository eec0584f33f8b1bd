"""Words for rights. Their acts were started before any planner was asked; these only say what was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.agenda import Agenda, Task
from agent.flows.base import Flow, Say, World
from agent.flows.disputes import locked_by
from agent.words import render


def _newest(world: World, tool: str, **arguments: Any) -> dict[str, Any]:
    """The newest done result of this conversation whose arguments include these; empty when there is none."""
    for receipt in reversed(world.receipts):
        if (
            receipt.tool == tool
            and receipt.outcome == "done"
            and arguments.items() <= receipt.arguments.items()
        ):
            return receipt.data
    return {}


def _locked(world: World) -> str:
    """Whether this conversation locked a line, or found one locked."""
    return locked_by(receipt for receipt in world.receipts if receipt.tool == "lock_line")


def _say(right: str, *inputs: str) -> Flow:
    """A flow that answers the right by its template, with these fields out of the receipts of its duty."""

    def flow(task: Task, world: World) -> Say:
        duty = _newest(world, "record_right", right=right)
        handoff = _newest(world, "hand_off", reason=right)
        known = {
            "hours": handoff.get("hours", ""),
            "due_on": duty.get("due_on"),
            "reference": duty.get("reference"),
            "disputed": any(r.tool == "open_dispute" for r in world.receipts),
            "locked": _locked(world),
        }
        state = "handed_off" if handoff else "done"
        return Say(f"right_{right}", {name: known[name] for name in inputs}, state=state)  # type: ignore[arg-type]

    return flow


SHRUGS = frozenset({"policy_none", "out_of_scope", "unclear", "nothing_pending"})
"""Words for want of an answer; beside a real answer they are left out."""


def _without_shrugs(said: list[tuple[Task, Say]]) -> list[tuple[Task, Say]]:
    """Beside an answer, a task without one repeats it: the same words are said once."""
    answer = next((say for _, say in said if say.template not in SHRUGS), None)
    if answer is None:
        return said
    quiet = Say(answer.template, answer.fields, answer.blocks)
    return [(task, quiet if say.template in SHRUGS else say) for task, say in said]


def in_few_words(
    said: list[tuple[Task, Say]], agenda: Agenda, turn_id: str, language: str
) -> tuple[tuple[Task, Say], ...]:
    """The reply without a wall of text: the weightiest right in full, the others of this message in one sentence.

    In a crisis nothing else is said.
    """
    said = _without_shrugs(said)
    full = next((pair for pair in said if pair[1].template.startswith("right_")), None)
    if full is None:
        return tuple(said)
    if full[1].template == "right_crisis":
        return tuple(
            (task, say if task is full[0] else replace(say, template="right_crisis", fields={}, blocks={}))
            for task, say in said
        )
    others = [
        item.right
        for item in agenda.obligations
        if item.id.startswith(turn_id)
        and item.right != full[0].intent
        and item.right not in ("dispute_open", "hardship")
    ]
    if not others:
        return tuple(said)
    names = [render("right_name", {"right": right}, language) for right in others]
    also = Say("right_also", {"names": names}, state="handed_off")
    return tuple(
        (task, also if say.template.startswith("right_") and task is not full[0] else say)
        for task, say in said
    ) + (() if any(t.intent in others for t, _ in said) else ((full[0], also),))


FLOWS: dict[str, Flow] = {
    "crisis": _say("crisis"),
    "human": _say("human", "hours"),
    "fraud_report": _say("fraud_report", "locked", "hours", "disputed"),
    "identity_theft": _say("identity_theft", "locked", "hours"),
    "deceased": _say("deceased", "hours"),
    "bankruptcy": _say("bankruptcy", "hours"),
    "attorney": _say("attorney", "hours"),
    "servicemember": _say("servicemember", "hours"),
    "credit_reporting": _say("credit_reporting", "due_on", "hours"),
    "complaint": _say("complaint", "reference", "due_on", "hours"),
    "cease_contact": _say("cease_contact", "hours"),
}
