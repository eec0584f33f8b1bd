"""Close a line that is closing, once nothing is owed or under way."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import nothing_remains
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import LineClosed
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ClosedLine:
    closed_on: date


def close_line_order(
    *,
    line_id: str,
) -> Order[ClosedLine]:
    """What `close_line` does to the line, to be run by itself or with many."""
    return Order(line_id, "close_line", {}, ClosedLine, _decide)


async def close_line(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> ClosedLine | Refused:
    """The line, closed. Refused while anything is owed, held, unsettled or to be refunded."""
    return await run_order(conn, ctx, close_line_order(line_id=line_id))


async def preview_close_line(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `close_line`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[ClosedLine] | Refused:
    state = world.state
    if state.status != "closing":
        return refused("not_closing", status=state.status)
    if not nothing_remains(state):
        owed = max(0, state.payoff_base_cents)
        return refused("balance_remains", owed_cents=owed, credit_balance_cents=state.credit_balance_cents)
    return Decided(ClosedLine(world.at.on), world.at.on, (LineClosed(),), {"closes_on": world.at.on})
