"""The customer changes to another programme: the one that runs ends and the other begins, or neither."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.enroll_plan import EnrolledPlan, enrolled, terms_of
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import PlanCancelled
from ledger_core.line.plan import PlanOffer, decide_change, decide_enroll, offer_of, successors
from ledger_core.refusals import Refused

_REASON = "changed"


@dataclass(frozen=True, slots=True)
class ChangedPlan:
    ended_plan_id: str
    ended_kind: str
    changed_on: date
    plan: EnrolledPlan
    """the one that runs from today"""


async def change_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    kind: str,
    specialist_approved: bool = False,
) -> ChangedPlan | Refused:
    """The plan that runs, ended, and another in its place from today, on the terms it has once the first ended.

    kind: relief, plan_12 or plan_24. Refused with plan_not_active, plan_unchanged, programme_not_offered, or the
    reasons of `line.plan.decide_enroll`: the line then keeps the plan it has. Source: policy Help with payments.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="change_plan",
        inputs={"kind": kind, "specialist_approved": specialist_approved},
        answer=ChangedPlan,
        decide=partial(_decide, kind=kind, specialist_approved=specialist_approved),
    )


async def preview_change_plan(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    kind: str,
    specialist_approved: bool = False,
) -> Preview | Refused:
    """The terms of `change_plan`, decided the same way; nothing is written."""
    decide = partial(_decide, kind=kind, specialist_approved=specialist_approved)
    return await preview(conn, at, line_id=line_id, decide=decide)


def options_instead(world: World) -> tuple[PlanOffer, ...]:
    """What could take the place of the plan that runs, cheapest in total interest first; empty without one."""
    plan = world.state.plan
    if plan is None:
        return ()
    after = state_with(world, (PlanCancelled(plan.plan_id, _REASON),))
    return successors(world.product, after, plan.kind)


def _decide(world: World, *, kind: str, specialist_approved: bool) -> Decided[ChangedPlan] | Refused:
    ended = decide_change(world.state, kind, _REASON)
    if isinstance(ended, Refused):
        return ended
    before = world.state.plan
    assert before is not None
    after = state_with(world, (ended,))
    offer = offer_of(world.product, after, kind)
    if isinstance(offer, Refused):
        return offer
    began = decide_enroll(
        world.product, after, plan_id=new_id("plan"), kind=kind, specialist_approved=specialist_approved
    )
    if isinstance(began, Refused):
        return began
    done = ChangedPlan(before.plan_id, before.kind, world.at.on, enrolled(began, offer))
    terms = {**terms_of(offer), "ended_kind": before.kind, "changed_on": world.at.on}
    return Decided(done, world.at.on, (ended, began), terms)
