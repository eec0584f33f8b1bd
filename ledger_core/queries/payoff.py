"""What pays a line off on a given day."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import Moment
from ledger_core.line import payoff
from ledger_core.line.payoff import PayoffQuote
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused, refused

DAYS_AHEAD_MAX = 60


async def quote(
    conn: AsyncConnection, at: Moment, line_id: str, on: date | None = None
) -> PayoffQuote | Refused:
    """The exact payoff for a payment received on that day, today when None, up to 60 days ahead.

    Refused for a day that is past or too far.
    """
    world = await line_at(conn, at, line_id)
    day = on or at.on
    if day < at.on:
        return refused("date_in_past", on=day, today=at.on)
    if (day - at.on).days > DAYS_AHEAD_MAX:
        return refused("date_too_far", on=day, days_max=DAYS_AHEAD_MAX)
    return payoff.quote(world.product, world.state, day)
