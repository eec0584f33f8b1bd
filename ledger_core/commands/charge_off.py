"""Charge a line off: the accounting loss. The debt remains; interest stops."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.delinquency import must_charge_off
from ledger_core.line.events import ChargedOff
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ChargedOffLine:
    charged_off_on: date
    owed_cents: int


def charge_off_order(
    *,
    line_id: str,
) -> Order[ChargedOffLine]:
    """What `charge_off` does to the line, to be run by itself or with many."""
    return Order(line_id, "charge_off", {}, ChargedOffLine, _decide)


async def charge_off(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> ChargedOffLine | Refused:
    """The line, charged off. Refused before its day (`line.delinquency.must_charge_off`)."""
    return await run_order(conn, ctx, charge_off_order(line_id=line_id))


async def preview_charge_off(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `charge_off`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[ChargedOffLine] | Refused:
    state = world.state
    if state.status == "charged_off":
        return refused("already_charged_off")
    if not must_charge_off(world.product, state):
        return refused("too_early", days_past_due=state.days_past_due)
    done = ChargedOffLine(world.at.on, state.owed_cents)
    return Decided(done, world.at.on, (ChargedOff(),), {"owed_cents": state.owed_cents})
