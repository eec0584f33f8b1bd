"""Another rate from a day on: the product's, or a servicemember's on balances from before service."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.hindsight import with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import RateChanged
from ledger_core.pricing.caps import in_service_cap_bp, interest_cap_bp
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ChangedRate:
    apr_bp: int
    reason: str
    from_on: date


async def change_rate(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    apr_bp: int,
    reason: str,
    from_on: date | None = None,
) -> ChangedRate | Refused:
    """The rate in basis points, from `from_on` (today when None; an earlier day corrects the books since).

    reason: product, servicemember or service_ended. Refused: date_out_of_range, apr_out_of_range, apr_over_cap.
    Source: 50 USC 3937, for servicemembers; pricing/caps.yaml.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="change_rate",
        inputs={"apr_bp": apr_bp, "reason": reason, "from_on": from_on},
        answer=ChangedRate,
        decide=partial(decide_rate, apr_bp=apr_bp, reason=reason, from_on=from_on),
    )


async def preview_change_rate(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    apr_bp: int,
    reason: str,
    from_on: date | None = None,
) -> Preview | Refused:
    """The terms of `change_rate`, decided the same way; nothing is written."""
    return await preview(
        conn, at, line_id=line_id, decide=partial(decide_rate, apr_bp=apr_bp, reason=reason, from_on=from_on)
    )


def decide_rate(
    world: World, *, apr_bp: int, reason: str, from_on: date | None
) -> Decided[ChangedRate] | Refused:
    """The change and what follows from it. Reasons, in this order: date_out_of_range, apr_out_of_range."""
    start = from_on or world.at.on
    if start > world.at.on or start < world.state.opened_on:
        return refused("date_out_of_range", from_on=start)
    if not 0 <= apr_bp <= world.product.maximum_mapr_bp:
        return refused("apr_out_of_range", apr_bp=apr_bp)
    cap_bp = _cap_bp(world, reason, start)
    if cap_bp is not None and apr_bp > cap_bp:
        return refused("apr_over_cap", apr_bp=apr_bp, cap_bp=cap_bp)
    terms = {"apr_bp": apr_bp, "reason": reason, "from_on": start}
    done = ChangedRate(apr_bp, reason, start)
    return with_consequences(world, Decided(done, start, (RateChanged(apr_bp, reason),), terms))


def _cap_bp(world: World, reason: str, on: date) -> int | None:
    if reason == "servicemember":
        return in_service_cap_bp(on)
    return interest_cap_bp(world.state.state_code, on, covered=False)
