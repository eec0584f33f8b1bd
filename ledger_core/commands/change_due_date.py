"""Move the due date to another day of the month."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.due_date import decide_due_date
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class ChangedDueDate:
    due_day: int
    earlier_due_day: int
    first_due_on: date
    """the first due date on the new day"""
    next_close_on: date


async def change_due_date(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    due_day: int,
) -> ChangedDueDate | Refused:
    """The new due day. A statement already issued keeps its own due date.

    Refused with the reasons of `line.due_date.decide_due_date`. Source: policy Help with payments.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="change_due_date",
        inputs={"due_day": due_day},
        answer=ChangedDueDate,
        decide=partial(_decide, due_day=due_day),
    )


async def preview_change_due_date(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    due_day: int,
) -> Preview | Refused:
    """The terms of `change_due_date`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, due_day=due_day))


def _decide(world: World, *, due_day: int) -> Decided[ChangedDueDate] | Refused:
    fact = decide_due_date(world.product, world.state, due_day=due_day, today=world.at.on)
    if isinstance(fact, Refused):
        return fact
    closes_on = state_with(world, (fact,)).next_close_on
    done = ChangedDueDate(due_day, world.state.due_day, fact.first_due_on, closes_on)
    terms = {
        "due_day": due_day,
        "earlier_due_day": world.state.due_day,
        "first_due_on": fact.first_due_on,
        "next_close_on": closes_on,
    }
    return Decided(done, world.at.on, (fact,), terms)
