"""Lower the limit for the customer, or set it as a colleague decided; an increase is asked for by `decide_limit`."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import closed_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
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

    reason: customer, specialist or product. A customer's decrease goes no lower than what is drawn and held; a
    decrease by us may leave a line over its limit. Refused with the first of: line_closed, limit_out_of_range,
    limit_not_a_step, limit_unchanged, limit_not_lower, below_balance. Source: policy Line changes.
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
        no = _not_lower(world, limit_cents)
    if no is not None:
        return no
    facts = (LimitChanged(limit_cents, reason),)
    earlier = world.state.limit_cents
    available = state_with(world, facts).available_cents
    done = ChangedLimit(limit_cents, earlier, available, world.at.on)
    terms = {"limit_cents": limit_cents, "earlier_limit_cents": earlier, "available_cents": available}
    return Decided(done, world.at.on, facts, terms)


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


def _not_lower(world: World, limit_cents: int) -> Refused | None:
    if limit_cents > world.state.limit_cents:
        return refused("limit_not_lower", limit_cents=world.state.limit_cents)
    used = world.state.principal_cents + world.state.held_cents
    return refused("below_balance", used_cents=used) if limit_cents < used else None
