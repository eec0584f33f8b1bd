"""Cancel a draw whose file has not left."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import transfers
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment, add_business_days
from ledger_core.line.draws import decide_cancel
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CancelledDraw:
    draw_id: str
    amount_cents: int
    cancelled_on: date


async def cancel_draw(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    draw_id: str,
) -> CancelledDraw | Refused:
    """The draw, cancelled; its hold ends.

    Refused with the reasons of `line.draws.decide_cancel`, and once the file has left: 8 pm Eastern on the
    business day before it settles.
    """
    left = await transfers.has_left(conn, line_id, "draw", draw_id)
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="cancel_draw",
        inputs={"draw_id": draw_id},
        answer=CancelledDraw,
        decide=partial(_decide, left=left, draw_id=draw_id),
    )


async def preview_cancel_draw(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    draw_id: str,
) -> Preview | Refused:
    """The terms of `cancel_draw`, decided the same way; nothing is written."""
    left = await transfers.has_left(conn, line_id, "draw", draw_id)
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, left=left, draw_id=draw_id))


def _decide(world: World, *, left: bool, draw_id: str) -> Decided[CancelledDraw] | Refused:
    fact = decide_cancel(world.state, draw_id)
    if isinstance(fact, Refused):
        return fact
    draw = world.state.draws[draw_id]
    leaves = Moment(add_business_days(draw.settles_on, -1), world.product.payment_cutoff)
    if left or world.at >= leaves:
        return refused("file_has_left", left_on=leaves.on, settles_on=draw.settles_on)
    terms = {"draw_id": draw_id, "amount_cents": draw.amount_cents, "settles_on": draw.settles_on}
    done = CancelledDraw(draw_id, draw.amount_cents, world.at.on)
    return Decided(done, world.at.on, (fact,), terms)
