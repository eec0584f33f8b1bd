"""One flow per wish. `next_step` is the only door: what the flow says, or the calls it still needs."""

from __future__ import annotations

from agent.agenda import Agenda, Task
from agent.flows import (
    account,
    disputes,
    draws,
    general,
    hardship,
    limits,
    payments,
    profile,
    rights,
    statements,
)
from agent.flows.base import Call, Flow, Need, NoLine, Say, Unanswered, World
from agent.flows.outcomes import decided, unanswered
from agent.words import render
from tools.contract import Effect
from tools.registry import by_name

FLOWS: dict[str, Flow] = {
    **account.FLOWS,
    **statements.FLOWS,
    **payments.FLOWS,
    **draws.FLOWS,
    **limits.FLOWS,
    **hardship.FLOWS,
    **disputes.FLOWS,
    **rights.FLOWS,
    **general.FLOWS,
    **profile.FLOWS,
}


def speaking(agenda: Agenda, turn_id: str) -> tuple[Task, ...]:
    """The tasks that speak in this turn: those the message opened or answered. The others keep what they asked."""
    return tuple(task for task in agenda.tasks if task.state == "open")


def next_step(task: Task, world: World) -> Say | Need:
    """What the task says now, or the tool calls it needs first."""
    flow = FLOWS.get(task.intent, general.unclear)
    try:
        if task.slots.get("decided_in") == world.turn_id:
            return decided(task, world)
        return flow(task, world)
    except Need as need:
        return _queued(task, world) if _must_wait(need, world) else need
    except NoLine:
        return Say("no_line")
    except Unanswered as missing:
        return unanswered(missing.receipt)


def _must_wait(need: Need, world: World) -> bool:
    """One proposal at a time: while this turn shows one, a further act that needs a yes waits for its answer."""
    shown = any(r.outcome == "needs_confirmation" and r.turn_id == world.turn_id for r in world.receipts)
    return shown and any(needs_yes(call) for call in need.calls)


def needs_yes(call: Call) -> bool:
    """Whether the call can only propose."""
    tool = by_name(call.tool)
    return tool is not None and tool.call_effect is Effect.PROPOSE


def _queued(task: Task, world: World) -> Say:
    wish = render("intent", {"code": task.intent}, world.language)
    return Say("queued", {"wish": wish}, state="queued")
