"""A line as the read models see it: stored facts, replayed as of the moment asked."""

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World, world_of
from ledger_core.dates import Moment
from ledger_core.errors import LineNotFound
from ledger_core.store.read import read_line


async def line_at(conn: AsyncConnection, at: Moment, line_id: str) -> World:
    """The line's terms, facts and state. LineNotFound when it does not exist or may not be seen.

    LineNotOpenYet for a day before its opening.
    """
    snapshot = await read_line(conn, line_id)
    if snapshot is None:
        raise LineNotFound(line_id)
    return world_of(snapshot, at)
