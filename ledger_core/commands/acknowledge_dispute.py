"""Confirm a dispute in writing. Source: 12 CFR 1026.13(c)(1)."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import DisputeAcknowledged
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class AcknowledgedDispute:
    dispute_id: str
    acknowledged_on: date


async def acknowledge_dispute(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    dispute_id: str,
) -> AcknowledgedDispute | Refused:
    """The dispute, confirmed today. Refused for a dispute that is not open."""
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="acknowledge_dispute",
        inputs={"dispute_id": dispute_id},
        answer=AcknowledgedDispute,
        decide=partial(_decide, dispute_id=dispute_id),
    )


async def preview_acknowledge_dispute(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    dispute_id: str,
) -> Preview | Refused:
    """The terms of `acknowledge_dispute`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, dispute_id=dispute_id))


def _decide(world: World, *, dispute_id: str) -> Decided[AcknowledgedDispute] | Refused:
    dispute = world.state.disputes.get(dispute_id)
    if dispute is None:
        return refused("dispute_unknown", dispute_id=dispute_id)
    if dispute.status != "open":
        return refused("dispute_not_open", status=dispute.status)
    done = AcknowledgedDispute(dispute_id, world.at.on)
    return Decided(done, world.at.on, (DisputeAcknowledged(dispute_id),), {"dispute_id": dispute_id})
