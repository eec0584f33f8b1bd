"""Adjusting a line within limits: credits, fees, corrections. Above them a second person approves."""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger_core.commands import grant_credit as granting
from ledger_core.commands import waive_fee as waiving
from ledger_core.commands.decided import Preview
from ledger_core.refusals import Refused
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, tool
from tools.fees import OneFee
from tools.postconditions import CREDIT_GRANTED, FEE_WAIVED
from tools.sources import FROM_COLLEAGUE, FROM_RECORD

GOODWILL: Final = "goodwill"
ERROR: Final = "error"


class GrantCredit(Arguments):
    line_id: Id
    amount_cents: Cents


class CreditGranted(Result):
    credit_id: str
    amount_cents: int
    reason: str
    granted_on: date


async def _preview_goodwill(ctx: ToolContext, args: GrantCredit) -> Preview | Refused:
    return await _preview_credit(ctx, args, GOODWILL)


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    confirm=Confirm.SECOND_PERSON,
    preview=_preview_goodwill,
    provenance={"line_id": FROM_RECORD, "amount_cents": FROM_COLLEAGUE},
    postconditions=(CREDIT_GRANTED,),
)
async def grant_goodwill_credit(ctx: ToolContext, args: GrantCredit) -> CreditGranted | Refused:
    """Gives the customer a credit out of goodwill, applied today like a payment.

    For an inconvenience that is no error of ours: a long wait, a bad experience. Alone up to your grade's limit of
    one act and of a day; above it a second person approves, who is never you. Write a note why. What we got wrong is
    `correct_error`; a fee is `waive_fee_beyond` or `take_fee_back`. Source: policy Who may do what.
    """
    return await _grant(ctx, args, GOODWILL)


async def _preview_correction(ctx: ToolContext, args: GrantCredit) -> Preview | Refused:
    return await _preview_credit(ctx, args, ERROR)


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    confirm=Confirm.SECOND_PERSON,
    preview=_preview_correction,
    provenance={"line_id": FROM_RECORD, "amount_cents": FROM_COLLEAGUE},
    postconditions=(CREDIT_GRANTED,),
)
async def correct_error(ctx: ToolContext, args: GrantCredit) -> CreditGranted | Refused:
    """Credits what an error of ours cost the customer, when no fee and no dispute puts it right.

    An error is no courtesy: it does not use one up. A wrong fee is taken back by `take_fee_back`, a payment that was
    not credited or a wrong draw by a dispute, which correct the books to the day. Alone up to your grade's limit;
    above it a second person approves. Write a note with the evidence. Source: policy Fees, limits, closing.
    """
    return await _grant(ctx, args, ERROR)


async def _preview_credit(ctx: ToolContext, args: GrantCredit, reason: str) -> Preview | Refused:
    return await granting.preview_grant_credit(
        ctx.conn, ctx.at, line_id=args.line_id, amount_cents=args.amount_cents, reason=reason
    )


async def _grant(ctx: ToolContext, args: GrantCredit, reason: str) -> CreditGranted | Refused:
    done = await granting.grant_credit(
        ctx.conn, ctx.command, line_id=args.line_id, amount_cents=args.amount_cents, reason=reason
    )
    return done if isinstance(done, Refused) else CreditGranted.model_validate(done)


class FeeTakenOff(Result):
    fee_id: str
    kind: str
    amount_cents: int
    reason: str
    waived_on: date


async def _preview_beyond(ctx: ToolContext, args: OneFee) -> Preview | Refused:
    return await waiving.preview_waive_fee(
        ctx.conn, ctx.at, line_id=args.line_id, fee_id=args.fee_id, specialist_approved=True
    )


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    confirm=Confirm.SECOND_PERSON,
    preview=_preview_beyond,
    provenance={"line_id": FROM_RECORD, "fee_id": FROM_RECORD},
    postconditions=(FEE_WAIVED,),
)
async def waive_fee_beyond(ctx: ToolContext, args: OneFee) -> FeeTakenOff | Refused:
    """Takes a late or returned payment fee off as a courtesy although the customer's courtesy was used, or it is above
    what the agent may take off.

    Look at the history first: `explain_fee` says when the last one was given. It counts as a courtesy. Alone up to
    your grade's limit; above it a second person approves. A fee that was charged wrongly is `take_fee_back`. Source:
    policy Fees, limits, closing: a second courtesy goes to a specialist with the history.
    """
    done = await waiving.waive_fee(
        ctx.conn, ctx.command, line_id=args.line_id, fee_id=args.fee_id, specialist_approved=True
    )
    return done if isinstance(done, Refused) else FeeTakenOff.model_validate(done)


async def _preview_fee_error(ctx: ToolContext, args: OneFee) -> Preview | Refused:
    return await waiving.preview_waive_fee(
        ctx.conn, ctx.at, line_id=args.line_id, fee_id=args.fee_id, reason=ERROR
    )


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    confirm=Confirm.SECOND_PERSON,
    preview=_preview_fee_error,
    provenance={"line_id": FROM_RECORD, "fee_id": FROM_RECORD},
    postconditions=(FEE_WAIVED,),
)
async def take_fee_back(ctx: ToolContext, args: OneFee) -> FeeTakenOff | Refused:
    """Takes back a fee that our error or the bank's caused, to the day it was charged: as if it had never been.

    Any kind of fee. What it led to is undone with it, and the customer's courtesy stays unused. Alone up to your
    grade's limit; above it a second person approves. Write a note with the evidence. Source: policy Fees, limits,
    closing.
    """
    done = await waiving.waive_fee(
        ctx.conn, ctx.command, line_id=args.line_id, fee_id=args.fee_id, reason=ERROR
    )
    return done if isinstance(done, Refused) else FeeTakenOff.model_validate(done)
