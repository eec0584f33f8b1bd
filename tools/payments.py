"""Payments: make, move, cancel, look up, and what one would do."""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger_core.bank import accounts
from ledger_core.commands import cancel_payment as cancelling
from ledger_core.commands import make_payment as making
from ledger_core.commands import move_payment as moving
from ledger_core.commands.decided import Preview
from ledger_core.queries import payments, whatif
from ledger_core.refusals import Refused
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, tool
from tools.postconditions import PAYMENT_CANCELLED, PAYMENT_MOVED, PAYMENT_STANDS
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD
from tools.views import Payment

PAYMENTS_MAX: Final = 40


class OfLine(Arguments):
    line_id: Id


class Payments(Result):
    payments: tuple[Payment, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def list_payments(ctx: ToolContext, args: OfLine) -> Payments:
    """Payments of a line, the latest day first, at most 40: scheduled, received, settled, returned,
    cancelled.

    A received payment counts as of its day although the bank settles it two business days later. The four
    `to_…_cents` say where a credited one went.
    """
    found = await payments.payments(ctx.conn, ctx.at, args.line_id)
    return Payments(payments=tuple(Payment.model_validate(payment) for payment in found[:PAYMENTS_MAX]))


class PaymentWhatIf(Arguments):
    line_id: Id
    amount_cents: Cents
    on: date | None = None


class WhatIf(Result):
    amount_cents: int
    on: date
    payoff_cents: int
    balance_after_cents: int
    this_cycle_ends_on: date
    this_cycle_interest_cents: int
    this_cycle_interest_without_cents: int
    next_cycle_ends_on: date
    next_cycle_interest_cents: int
    next_cycle_interest_without_cents: int
    interest_saved_cents: int
    next_minimum_cents: int


@tool(
    effect=Effect.READ,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD, "amount_cents": FROM_ANYWHERE_KNOWN, "on": FROM_ANYWHERE_KNOWN},
)
async def payment_whatif(ctx: ToolContext, args: PaymentWhatIf) -> WhatIf | Refused:
    """What one payment would change, if received today or on a day of the running cycle: the balance after
    it, the interest of this cycle and the next with and without it, and the coming minimum.

    A projection: nothing else is drawn, paid or charged. Nothing is done.
    """
    found = await whatif.payment(ctx.conn, ctx.at, args.line_id, args.amount_cents, args.on)
    return found if isinstance(found, Refused) else WhatIf.model_validate(found)


class MakePayment(Arguments):
    line_id: Id
    amount_cents: Cents
    bank_account_id: Id
    pay_on: date | None = None
    """today when left out"""


class PaymentMade(Result):
    payment_id: str
    amount_cents: int
    pay_on: date
    bank_account_id: str
    source: str
    stage: str
    settles_on: date
    undo_until_on: date


async def _preview_payment(ctx: ToolContext, args: MakePayment) -> Preview | Refused:
    preview = await making.preview_make_payment(
        ctx.conn,
        ctx.at,
        line_id=args.line_id,
        amount_cents=args.amount_cents,
        pay_on=args.pay_on or ctx.at.on,
        bank_account_id=args.bank_account_id,
    )
    return await with_bank(ctx, preview, args.bank_account_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_payment,
    provenance={
        "line_id": FROM_RECORD,
        "bank_account_id": FROM_RECORD,
        "amount_cents": FROM_ANYWHERE_KNOWN,
        "pay_on": FROM_ANYWHERE_KNOWN,
    },
    postconditions=(PAYMENT_STANDS,),
)
async def make_payment(ctx: ToolContext, args: MakePayment) -> PaymentMade | Refused:
    """A payment from the customer's verified bank account, today or on a day up to 60 days ahead.

    Credited as of the day it is dated; dated today after 8 pm Eastern it counts for the next business day. It
    settles in two business days and is held from re-draw until then. The customer can move, cancel or undo it
    until its file leaves: `undo_until_on`, 8 pm Eastern. Ask for the amount when the customer named none and
    meant none of the record (minimum, statement balance, payoff). Needs the customer's yes.
    Source: policy Cash Line Flex, payment.
    """
    made = await making.make_payment(
        ctx.conn,
        ctx.command,
        line_id=args.line_id,
        amount_cents=args.amount_cents,
        pay_on=args.pay_on or ctx.at.on,
        bank_account_id=args.bank_account_id,
    )
    return made if isinstance(made, Refused) else PaymentMade.model_validate(made)


async def with_bank(ctx: ToolContext, preview: Preview | Refused, bank_account_id: str) -> Preview | Refused:
    """The terms with the bank account as the customer knows it."""
    if isinstance(preview, Refused):
        return preview
    account = await accounts.find(ctx.conn, bank_account_id)
    assert account is not None, "the executor has found it"
    return Preview({**preview.terms, "bank_name": account.bank_name, "bank_last4": account.last4})


class MovePayment(Arguments):
    line_id: Id
    payment_id: Id
    pay_on: date


class PaymentMoved(Result):
    payment_id: str
    amount_cents: int
    pay_on: date
    earlier_pay_on: date
    stage: str


async def _preview_move(ctx: ToolContext, args: MovePayment) -> Preview | Refused:
    return await moving.preview_move_payment(
        ctx.conn, ctx.at, line_id=args.line_id, payment_id=args.payment_id, pay_on=args.pay_on
    )


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_move,
    provenance={"line_id": FROM_RECORD, "payment_id": FROM_RECORD, "pay_on": FROM_ANYWHERE_KNOWN},
    postconditions=(PAYMENT_MOVED,),
)
async def move_payment(ctx: ToolContext, args: MovePayment) -> PaymentMoved | Refused:
    """Moves a scheduled payment to another day, as long as its file has not left: 8 pm Eastern on the
    business day before the payment's day.

    Moved to today it is credited today. Needs the customer's yes.
    """
    moved = await moving.move_payment(
        ctx.conn, ctx.command, line_id=args.line_id, payment_id=args.payment_id, pay_on=args.pay_on
    )
    return moved if isinstance(moved, Refused) else PaymentMoved.model_validate(moved)


class CancelPayment(Arguments):
    line_id: Id
    payment_id: Id


class PaymentCancelled(Result):
    payment_id: str
    amount_cents: int
    pay_on: date
    cancelled_on: date


async def _preview_cancel(ctx: ToolContext, args: CancelPayment) -> Preview | Refused:
    return await cancelling.preview_cancel_payment(
        ctx.conn, ctx.at, line_id=args.line_id, payment_id=args.payment_id
    )


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_cancel,
    provenance={"line_id": FROM_RECORD, "payment_id": FROM_RECORD},
    postconditions=(PAYMENT_CANCELLED,),
)
async def cancel_payment(ctx: ToolContext, args: CancelPayment) -> PaymentCancelled | Refused:
    """Cancels a scheduled payment, or undoes one made today, as long as its file has not left.

    What was due stays due: say so when the payment was for a minimum. Needs the customer's yes.
    """
    cancelled = await cancelling.cancel_payment(
        ctx.conn, ctx.command, line_id=args.line_id, payment_id=args.payment_id
    )
    return cancelled if isinstance(cancelled, Refused) else PaymentCancelled.model_validate(cancelled)
