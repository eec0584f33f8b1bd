"""One flow per wish. `next_step` is the only door: what the flow says, or the calls it still needs."""

from __future__ import annotations

from agent.agenda import Agenda, Task
from agent.flows import account, disputes, draws, general, hardship, payments, rights, statements
from agent.flows.base import Flow, Need, NoLine, Say, Unanswered, World
from agent.flows.outcomes import decided, unanswered

FLOWS: dict[str, Flow] = {
    **account.FLOWS,
    **statements.FLOWS,
    **payments.FLOWS,
    **draws.FLOWS,
    **hardship.FLOWS,
    **disputes.FLOWS,
    **rights.FLOWS,
    **general.FLOWS,
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
        return need
    except NoLine:
        return Say("no_line")
    except Unanswered as missing:
        return unanswered(missing.receipt)
