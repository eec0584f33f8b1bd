"""Leaving: closing a line, and getting a credit balance back."""

from __future__ import annotations

from datetime import date

from ledger_core.commands import refund_credit as refunding
from ledger_core.commands import request_closure as closing
from ledger_core.commands.decided import Preview
from ledger_core.refusals import Refused
from tools.conditions import BANK_VERIFIED, NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT
from tools.context import ToolContext
from tools.contract import Arguments, Confirm, Effect, Id, Result, tool
from tools.payments import OfLine, with_bank
from tools.postconditions import LINE_CLOSING, REFUND_STANDS
from tools.sources import FROM_RECORD


class LineClosing(Result):
    """status: closed when nothing was owed or under way, else closing."""

    requested_on: date
    status: str
    owed_cents: int
    autopay_stays: bool


async def _preview_closure(ctx: ToolContext, args: OfLine) -> Preview | Refused:
    return await closing.preview_request_closure(ctx.conn, ctx.at, line_id=args.line_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.STEP_UP,
    preview=_preview_closure,
    provenance={"line_id": FROM_RECORD},
    postconditions=(LINE_CLOSING,),
)
async def close_line(ctx: ToolContext, args: OfLine) -> LineClosing | Refused:
    """Closes a line at the customer's wish: no draws from today; what is owed stays on its terms until it is paid.

    With nothing owed it closes at once, else as soon as the balance is paid; autopay runs on until then. Closing is
    for good: a new line is a new application. Tell the balance and that a final statement comes. Do not talk the
    customer out of it; a lower limit or a lock may be named once. Needs the customer's yes by the button and a
    one-time code. Source: policy Fees, limits, closing.
    """
    done = await closing.request_closure(ctx.conn, ctx.command, line_id=args.line_id)
    return done if isinstance(done, Refused) else LineClosing.model_validate(done)


class RequestRefund(Arguments):
    line_id: Id
    bank_account_id: Id


class RefundOnItsWay(Result):
    refund_id: str
    amount_cents: int
    refunded_on: date
    bank_account_id: str


async def _preview_refund(ctx: ToolContext, args: RequestRefund) -> Preview | Refused:
    preview = await refunding.preview_refund_credit(
        ctx.conn, ctx.at, line_id=args.line_id, bank_account_id=args.bank_account_id
    )
    return await with_bank(ctx, preview, args.bank_account_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    button_only=True,
    preview=_preview_refund,
    provenance={"line_id": FROM_RECORD, "bank_account_id": FROM_RECORD},
    preconditions=(NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT, BANK_VERIFIED),
    postconditions=(REFUND_STANDS,),
)
async def request_refund(ctx: ToolContext, args: RequestRefund) -> RefundOnItsWay | Refused:
    """Sends a credit balance back to the customer's verified bank account.

    For "I paid too much". The whole credit balance, less interest not yet billed; it arrives within 7 business days.
    Refused when there is none: a payment that is still owed is no credit balance. Needs the customer's yes by the
    button. Source: 12 CFR 1026.11(a), kept by policy; policy Cash Line Flex, overpayment.
    """
    done = await refunding.refund_credit(
        ctx.conn, ctx.command, line_id=args.line_id, bank_account_id=args.bank_account_id
    )
    return done if isinstance(done, Refused) else RefundOnItsWay.model_validate(done)
