"""Waive a fee: as a courtesy, or because it was charged in error."""

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
from ledger_core.line.events import FeeWaived
from ledger_core.line.fees import decide_courtesy_waiver
from ledger_core.refusals import Refused, refused

_BEYOND_POLICY = frozenset({"over_courtesy_cap", "courtesy_used"})
"""what a specialist may look past"""


@dataclass(frozen=True, slots=True)
class WaivedFee:
    fee_id: str
    kind: str
    amount_cents: int
    reason: str
    waived_on: date
    credit_id: str


async def waive_fee(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    fee_id: str,
    reason: str = "courtesy",
    specialist_approved: bool = False,
) -> WaivedFee | Refused:
    """The fee, waived today.

    A courtesy is a credit of today and follows the policy: one late or returned fee in 12 months, up to $35.
    An error is taken back to the day it was charged and does not count; who may call it one is the tools' to
    say. specialist_approved: a courtesy beyond the policy's number and amount. Refused with the reasons of
    `line.fees.decide_courtesy_waiver`.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="waive_fee",
        inputs={"fee_id": fee_id, "reason": reason, **({"beyond": True} if specialist_approved else {})},
        answer=WaivedFee,
        decide=partial(_decide, fee_id=fee_id, reason=reason, beyond=specialist_approved),
    )


async def preview_waive_fee(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    fee_id: str,
    reason: str = "courtesy",
    specialist_approved: bool = False,
) -> Preview | Refused:
    """The terms of `waive_fee`, decided the same way; nothing is written."""
    decide = partial(_decide, fee_id=fee_id, reason=reason, beyond=specialist_approved)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(world: World, *, fee_id: str, reason: str, beyond: bool) -> Decided[WaivedFee] | Refused:
    fee = world.state.fees.get(fee_id)
    fact: FeeWaived | Refused
    if reason == "courtesy":
        fact = decide_courtesy_waiver(world.product, world.state, fee_id, new_id("credit"))
        if beyond and fee and isinstance(fact, Refused) and _BEYOND_POLICY.issuperset(fact.codes):
            fact = FeeWaived(fee_id, new_id("credit"), reason, fee.amount_cents)
    elif fee is None:
        fact = refused("fee_unknown", fee_id=fee_id)
    elif fee.waived_cents:
        fact = refused("already_waived", waived_on=fee.waived_on)
    else:
        fact = FeeWaived(fee_id, new_id("credit"), reason, fee.amount_cents)
    if isinstance(fact, Refused):
        return fact
    assert fee is not None
    done = WaivedFee(fee_id, fee.kind, fact.amount_cents, reason, world.at.on, fact.credit_id)
    terms = {
        "fee_id": fee_id,
        "kind": fee.kind,
        "charged_on": fee.charged_on,
        "amount_cents": fact.amount_cents,
        "reason": reason,
    }
    return with_consequences(world, Decided(done, world.at.on, (fact,), terms))
