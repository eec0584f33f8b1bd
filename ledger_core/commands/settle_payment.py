"""The bank has confirmed a payment: what it paid is free to be drawn again."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import PaymentSettled
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class SettledPayment:
    payment_id: str
    amount_cents: int
    settled_on: date


def settle_payment_order(
    *,
    line_id: str,
    payment_id: str,
) -> Order[SettledPayment]:
    """What `settle_payment` does to the line, to be run by itself or with many."""
    return Order(
        line_id,
        "settle_payment",
        {"payment_id": payment_id},
        SettledPayment,
        partial(_decide, payment_id=payment_id),
    )


async def settle_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
) -> SettledPayment | Refused:
    """The payment, settled on the day of the context; two business days after its receipt as a rule."""
    return await run_order(conn, ctx, settle_payment_order(line_id=line_id, payment_id=payment_id))


async def preview_settle_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
) -> Preview | Refused:
    """The terms of `settle_payment`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, payment_id=payment_id))


def _decide(world: World, *, payment_id: str) -> Decided[SettledPayment] | Refused:
    payment = world.state.payments.get(payment_id)
    if payment is None:
        return refused("payment_unknown", payment_id=payment_id)
    if payment.stage != "received":
        return refused("payment_not_received", stage=payment.stage)
    done = SettledPayment(payment_id, payment.amount_cents, world.at.on)
    return Decided(done, world.at.on, (PaymentSettled(payment_id),), {"amount_cents": payment.amount_cents})
