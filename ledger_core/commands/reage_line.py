"""Re-age a line that was behind and pays again; a specialist's act, on the customer's word to keep paying."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.reage import decide_reage
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class ReagedLine:
    reaged_on: date
    kind: str
    """ordinary or workout"""
    folded_cents: int
    """was past due, is no longer; it stays owed"""
    minimum_due_cents: int
    next_due_on: date


async def reage_line(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> ReagedLine | Refused:
    """The line, current from today. Refused with the reasons of `line.reage.decide_reage`."""
    return await run(
        conn, ctx, line_id=line_id, command="reage_line", inputs={}, answer=ReagedLine, decide=_decide
    )


async def preview_reage_line(conn: AsyncConnection, at: Moment, *, line_id: str) -> Preview | Refused:
    """The terms of `reage_line`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[ReagedLine] | Refused:
    fact = decide_reage(world.product, world.state)
    if isinstance(fact, Refused):
        return fact
    after = state_with(world, (fact,))
    folded = world.state.past_due_cents - after.past_due_cents
    done = ReagedLine(world.at.on, fact.kind, folded, after.minimum_due_cents, after.next_due_on)
    terms = {
        "kind": fact.kind,
        "folded_cents": folded,
        "minimum_due_cents": after.minimum_due_cents,
        "next_due_on": after.next_due_on,
    }
    return Decided(done, world.at.on, (fact,), terms)
