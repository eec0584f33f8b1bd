"""Payments: make, move, cancel, look up, and what one would do."""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger_core.bank import accounts
from ledger_core.commands import make_payment as making
from ledger_core.commands.decided import Preview
from ledger_core.refusals import Refused
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, tool
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD

_PAYING: Final = {
    "line_id": FROM_RECORD,
    "bank_account_id": FROM_RECORD,
    "amount_cents": FROM_ANYWHERE_KNOWN,
    "pay_on": FROM_ANYWHERE_KNOWN,
}


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
    provenance=_PAYING,
    postconditions=("current",),
)
async def make_payment(ctx: ToolContext, args: MakePayment) -> PaymentMade | Refused:
    """A payment from the customer's verified bank account, today or on a day up to 60 days ahead.

    Credited as of the day it is dated; dated today after 8 pm Eastern it counts for the next business day.
    Settles in two business days and is held from re-draw until then. The customer can move, cancel or undo it
    until its file leaves. Ask for the amount when the customer named none and meant none of the record
    (minimum, statement balance, payoff). Needs the customer's yes.
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
    known = {"bank_name": account.bank_name, "bank_last4": account.last4}
    return Preview({**preview.terms, **known})
