"""Plans: completed, broken, cured, or given up, as `line.plan_progress` says."""

from __future__ import annotations

from ledger_core.commands.break_plan import break_plan_order
from ledger_core.commands.cancel_plan import cancel_plan_order
from ledger_core.commands.complete_plan import complete_plan_order
from ledger_core.commands.cure_plan import cure_plan_order
from ledger_core.commands.decided import World
from ledger_core.line.events import PlanBroken, PlanCancelled, PlanCompleted, PlanCured
from ledger_core.line.plan_progress import next_step
from ledger_core.nightly.night import Doing, Night


async def follow_plans(night: Night) -> None:
    """Take the step that each running plan's payments call for today."""
    async for worlds in night.worlds("plan"):
        doings = [_step(world) for world in worlds]
        await night.do([doing for doing in doings if doing is not None])


def _step(world: World) -> Doing | None:
    line_id = world.line.line_id
    match next_step(world.product, world.state):
        case None:
            return None
        case PlanCompleted():
            return Doing("complete_plan", line_id, complete_plan_order(line_id=line_id), world)
        case PlanBroken():
            return Doing("break_plan", line_id, break_plan_order(line_id=line_id), world)
        case PlanCured():
            return Doing("cure_plan", line_id, cure_plan_order(line_id=line_id), world)
        case PlanCancelled(reason=reason):
            return Doing("end_plan", line_id, cancel_plan_order(line_id=line_id, reason=reason), world)
        case other:
            raise AssertionError(f"a plan does not go on by {other!r}")
