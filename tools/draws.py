"""Draws: ask for cash, see where it is, call it off."""

from __future__ import annotations

from datetime import date
from time import perf_counter_ns
from typing import Final, Literal

from ledger_core.commands import cancel_draw as cancelling
from ledger_core.commands import request_draw as requesting
from ledger_core.commands.decided import Preview
from ledger_core.commands.draw_decisions import AskedDraw, record_refused_draw
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused, refused
from tools.conditions import NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT, WITHIN_DRAW_RULES
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, tool
from tools.payments import with_bank
from tools.postconditions import DRAW_CANCELLED, DRAW_PENDING
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD

DRAWS_MAX: Final = 40


class RequestDraw(Arguments):
    line_id: Id
    amount_cents: Cents
    bank_account_id: Id
    speed: Literal["standard", "instant"] = "standard"


class DrawRequested(Result):
    draw_id: str
    amount_cents: int
    speed: str
    bank_account_id: str
    settles_on: date
    fee_cents: int
    apr_bp: int


def _asked(args: RequestDraw) -> AskedDraw:
    return AskedDraw(args.line_id, args.amount_cents, args.bank_account_id, args.speed)


async def _preview_draw(ctx: ToolContext, args: RequestDraw) -> Preview | Refused:
    began = perf_counter_ns()
    preview = await requesting.preview_request_draw(
        ctx.conn,
        ctx.at,
        line_id=args.line_id,
        amount_cents=args.amount_cents,
        bank_account_id=args.bank_account_id,
        speed=args.speed,
    )
    if isinstance(preview, Refused):
        await record_refused_draw(ctx.conn, ctx.at, _asked(args), preview, began)
    return await with_bank(ctx, preview, args.bank_account_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    button_only=True,
    preview=_preview_draw,
    provenance={
        "line_id": FROM_RECORD,
        "bank_account_id": FROM_RECORD,
        "amount_cents": FROM_ANYWHERE_KNOWN,
    },
    preconditions=(NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT, WITHIN_DRAW_RULES),
    postconditions=(DRAW_PENDING,),
)
async def request_draw(ctx: ToolContext, args: RequestDraw) -> DrawRequested | Refused:
    """A draw of cash to the customer's verified bank account, $50 or more, within the available credit.

    speed: standard arrives the next business day, instant today; both are free now. Interest runs from the
    day it arrives. Refused when past due, over the limit, locked, on a plan, or while an identity check is
    open; a dispute is no reason. Each draw is looked at anew: many within a day or a week, a payment just returned,
    or a large first draw to another account stop it. Needs the customer's yes by the button. Source: policy Cash
    Line Flex, draw.
    """
    began = perf_counter_ns()
    done = await requesting.request_draw(
        ctx.conn,
        ctx.command,
        line_id=args.line_id,
        amount_cents=args.amount_cents,
        bank_account_id=args.bank_account_id,
        speed=args.speed,
    )
    if isinstance(done, Refused):
        await record_refused_draw(ctx.conn, ctx.at, _asked(args), done, began)
        return done
    return DrawRequested.model_validate(done)


class DrawStatus(Arguments):
    line_id: Id
    draw_id: Id | None = None


class Draw(Result):
    """stage: pending, settled, failed or cancelled. `outstanding_cents` is what is still owed of it."""

    draw_id: str
    amount_cents: int
    stage: str
    speed: str
    requested_on: date
    settles_on: date
    settled_on: date | None
    bank_account_id: str
    outstanding_cents: int
    disputed_cents: int
    credited_cents: int
    failure_code: str | None


class Draws(Result):
    draws: tuple[Draw, ...]


@tool(
    effect=Effect.READ,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD, "draw_id": FROM_RECORD},
)
async def draw_status(ctx: ToolContext, args: DrawStatus) -> Draws | Refused:
    """Where a draw is, or all draws of the line, the latest first, at most 40.

    A pending one is expected on `settles_on`. A failed one is not owed.
    """
    draws = (await line_at(ctx.conn, ctx.at, args.line_id)).state.draws
    if args.draw_id is not None and args.draw_id not in draws:
        return refused("draw_unknown", draw_id=args.draw_id)
    wanted = [draws[args.draw_id]] if args.draw_id else list(draws.values())[::-1]
    return Draws(draws=tuple(Draw.model_validate(draw) for draw in wanted[:DRAWS_MAX]))


class CancelDraw(Arguments):
    line_id: Id
    draw_id: Id


class DrawCancelled(Result):
    draw_id: str
    amount_cents: int
    cancelled_on: date


async def _preview_cancel(ctx: ToolContext, args: CancelDraw) -> Preview | Refused:
    return await cancelling.preview_cancel_draw(ctx.conn, ctx.at, line_id=args.line_id, draw_id=args.draw_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_cancel,
    provenance={"line_id": FROM_RECORD, "draw_id": FROM_RECORD},
    postconditions=(DRAW_CANCELLED,),
)
async def cancel_draw(ctx: ToolContext, args: CancelDraw) -> DrawCancelled | Refused:
    """Calls off a draw whose file has not left: until 8 pm Eastern on the business day before it settles.

    Its hold on the limit ends at once. An instant draw cannot be called off. Needs the customer's yes.
    """
    done = await cancelling.cancel_draw(ctx.conn, ctx.command, line_id=args.line_id, draw_id=args.draw_id)
    return done if isinstance(done, Refused) else DrawCancelled.model_validate(done)
