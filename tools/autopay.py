"""Autopay: set it up, or stop it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ledger_core.commands import set_autopay as setting
from ledger_core.commands import stop_autopay as stopping
from ledger_core.commands.decided import Preview
from ledger_core.refusals import Refused
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, tool
from tools.payments import OfLine, with_bank
from tools.postconditions import AUTOPAY_OFF, AUTOPAY_ON
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD


class SetAutopay(Arguments):
    line_id: Id
    mode: Literal["minimum", "statement_balance", "fixed"]
    bank_account_id: Id
    amount_cents: Cents | None = None
    """of a fixed amount"""


class AutopaySet(Result):
    mode: str
    amount_cents: int | None
    bank_account_id: str
    first_on: date
    apr_bp: int
    earlier_apr_bp: int


async def _preview_set(ctx: ToolContext, args: SetAutopay) -> Preview | Refused:
    preview = await setting.preview_set_autopay(
        ctx.conn,
        ctx.at,
        line_id=args.line_id,
        mode=args.mode,
        bank_account_id=args.bank_account_id,
        amount_cents=args.amount_cents,
    )
    return await with_bank(ctx, preview, args.bank_account_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_set,
    provenance={
        "line_id": FROM_RECORD,
        "bank_account_id": FROM_RECORD,
        "amount_cents": FROM_ANYWHERE_KNOWN,
    },
    postconditions=(AUTOPAY_ON,),
)
async def set_autopay(ctx: ToolContext, args: SetAutopay) -> AutopaySet | Refused:
    """Sets autopay up, or sets it up differently: the minimum, the statement balance, or a fixed amount, on
    each due date from the coming one.

    It takes 0.50 % off the rate while it is active and no payment of it was returned. It is never a condition
    for anything (12 CFR 1005.10(e)). Needs the customer's yes.
    """
    done = await setting.set_autopay(
        ctx.conn,
        ctx.command,
        line_id=args.line_id,
        mode=args.mode,
        bank_account_id=args.bank_account_id,
        amount_cents=args.amount_cents,
    )
    if isinstance(done, Refused):
        return done
    return AutopaySet(
        mode=done.mode,
        amount_cents=done.amount_cents,
        bank_account_id=done.bank_account_id,
        first_on=done.first_due_on,
        apr_bp=done.apr_bp,
        earlier_apr_bp=done.earlier_apr_bp,
    )


class AutopayStopped(Result):
    stopped_on: date
    apr_bp: int
    cancelled_payment_cents: int


async def _preview_stop(ctx: ToolContext, args: OfLine) -> Preview | Refused:
    return await stopping.preview_stop_autopay(ctx.conn, ctx.at, line_id=args.line_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_stop,
    provenance={"line_id": FROM_RECORD},
    postconditions=(AUTOPAY_OFF,),
)
async def stop_autopay(ctx: ToolContext, args: OfLine) -> AutopayStopped | Refused:
    """Stops autopay today, and with it a payment it had planned whose file has not left.

    Always allowed (12 CFR 1005.10(c)). The discount on the rate ends; what is due stays due, and the customer
    pays it themselves. Needs the customer's yes.
    """
    done = await stopping.stop_autopay(ctx.conn, ctx.command, line_id=args.line_id)
    return done if isinstance(done, Refused) else AutopayStopped.model_validate(done)
