"""Move a scheduled payment to another day."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import transfers
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import PaymentReceived
from ledger_core.line.payments import decide_move
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class MovedPayment:
    payment_id: str
    amount_cents: int
    pay_on: date
    earlier_pay_on: date
    stage: str
    """scheduled, or received when moved to today"""


async def move_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
    pay_on: date,
) -> MovedPayment | Refused:
    """The payment on its new day. Refused with the reasons of `line.payments.decide_move`."""
    left = await transfers.has_left(conn, line_id, "payment", payment_id)
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="move_payment",
        inputs={"payment_id": payment_id, "pay_on": pay_on},
        answer=MovedPayment,
        decide=partial(_decide, left=left, payment_id=payment_id, pay_on=pay_on),
    )


async def preview_move_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
    pay_on: date,
) -> Preview | Refused:
    """The terms of `move_payment`, decided the same way; nothing is written."""
    left = await transfers.has_left(conn, line_id, "payment", payment_id)
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, left=left, payment_id=payment_id, pay_on=pay_on)
    )


def _decide(world: World, *, left: bool, payment_id: str, pay_on: date) -> Decided[MovedPayment] | Refused:
    facts = decide_move(world.product, world.state, payment_id=payment_id, pay_on=pay_on, at=world.at)
    if isinstance(facts, Refused):
        return facts
    payment = world.state.payments[payment_id]
    if left:
        return refused("file_has_left", pay_on=payment.pay_on)
    received = any(isinstance(fact, PaymentReceived) for fact in facts)
    stage = "received" if received else "scheduled"
    done = MovedPayment(payment_id, payment.amount_cents, pay_on, payment.pay_on, stage)
    terms = {
        "payment_id": payment_id,
        "amount_cents": payment.amount_cents,
        "pay_on": pay_on,
        "earlier_pay_on": payment.pay_on,
    }
    return Decided(done, world.at.on, facts, terms)
