"""Stop autopay; its discount ends with it."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import apr_bp_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import AutopayStopped, Fact, PaymentCancelled
from ledger_core.line.payments import undo_until
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class StoppedAutopay:
    stopped_on: date
    apr_bp: int
    """the rate from today on"""
    cancelled_payment_cents: int
    """of a payment autopay had planned whose file has not left; 0 for none"""


async def stop_autopay(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    reason: str = "customer",
) -> StoppedAutopay | Refused:
    """Autopay stops today, and with it a planned payment of its own that can still be undone.

    Refused when there is no autopay.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="stop_autopay",
        inputs={"reason": reason},
        answer=StoppedAutopay,
        decide=partial(_decide, reason=reason),
    )


async def preview_stop_autopay(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    reason: str = "customer",
) -> Preview | Refused:
    """The terms of `stop_autopay`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, reason=reason))


def _decide(world: World, *, reason: str) -> Decided[StoppedAutopay] | Refused:
    if world.state.autopay is None:
        return refused("no_autopay")
    planned = [
        p
        for p in world.state.payments.values()
        if p.stage == "scheduled" and p.source == "autopay" and world.at < undo_until(world.product, p)
    ]
    facts: tuple[Fact, ...] = (
        AutopayStopped(reason),
        *(PaymentCancelled(p.payment_id, "autopay_stopped") for p in planned),
    )
    apr_bp = apr_bp_with(world, facts)
    cancelled = sum(p.amount_cents for p in planned)
    terms = {"stops_on": world.at.on, "apr_bp": apr_bp, "cancelled_payment_cents": cancelled}
    return Decided(StoppedAutopay(world.at.on, apr_bp, cancelled), world.at.on, facts, terms)
