"""A plan has run its course: draws wait for a review. After a settlement the rest is forgiven and the line closes."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import Fact, LineLocked, PlanCompleted
from ledger_core.line.forgiveness import forgiving
from ledger_core.line.plan_progress import next_step
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CompletedPlan:
    plan_id: str
    kind: str
    completed_on: date
    forgiven_cents: int
    """what a settlement leaves is no longer owed; 0 for other plans"""


def complete_plan_order(
    *,
    line_id: str,
) -> Order[CompletedPlan]:
    """What `complete_plan` does to the line, to be run by itself or with many."""
    return Order(line_id, "complete_plan", {}, CompletedPlan, _decide)


async def complete_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> CompletedPlan | Refused:
    """The plan, completed; the line stays locked until a specialist has reviewed it.

    Refused unless its payments say so today (`line.plan_progress.next_step`). Source: policy Help with payments.
    """
    return await run_order(conn, ctx, complete_plan_order(line_id=line_id))


async def preview_complete_plan(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `complete_plan`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[CompletedPlan] | Refused:
    plan = world.state.plan
    if plan is None:
        return refused("plan_not_active")
    fact = next_step(world.product, world.state)
    if not isinstance(fact, PlanCompleted):
        return refused("plan_not_done", status=plan.status)
    facts: tuple[Fact, ...] = (fact,)
    forgiven = 0
    if plan.kind == "settlement":
        forgiven = max(0, world.state.payoff_base_cents - world.state.disputed_cents)
        facts += forgiving(
            world.state,
            forgiveness_id=new_id("forgiveness"),
            amount_cents=forgiven,
            reason="settlement",
        )
    elif world.state.status == "open":
        facts += (LineLocked("review"),)
    done = CompletedPlan(plan.plan_id, plan.kind, world.at.on, forgiven)
    return Decided(done, world.at.on, facts, {"kind": plan.kind})
