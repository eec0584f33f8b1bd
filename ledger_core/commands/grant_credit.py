"""A credit of the house, applied like a payment; a specialist's or the platform's act."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import CreditGranted
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class GrantedCredit:
    credit_id: str
    amount_cents: int
    reason: str
    granted_on: date


async def grant_credit(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    amount_cents: int,
    reason: str,
) -> GrantedCredit | Refused:
    """The credit, granted today. reason: goodwill, error or another code; never free text.

    Refused above the limit and what is owed: that is no credit but a mistake.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="grant_credit",
        inputs={"amount_cents": amount_cents, "reason": reason},
        answer=GrantedCredit,
        decide=partial(_decide, amount_cents=amount_cents, reason=reason),
    )


async def preview_grant_credit(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    amount_cents: int,
    reason: str,
) -> Preview | Refused:
    """The terms of `grant_credit`, decided the same way; nothing is written."""
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, amount_cents=amount_cents, reason=reason)
    )


def _decide(world: World, *, amount_cents: int, reason: str) -> Decided[GrantedCredit] | Refused:
    if amount_cents <= 0:
        return refused("amount_not_positive")
    most = max(world.state.limit_cents, world.state.owed_cents)
    if amount_cents > most:
        return refused("more_than_line", most_cents=most)
    fact = CreditGranted(new_id("credit"), amount_cents, reason)
    done = GrantedCredit(fact.credit_id, amount_cents, reason, world.at.on)
    return Decided(done, world.at.on, (fact,), {"amount_cents": amount_cents, "reason": reason})
