"""The bank has confirmed a payment: what it paid is free to be drawn again."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.hindsight import with_consequences
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
    settled_on: date | None = None,
) -> Order[SettledPayment]:
    """What `settle_payment` does to the line, to be run by itself or with many."""
    return Order(
        line_id,
        "settle_payment",
        {"payment_id": payment_id, "settled_on": settled_on},
        SettledPayment,
        partial(_decide, payment_id=payment_id, settled_on=settled_on),
    )


async def settle_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
    settled_on: date | None = None,
) -> SettledPayment | Refused:
    """The payment, settled today, or on an earlier day that the bank names; two business days after its receipt.

    Reasons, in this order: payment_unknown, payment_not_received, date_out_of_range.
    """
    order = settle_payment_order(line_id=line_id, payment_id=payment_id, settled_on=settled_on)
    return await run_order(conn, ctx, order)


async def preview_settle_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
    settled_on: date | None = None,
) -> Preview | Refused:
    """The terms of `settle_payment`, decided the same way; nothing is written."""
    decide = partial(_decide, payment_id=payment_id, settled_on=settled_on)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, payment_id: str, settled_on: date | None
) -> Decided[SettledPayment] | Refused:
    payment = world.state.payments.get(payment_id)
    if payment is None:
        return refused("payment_unknown", payment_id=payment_id)
    if payment.stage != "received":
        return refused("payment_not_received", stage=payment.stage)
    assert payment.received_on is not None
    on = settled_on or world.at.on
    if not payment.received_on <= on <= world.at.on:
        return refused("date_out_of_range", settled_on=on)
    done = SettledPayment(payment_id, payment.amount_cents, on)
    terms = {"amount_cents": payment.amount_cents}
    return with_consequences(world, Decided(done, on, (PaymentSettled(payment_id),), terms))
