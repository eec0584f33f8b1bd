"""The customer ends a plan before its time: the original terms return."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.plan import decide_cancel
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CancelledPlan:
    plan_id: str
    kind: str
    cancelled_on: date
    apr_bp: int
    """the rate from today on"""
    minimum_due_cents: int
    """asked for under the original terms"""
    past_due_cents: int


def cancel_plan_order(
    *,
    line_id: str,
    reason: str = "customer",
) -> Order[CancelledPlan]:
    """What `cancel_plan` does to the line, to be run by itself or with many."""
    return Order(line_id, "cancel_plan", {"reason": reason}, CancelledPlan, partial(_decide, reason=reason))


async def cancel_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    reason: str = "customer",
) -> CancelledPlan | Refused:
    """The plan, cancelled, and the terms that return. Refused without a plan that runs."""
    return await run_order(conn, ctx, cancel_plan_order(line_id=line_id, reason=reason))


async def preview_cancel_plan(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    reason: str = "customer",
) -> Preview | Refused:
    """The terms of `cancel_plan`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, reason=reason))


def _decide(world: World, *, reason: str) -> Decided[CancelledPlan] | Refused:
    plan = world.state.plan
    if plan is None:
        return refused("plan_not_active")
    fact = decide_cancel(world.state, plan.plan_id, reason)
    if isinstance(fact, Refused):
        return fact
    after = state_with(world, (fact,))
    done = CancelledPlan(
        plan.plan_id, plan.kind, world.at.on, after.apr_bp, after.minimum_due_cents, after.past_due_cents
    )
    terms = {
        "kind": plan.kind,
        "cancelled_on": world.at.on,
        "apr_bp": after.apr_bp,
        "minimum_due_cents": after.minimum_due_cents,
        "past_due_cents": after.past_due_cents,
    }
    return Decided(done, world.at.on, (fact,), terms)
