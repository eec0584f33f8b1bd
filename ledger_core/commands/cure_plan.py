"""What a broken plan missed has been made up: it runs again."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import PlanCured
from ledger_core.line.plan_progress import next_step
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CuredPlan:
    plan_id: str
    kind: str
    cured_on: date


def cure_plan_order(
    *,
    line_id: str,
) -> Order[CuredPlan]:
    """What `cure_plan` does to the line, to be run by itself or with many."""
    return Order(line_id, "cure_plan", {}, CuredPlan, _decide)


async def cure_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> CuredPlan | Refused:
    """The plan, active again. Refused unless its payments say so today (`line.plan_progress.next_step`)."""
    return await run_order(conn, ctx, cure_plan_order(line_id=line_id))


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
    if plan is None:
        return refused("plan_not_active")
    fact = next_step(world.product, world.state)
    if not isinstance(fact, PlanCured):
        return refused("plan_not_made_up", status=plan.status)
    return Decided(CuredPlan(plan.plan_id, plan.kind, world.at.on), world.at.on, (fact,), {"kind": plan.kind})
