"""The customer closes the line: no more draws; what is owed stays on its terms until paid."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import nothing_remains
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import Fact, LineClosed, LineClosureRequested
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class RequestedClosure:
    requested_on: date
    status: str
    """closed when nothing is owed or under way, else closing"""
    owed_cents: int
    """accrued interest included"""
    autopay_stays: bool


async def request_closure(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> RequestedClosure | Refused:
    """The line, closing, or closed at once when nothing is owed, held or on its way.

    Autopay runs on while there is a balance. Refused for a line that is closed or closing.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="request_closure",
        inputs={},
        answer=RequestedClosure,
        decide=_decide,
    )


async def preview_request_closure(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `request_closure`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[RequestedClosure] | Refused:
    state = world.state
    if state.status in ("closing", "closed", "charged_off"):
        return refused("already_closing", status=state.status)
    owed = max(0, state.payoff_base_cents)
    clear = nothing_remains(state)
    facts: tuple[Fact, ...] = (LineClosureRequested(), LineClosed()) if clear else (LineClosureRequested(),)
    status = "closed" if clear else "closing"
    autopay_stays = state.autopay is not None and not clear
    terms = {"status": status, "owed_cents": owed, "autopay_stays": autopay_stays}
    return Decided(RequestedClosure(world.at.on, status, owed, autopay_stays), world.at.on, facts, terms)
