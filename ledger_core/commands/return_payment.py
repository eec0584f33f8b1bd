"""The bank took a payment back: the books are as if it had never been credited."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank.return_codes import bears_fee
from ledger_core.commands.checks import is_return_code
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.hindsight import with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import Fact, PaymentReturned
from ledger_core.line.fees import returned_payment_fee
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ReturnedPayment:
    payment_id: str
    amount_cents: int
    returned_on: date
    return_code: str
    fee_id: str | None
    fee_cents: int
    """returned payment fee; 0 when the policy charges none"""
    autopay_discount_lost: bool


async def return_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
    return_code: str,
    returned_on: date | None = None,
) -> ReturnedPayment | Refused:
    """The payment, returned, and the fee of today for it where the policy charges one and the code bears one.

    Interest is corrected back to the day of receipt; issued statements stand. return_code: R01 to R99.
    returned_on: an earlier day that the bank names; today when None. Reasons, in this order: payment_unknown,
    payment_not_received, date_out_of_range.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="return_payment",
        inputs={"payment_id": payment_id, "return_code": return_code, "returned_on": returned_on},
        answer=ReturnedPayment,
        decide=partial(_decide, payment_id=payment_id, return_code=return_code, returned_on=returned_on),
    )


async def preview_return_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
    return_code: str,
    returned_on: date | None = None,
) -> Preview | Refused:
    """The terms of `return_payment`, decided the same way; nothing is written."""
    decide = partial(_decide, payment_id=payment_id, return_code=return_code, returned_on=returned_on)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, payment_id: str, return_code: str, returned_on: date | None
) -> Decided[ReturnedPayment] | Refused:
    if not is_return_code(return_code):
        return refused("return_code_unknown", return_code=return_code)
    payment = world.state.payments.get(payment_id)
    if payment is None:
        return refused("payment_unknown", payment_id=payment_id)
    if payment.stage not in ("received", "settled"):
        return refused("payment_not_received", stage=payment.stage)
    assert payment.received_on is not None
    on = returned_on or world.at.on
    if not payment.received_on <= on <= world.at.on:
        return refused("date_out_of_range", returned_on=on)
    facts: tuple[Fact, ...] = (PaymentReturned(payment_id, return_code),)
    after = state_with(world, facts, effective_on=on)
    fee = None
    if bears_fee(return_code):
        fee = returned_payment_fee(world.product, after, payment_id, new_id("fee"))
    before = world.state.autopay
    done = ReturnedPayment(
        payment_id=payment_id,
        amount_cents=payment.amount_cents,
        returned_on=on,
        return_code=return_code,
        fee_id=fee.fee_id if fee else None,
        fee_cents=fee.amount_cents if fee else 0,
        autopay_discount_lost=bool(
            before and before.discounted and after.autopay and not after.autopay.discounted
        ),
    )
    terms = {"payment_id": payment_id, "return_code": return_code}
    decided = Decided(done, on, facts, terms, follow=() if fee is None else (fee,))
    return with_consequences(world, decided)
