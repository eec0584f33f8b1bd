"""Unlock a line; a specialist's act, after looking."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import LineUnlocked
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class UnlockedLine:
    unlocked_on: date


async def unlock_line(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
) -> UnlockedLine | Refused:
    """The line, unlocked. Refused when it is not locked."""
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="unlock_line",
        inputs={},
        answer=UnlockedLine,
        decide=_decide,
    )


async def preview_unlock_line(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
) -> Preview | Refused:
    """The terms of `unlock_line`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=_decide)


def _decide(world: World) -> Decided[UnlockedLine] | Refused:
    if not world.state.locked:
        return refused("not_locked")
    return Decided(UnlockedLine(world.at.on), world.at.on, (LineUnlocked(),), {"unlocks_on": world.at.on})
