"""A payment has come in: credited as of its day of receipt."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.line.events import PaymentReceived
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ReceivedPayment:
    payment_id: str
    amount_cents: int
    received_on: date


def receive_payment_order(
    *,
    line_id: str,
    payment_id: str,
    amount_cents: int | None = None,
) -> Order[ReceivedPayment]:
    """What `receive_payment` does to the line, to be run by itself or with many."""
    return Order(
        line_id,
        "receive_payment",
        {"payment_id": payment_id, "amount_cents": amount_cents},
        ReceivedPayment,
        partial(_decide, payment_id=payment_id, amount_cents=amount_cents),
    )


async def receive_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
    amount_cents: int | None = None,
) -> ReceivedPayment | Refused:
    """The payment, credited today: a scheduled one whose day it is, or money that came unasked.

    amount_cents: needed for a new id; a scheduled payment brings its own.
    """
    return await run_order(
        conn, ctx, receive_payment_order(line_id=line_id, payment_id=payment_id, amount_cents=amount_cents)
    )


async def preview_receive_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
    amount_cents: int | None = None,
) -> Preview | Refused:
    """The terms of `receive_payment`, decided the same way; nothing is written."""
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, payment_id=payment_id, amount_cents=amount_cents)
    )


def _decide(world: World, *, payment_id: str, amount_cents: int | None) -> Decided[ReceivedPayment] | Refused:
    payment = world.state.payments.get(payment_id)
    if payment is not None and payment.stage != "scheduled":
        return refused("payment_not_scheduled", stage=payment.stage)
    if payment is not None and payment.pay_on > world.at.on:
        return refused("payment_not_due_yet", pay_on=payment.pay_on)
    amount = payment.amount_cents if payment is not None else amount_cents
    if amount is None or amount <= 0:
        return refused("amount_not_positive")
    done = ReceivedPayment(payment_id, amount, world.at.on)
    return Decided(done, world.at.on, (PaymentReceived(payment_id, amount),), {"amount_cents": amount})
