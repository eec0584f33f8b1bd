"""The clocks of open disputes."""

from __future__ import annotations

from datetime import timedelta

from ledger_core.nightly.night import Night
from ledger_core.nightly.report import ClockDue

WARN_AHEAD = timedelta(days=5)


async def watch_disputes(night: Night) -> None:
    """Report each dispute to be acknowledged or resolved within five days: a specialist's work."""
    async for worlds in night.worlds("dispute"):
        for world in worlds:
            for dispute in world.state.open_disputes:
                waits = dispute.status == "open"
                what, by = (
                    ("acknowledge", dispute.acknowledge_by) if waits else ("resolve", dispute.resolve_by)
                )
                if by <= night.on + WARN_AHEAD:
                    due = ClockDue(world.line.line_id, dispute.dispute_id, what, by)
                    night.report.clocks.append(due)
