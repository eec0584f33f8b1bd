"""Cancel a scheduled payment, or undo one made today, before its file leaves."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import transfers
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.payments import decide_cancel
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CancelledPayment:
    payment_id: str
    amount_cents: int
    pay_on: date
    cancelled_on: date


async def cancel_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
    reason: str = "customer",
) -> CancelledPayment | Refused:
    """The payment, cancelled; one credited today is taken back as if never credited.

    Refused with the reasons of `line.payments.decide_cancel`.
    """
    left = await transfers.has_left(conn, line_id, "payment", payment_id)
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="cancel_payment",
        inputs={"payment_id": payment_id, "reason": reason},
        answer=CancelledPayment,
        decide=partial(_decide, left=left, payment_id=payment_id, reason=reason),
    )


async def preview_cancel_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
    reason: str = "customer",
) -> Preview | Refused:
    """The terms of `cancel_payment`, decided the same way; nothing is written."""
    left = await transfers.has_left(conn, line_id, "payment", payment_id)
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, left=left, payment_id=payment_id, reason=reason)
    )


def _decide(world: World, *, left: bool, payment_id: str, reason: str) -> Decided[CancelledPayment] | Refused:
    fact = decide_cancel(world.product, world.state, payment_id=payment_id, reason=reason, at=world.at)
    if isinstance(fact, Refused):
        return fact
    payment = world.state.payments[payment_id]
    if left:
        return refused("file_has_left", pay_on=payment.pay_on)
    terms = {"payment_id": payment_id, "amount_cents": payment.amount_cents, "pay_on": payment.pay_on}
    done = CancelledPayment(payment_id, payment.amount_cents, payment.pay_on, world.at.on)
    return Decided(done, world.at.on, (fact,), terms)
