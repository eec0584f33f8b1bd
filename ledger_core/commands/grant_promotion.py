"""Grant a lower rate for a stated period; a specialist's or the platform's act."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.hindsight import with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.promotions import decide_promotion
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class GrantedPromotion:
    promo_id: str
    apr_bp: int
    starts_on: date
    ends_on: date
    """the last day it holds"""


async def grant_promotion(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    apr_bp: int,
    ends_on: date,
    starts_on: date | None = None,
    reason: str = "promotion",
) -> GrantedPromotion | Refused:
    """The rate from `starts_on` (today when None) through `ends_on`, after which it ends by itself.

    Where it starts before today, interest since is corrected. reason: a code, never free text. Refused with the
    reasons of `line.promotions.decide_promotion`.
    """
    inputs = {"apr_bp": apr_bp, "ends_on": ends_on, "starts_on": starts_on, "reason": reason}
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="grant_promotion",
        inputs=inputs,
        answer=GrantedPromotion,
        decide=partial(_decide, apr_bp=apr_bp, ends_on=ends_on, starts_on=starts_on, reason=reason),
    )


async def preview_grant_promotion(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    apr_bp: int,
    ends_on: date,
    starts_on: date | None = None,
    reason: str = "promotion",
) -> Preview | Refused:
    """The terms of `grant_promotion`, decided the same way; nothing is written."""
    decide = partial(_decide, apr_bp=apr_bp, ends_on=ends_on, starts_on=starts_on, reason=reason)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, apr_bp: int, ends_on: date, starts_on: date | None, reason: str
) -> Decided[GrantedPromotion] | Refused:
    fact = decide_promotion(
        world.product,
        world.state,
        promo_id=new_id("promo"),
        apr_bp=apr_bp,
        starts_on=starts_on or world.at.on,
        ends_on=ends_on,
        reason=reason,
    )
    if isinstance(fact, Refused):
        return fact
    done = GrantedPromotion(fact.promo_id, apr_bp, fact.starts_on, ends_on)
    terms = {"apr_bp": apr_bp, "starts_on": fact.starts_on, "ends_on": ends_on, "reason": reason}
    return with_consequences(world, Decided(done, world.at.on, (fact,), terms))
