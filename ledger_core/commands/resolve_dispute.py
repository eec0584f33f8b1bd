"""Resolve a dispute, by a specialist with evidence."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.dispute import decide_resolve
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class ResolvedDispute:
    dispute_id: str
    outcome: str
    """for_customer, partly or against_customer"""
    credited_cents: int
    owed_again_cents: int
    """of the disputed amount; asked for with the next minimum"""
    resolved_on: date


async def resolve_dispute(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    dispute_id: str,
    amount_cents: int,
) -> ResolvedDispute | Refused:
    """The dispute, resolved. What is found for the customer is taken off back to the day it was charged.

    amount_cents: the part found for the customer, from nothing to all of it. Refused with the reasons of
    `line.dispute.decide_resolve`. Source: 12 CFR 1026.13(e), (f).
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="resolve_dispute",
        inputs={"dispute_id": dispute_id, "amount_cents": amount_cents},
        answer=ResolvedDispute,
        decide=partial(_decide, dispute_id=dispute_id, amount_cents=amount_cents),
    )


async def preview_resolve_dispute(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    dispute_id: str,
    amount_cents: int,
) -> Preview | Refused:
    """The terms of `resolve_dispute`, decided the same way; nothing is written."""
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, dispute_id=dispute_id, amount_cents=amount_cents)
    )


def _decide(world: World, *, dispute_id: str, amount_cents: int) -> Decided[ResolvedDispute] | Refused:
    fact = decide_resolve(world.state, dispute_id=dispute_id, amount_cents=amount_cents)
    if isinstance(fact, Refused):
        return fact
    owed_again = world.state.disputes[dispute_id].amount_cents - amount_cents
    done = ResolvedDispute(dispute_id, fact.outcome, amount_cents, owed_again, world.at.on)
    terms = {"outcome": fact.outcome, "credited_cents": amount_cents, "owed_again_cents": owed_again}
    return Decided(done, world.at.on, (fact,), terms)
