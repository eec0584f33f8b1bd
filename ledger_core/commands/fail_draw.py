"""A draw came to nothing: the bank refused it or sent it back, or its hold expired."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.hindsight import with_consequences
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import DrawFailed
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class FailedDraw:
    draw_id: str
    amount_cents: int
    failed_on: date
    code: str


def fail_draw_order(
    *,
    line_id: str,
    draw_id: str,
    code: str,
) -> Order[FailedDraw]:
    """What `fail_draw` does to the line, to be run by itself or with many."""
    return Order(
        line_id,
        "fail_draw",
        {"draw_id": draw_id, "code": code},
        FailedDraw,
        partial(_decide, draw_id=draw_id, code=code),
    )


async def fail_draw(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    draw_id: str,
    code: str,
) -> FailedDraw | Refused:
    """The draw, failed; the hold ends, and an advance sent back is as if never made.

    code: the bank's R-code, or hold_expired.
    """
    return await run_order(conn, ctx, fail_draw_order(line_id=line_id, draw_id=draw_id, code=code))


async def preview_fail_draw(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    draw_id: str,
    code: str,
) -> Preview | Refused:
    """The terms of `fail_draw`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, draw_id=draw_id, code=code))


def _decide(world: World, *, draw_id: str, code: str) -> Decided[FailedDraw] | Refused:
    draw = world.state.draws.get(draw_id)
    if draw is None:
        return refused("draw_unknown", draw_id=draw_id)
    if draw.stage not in ("pending", "settled"):
        return refused("draw_not_pending", stage=draw.stage)
    done = FailedDraw(draw_id, draw.amount_cents, world.at.on, code)
    terms = {"amount_cents": draw.amount_cents}
    return with_consequences(world, Decided(done, world.at.on, (DrawFailed(draw_id, code),), terms))
