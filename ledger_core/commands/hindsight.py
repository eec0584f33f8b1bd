"""What a command that reaches into the past undoes today, beside what it records."""

from dataclasses import replace
from typing import Any, TypeVar

from ledger_core.commands.decided import Decided, World, latest_day
from ledger_core.ids import new_id
from ledger_core.line.consequences import consequences
from ledger_core.line.events import FeeWaived, PlanReinstated

D = TypeVar("D")


def with_consequences(world: World, decided: Decided[D]) -> Decided[D]:
    """The decision, with the facts of the latest day by which `line.consequences` undoes what it shows unfounded.

    Every command that may record a fact of an earlier day, or undo one, passes its decision through here.
    """
    last_seq = max(fact.seq for fact in world.recorded)
    latest = latest_day(world.recorded, world.at.on)
    new = decided.recorded(last_seq, latest)
    undone = consequences(
        world.product, world.recorded, new, today=latest, credit_id=lambda: new_id("credit")
    )
    return replace(decided, follow=(*decided.follow, *undone))


def fees_taken_back(decided: Decided[Any]) -> int:
    """Late fees in cents that follow to be waived as errors."""
    return sum(f.amount_cents for f in decided.follow if isinstance(f, FeeWaived) and f.reason == "error")


def plan_reinstated(decided: Decided[Any]) -> str | None:
    """The plan that follows to be taken up again, if any."""
    return next((f.plan_id for f in decided.follow if isinstance(f, PlanReinstated)), None)
