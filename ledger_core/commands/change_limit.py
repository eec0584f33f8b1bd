"""Raise or lower the limit."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import closed_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment, add_months
from ledger_core.line.events import LimitChanged
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ChangedLimit:
    limit_cents: int
    earlier_limit_cents: int
    available_cents: int
    changed_on: date


async def change_limit(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    limit_cents: int,
    reason: str = "customer",
) -> ChangedLimit | Refused:
    """The new limit, from today.

    reason: customer (the policy's conditions apply), specialist or product. A customer's decrease goes no
    lower than what is drawn and held; a decrease by us may leave a line over its limit. Refused with the
    first of: line_closed, limit_out_of_range, limit_not_a_step, limit_unchanged, below_balance, on_plan,
    past_due, too_new, changed_lately. Source: policy Line changes.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="change_limit",
        inputs={"limit_cents": limit_cents, "reason": reason},
        answer=ChangedLimit,
        decide=partial(_decide, limit_cents=limit_cents, reason=reason),
    )


async def preview_change_limit(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    limit_cents: int,
    reason: str = "customer",
) -> Preview | Refused:
    """The terms of `change_limit`, decided the same way; nothing is written."""
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, limit_cents=limit_cents, reason=reason)
    )


def _decide(world: World, *, limit_cents: int, reason: str) -> Decided[ChangedLimit] | Refused:
    no = closed_refusal(world) or _out_of_bounds(world, limit_cents)
    if no is None and reason == "customer":
        no = _too_low(world, limit_cents) or _too_early(world, limit_cents)
    if no is not None:
        return no
    facts = (LimitChanged(limit_cents, reason),)
    earlier = world.state.limit_cents
    available = state_with(world, facts).available_cents
    done = ChangedLimit(limit_cents, earlier, available, world.at.on)
    terms = {"limit_cents": limit_cents, "earlier_limit_cents": earlier, "available_cents": available}
    return Decided(done, world.at.on, facts, terms)


MONTHS_BETWEEN_INCREASES: Final = 6


def _out_of_bounds(world: World, limit_cents: int) -> Refused | None:
    product = world.product
    if not product.limit_min_cents <= limit_cents <= product.limit_max_cents:
        low, high = product.limit_min_cents, product.limit_max_cents
        return refused("limit_out_of_range", min_cents=low, max_cents=high)
    if limit_cents % product.limit_step_cents:
        return refused("limit_not_a_step", step_cents=product.limit_step_cents)
    if limit_cents == world.state.limit_cents:
        return refused("limit_unchanged", limit_cents=limit_cents)
    return None


def _too_low(world: World, limit_cents: int) -> Refused | None:
    used = world.state.principal_cents + world.state.held_cents
    return refused("below_balance", used_cents=used) if limit_cents < used else None


def _too_early(world: World, limit_cents: int) -> Refused | None:
    state = world.state
    if limit_cents <= state.limit_cents:
        return None
    if state.plan is not None:
        return refused("on_plan", plan_id=state.plan.plan_id)
    if state.days_past_due:
        return refused("past_due", past_due_cents=state.past_due_cents)
    from_on = add_months(state.opened_on, MONTHS_BETWEEN_INCREASES)
    if world.at.on < from_on:
        return refused("too_new", from_on=from_on)
    if state.limit_changed_on is not None:
        from_on = add_months(state.limit_changed_on, MONTHS_BETWEEN_INCREASES)
        if world.at.on < from_on:
            return refused("changed_lately", from_on=from_on)
    return None
