"""The bank has paid a draw out: it becomes an advance, and interest runs from this day."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import DrawSettled
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class SettledDraw:
    draw_id: str
    amount_cents: int
    settled_on: date


def settle_draw_order(
    *,
    line_id: str,
    draw_id: str,
) -> Order[SettledDraw]:
    """What `settle_draw` does to the line, to be run by itself or with many."""
    return Order(line_id, "settle_draw", {"draw_id": draw_id}, SettledDraw, partial(_decide, draw_id=draw_id))


async def settle_draw(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    draw_id: str,
) -> SettledDraw | Refused:
    """The draw, settled today. A fact from the bank: it always posts, over limit or not."""
    return await run_order(conn, ctx, settle_draw_order(line_id=line_id, draw_id=draw_id))


async def preview_settle_draw(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    draw_id: str,
) -> Preview | Refused:
    """The terms of `settle_draw`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, draw_id=draw_id))


def _decide(world: World, *, draw_id: str) -> Decided[SettledDraw] | Refused:
    draw = world.state.draws.get(draw_id)
    if draw is None:
        return refused("draw_unknown", draw_id=draw_id)
    if draw.stage != "pending":
        return refused("draw_not_pending", stage=draw.stage)
    done = SettledDraw(draw_id, draw.amount_cents, world.at.on)
    return Decided(done, world.at.on, (DrawSettled(draw_id),), {"amount_cents": draw.amount_cents})
