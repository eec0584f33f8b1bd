"""What a broken plan missed has been paid: it runs again. Once in a plan's life."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import PlanCured
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CuredPlan:
    plan_id: str
    kind: str
    cured_on: date


async def cure_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> CuredPlan | Refused:
    """The plan, active again. Refused when it is not broken, or was cured before."""
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="cure_plan",
        inputs={},
        answer=CuredPlan,
        decide=_decide,
    )


async def preview_cure_plan(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `cure_plan`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[CuredPlan] | Refused:
    plan = world.state.plan
    if plan is None or plan.status not in ("broken",):
        return refused("plan_not_broken")
    if plan.cured_on is not None:
        return refused("already_cured", cured_on=plan.cured_on)
    done = CuredPlan(plan.plan_id, plan.kind, world.at.on)
    return Decided(done, world.at.on, (PlanCured(plan.plan_id),), {"kind": plan.kind})
