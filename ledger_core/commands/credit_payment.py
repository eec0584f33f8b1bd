"""Credit a payment as of the day it was received, when it was not credited in time."""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.hindsight import fees_taken_back, plan_reinstated, with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import PaymentReceived
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class CreditedPayment:
    payment_id: str
    amount_cents: int
    received_on: date
    fees_taken_back_cents: int = 0
    """late fees that would not have been charged, waived as errors"""
    plan_reinstated: str | None = None
    """the plan that would not have been broken or ended"""


async def credit_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    payment_id: str,
    received_on: date,
    amount_cents: int | None = None,
) -> CreditedPayment | Refused:
    """The payment, credited as of `received_on`, at most today; by a specialist with evidence.

    Interest is corrected back to that day, issued statements stand, and what the delay led to is undone. A
    payment credited on a later day is credited on the earlier one instead. amount_cents: needed for an id that
    is not known; a known payment brings its own. Reasons, in this order: date_out_of_range, payment_undone,
    already_credited, amount_not_positive, amount_differs.
    Source: 12 CFR 1026.10(a): credited as of the date of receipt.
    """
    inputs = {"payment_id": payment_id, "received_on": received_on, "amount_cents": amount_cents}
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="credit_payment",
        inputs=inputs,
        answer=CreditedPayment,
        decide=partial(
            decide_credit, payment_id=payment_id, received_on=received_on, amount_cents=amount_cents
        ),
    )


async def preview_credit_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    payment_id: str,
    received_on: date,
    amount_cents: int | None = None,
) -> Preview | Refused:
    """The terms of `credit_payment`, decided the same way; nothing is written."""
    decide = partial(decide_credit, payment_id=payment_id, received_on=received_on, amount_cents=amount_cents)
    return await preview(conn, at, line_id=line_id, decide=decide)


def decide_credit(
    world: World, *, payment_id: str, received_on: date, amount_cents: int | None
) -> Decided[CreditedPayment] | Refused:
    """The credit and its consequences, or why not."""
    if not world.state.opened_on <= received_on <= world.at.on:
        return refused("date_out_of_range", received_on=received_on)
    payment = world.state.payments.get(payment_id)
    if payment is not None and payment.stage in ("returned", "cancelled"):
        return refused("payment_undone", stage=payment.stage)
    credited_on = None if payment is None else payment.received_on
    if credited_on is not None and credited_on <= received_on:
        return refused("already_credited", received_on=credited_on)
    amount = payment.amount_cents if payment is not None else amount_cents
    if amount is None or amount <= 0:
        return refused("amount_not_positive", amount_cents=amount)
    if amount_cents not in (None, amount):
        return refused("amount_differs", amount_cents=amount_cents, payment_cents=amount)
    terms = {"payment_id": payment_id, "amount_cents": amount, "received_on": received_on}
    done = CreditedPayment(payment_id, amount, received_on)
    decided = with_consequences(
        world, Decided(done, received_on, (PaymentReceived(payment_id, amount),), terms)
    )
    cents, plan_id = fees_taken_back(decided), plan_reinstated(decided)
    return replace(
        decided,
        done=replace(done, fees_taken_back_cents=cents, plan_reinstated=plan_id),
        terms=terms | {"fees_taken_back_cents": cents, "plan_reinstated": plan_id},
    )
