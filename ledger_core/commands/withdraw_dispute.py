"""The customer takes a dispute back: the amount is owed again on the usual terms."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.dispute import decide_withdraw
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class WithdrawnDispute:
    dispute_id: str
    amount_cents: int
    withdrawn_on: date


async def withdraw_dispute(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    dispute_id: str,
) -> WithdrawnDispute | Refused:
    """The dispute, withdrawn. Refused with the reasons of `line.dispute.decide_withdraw`."""
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="withdraw_dispute",
        inputs={"dispute_id": dispute_id},
        answer=WithdrawnDispute,
        decide=partial(_decide, dispute_id=dispute_id),
    )


async def preview_withdraw_dispute(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    dispute_id: str,
) -> Preview | Refused:
    """The terms of `withdraw_dispute`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, dispute_id=dispute_id))


def _decide(world: World, *, dispute_id: str) -> Decided[WithdrawnDispute] | Refused:
    fact = decide_withdraw(world.state, dispute_id)
    if isinstance(fact, Refused):
        return fact
    amount = world.state.disputes[dispute_id].amount_cents
    terms = {"dispute_id": dispute_id, "amount_cents": amount}
    return Decided(WithdrawnDispute(dispute_id, amount, world.at.on), world.at.on, (fact,), terms)
