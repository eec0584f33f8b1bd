"""A plan payment is more than ten days late: the plan is broken, and may be cured once within thirty."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import PlanBroken
from ledger_core.line.plan_progress import next_step
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class BrokenPlan:
    plan_id: str
    kind: str
    broken_on: date


def break_plan_order(
    *,
    line_id: str,
) -> Order[BrokenPlan]:
    """What `break_plan` does to the line, to be run by itself or with many."""
    return Order(line_id, "break_plan", {}, BrokenPlan, _decide)


async def break_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> BrokenPlan | Refused:
    """The plan, broken. Refused unless its payments say so today (`line.plan_progress.next_step`)."""
    return await run_order(conn, ctx, break_plan_order(line_id=line_id))


async def preview_break_plan(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `break_plan`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[BrokenPlan] | Refused:
    plan = world.state.plan
    if plan is None:
        return refused("plan_not_active")
    fact = next_step(world.product, world.state)
    if not isinstance(fact, PlanBroken):
        return refused("plan_not_missed", status=plan.status)
    return Decided(
        BrokenPlan(plan.plan_id, plan.kind, world.at.on), world.at.on, (fact,), {"kind": plan.kind}
    )
