"""Lock a line: no new draws. It needs nobody's confirmation, and locking twice is no error."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import LineLocked
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class LockedLine:
    locked_on: date
    reason: str


async def lock_line(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    reason: str,
) -> LockedLine | Refused:
    """The line, locked from now on. reason: fraud, customer, specialist or identity."""
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="lock_line",
        inputs={"reason": reason},
        answer=LockedLine,
        decide=partial(_decide, reason=reason),
    )


async def preview_lock_line(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    reason: str,
) -> Preview | Refused:
    """The terms of `lock_line`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, reason=reason))


def _decide(world: World, *, reason: str) -> Decided[LockedLine] | Refused:
    facts = () if world.state.lock_reason == reason else (LineLocked(reason),)
    return Decided(LockedLine(world.at.on, reason), world.at.on, facts, {"reason": reason})
