"""Plans: completed, broken, cured, or given up, as `line.plan_progress` says."""

from __future__ import annotations

from functools import partial

from ledger_core.commands.break_plan import break_plan
from ledger_core.commands.cancel_plan import cancel_plan
from ledger_core.commands.complete_plan import complete_plan
from ledger_core.commands.cure_plan import cure_plan
from ledger_core.line.events import PlanBroken, PlanCancelled, PlanCompleted, PlanCured
from ledger_core.line.plan_progress import next_step
from ledger_core.nightly.night import Night


async def follow_plans(night: Night) -> None:
    """Take the step that each running plan's payments call for today."""
    for world in await night.worlds("plan"):
        line_id = world.line.line_id
        match next_step(world.product, world.state):
            case None:
                pass
            case PlanCompleted():
                await night.do("complete_plan", line_id, line_id, partial(complete_plan, line_id=line_id))
            case PlanBroken():
                await night.do("break_plan", line_id, line_id, partial(break_plan, line_id=line_id))
            case PlanCured():
                await night.do("cure_plan", line_id, line_id, partial(cure_plan, line_id=line_id))
            case PlanCancelled(reason=reason):
                command = partial(cancel_plan, line_id=line_id, reason=reason)
                await night.do("end_plan", line_id, line_id, command)
            case other:
                raise AssertionError(f"a plan does not go on by {other!r}")
