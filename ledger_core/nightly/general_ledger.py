"""The day that ended is closed in the general ledger."""

from __future__ import annotations

from ledger_core.gl.roll_up import roll_up
from ledger_core.nightly.night import Night


async def close_ledger_day(night: Night) -> None:
    """Fold what all lines posted through the day that ended, whatever share they are in; once."""
    for closed in await roll_up(night.engine, night.closed):
        night.count("close_ledger_day", closed.postings)
