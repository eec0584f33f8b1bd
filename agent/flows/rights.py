"""Words for rights. The acts were started before any planner was asked (agent/policy.py); these only say what was done."""

from __future__ import annotations

from typing import Any

from agent.agenda import Task
from agent.flows.base import Flow, Say, World


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


def _say(right: str, *inputs: str) -> Flow:
    """A flow that answers the right by its template, with these fields out of the receipts of its duty."""

    def flow(task: Task, world: World) -> Say:
        duty = _newest(world, "record_right", right=right)
        handoff = _newest(world, "hand_off", reason=right)
        known = {
            "hours": handoff.get("hours", ""),
            "due_on": duty.get("due_on"),
            "reference": duty.get("reference"),
            "locked": bool(_newest(world, "lock_line", reason="fraud")),
        }
        state = "handed_off" if handoff else "done"
        return Say(f"right_{right}", {name: known[name] for name in inputs}, state=state)  # type: ignore[arg-type]

    return flow


FLOWS: dict[str, Flow] = {
    "crisis": _say("crisis"),
    "human": _say("human", "hours"),
    "fraud_report": _say("fraud_report", "locked", "hours"),
    "identity_theft": _say("identity_theft", "locked", "hours"),
    "deceased": _say("deceased", "hours"),
    "bankruptcy": _say("bankruptcy", "hours"),
    "attorney": _say("attorney", "hours"),
    "servicemember": _say("servicemember", "hours"),
    "credit_reporting": _say("credit_reporting", "due_on", "hours"),
    "complaint": _say("complaint", "reference", "due_on", "hours"),
    "cease_contact": _say("cease_contact", "hours"),
}
