"""Looking ahead: the way to zero, and what can still be taken back."""

from __future__ import annotations

from datetime import date

from ledger_core.commands import cancel_draw, cancel_payment
from ledger_core.dates import add_business_days
from ledger_core.line.payments import undo_until
from ledger_core.queries import paying_off
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Effect, Id, Result, tool
from tools.payments import OfLine
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD


class TimeToZero(Arguments):
    line_id: Id
    amount_cents: Cents
    """paid on every due date"""


class WayToZero(Result):
    """`interest_cents` from today on. The `minimum_…` fields: the same with the minimum of each month alone."""

    each_cents: int
    payments: int
    paid_cents: int
    interest_cents: int
    last_payment_cents: int
    done_on: date
    minimum_payments: int | None
    minimum_interest_cents: int | None
    minimum_done_on: date | None
    interest_saved_cents: int | None


@tool(
    effect=Effect.READ,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD, "amount_cents": FROM_ANYWHERE_KNOWN},
)
async def time_to_zero(ctx: ToolContext, args: TimeToZero) -> WayToZero | Refused:
    """When the line is paid off if the same amount is paid on every due date, and the interest that saves against
    paying the minimum alone.

    For "how long will it take", "what if I pay 200 a month". A projection, and to be told as one: nothing more is
    drawn or charged, every payment comes on its day, the rate stays. `payments` counts them, the last one is
    `last_payment_cents`. For a single payment `payment_whatif` is the tool. Refused when the amount does not even
    meet the interest. Nothing is done.
    """
    found = await paying_off.each_month(ctx.conn, ctx.at, args.line_id, args.amount_cents)
    return found if isinstance(found, Refused) else WayToZero.model_validate(found)


class Undoable(Result):
    """`tool` takes it back; `until_on`: until 8 pm Eastern of that day."""

    tool: str
    reference_id: str
    amount_cents: int
    on: date
    until_on: date


class Undoables(Result):
    items: tuple[Undoable, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def list_undoable(ctx: ToolContext, args: OfLine) -> Undoables:
    """What can still be taken back on a line: payments and draws whose file has not left, the soonest first.

    For "undo that", "I did that by mistake". Each names the tool that undoes it (`cancel_payment` or `cancel_draw`)
    and the day until when; several fit, so ask which. A plan, autopay, a due date or a lowered limit is not undone
    but changed again, by its own tool. What is not listed has gone to the bank.
    """
    world = await line_at(ctx.conn, ctx.at, args.line_id)
    found = []
    for payment in world.state.payments.values():
        if payment.stage not in ("scheduled", "received"):
            continue
        no = await cancel_payment.preview_cancel_payment(
            ctx.conn, ctx.at, line_id=args.line_id, payment_id=payment.payment_id
        )
        if not isinstance(no, Refused):
            until = undo_until(world.product, payment).on
            ref, cents, on = payment.payment_id, payment.amount_cents, payment.pay_on
            found.append(_undoable("cancel_payment", ref, cents, on, until))
    for draw in world.state.draws.values():
        if draw.stage != "pending":
            continue
        no = await cancel_draw.preview_cancel_draw(
            ctx.conn, ctx.at, line_id=args.line_id, draw_id=draw.draw_id
        )
        if not isinstance(no, Refused):
            until = add_business_days(draw.settles_on, -1)
            found.append(_undoable("cancel_draw", draw.draw_id, draw.amount_cents, draw.settles_on, until))
    return Undoables(items=tuple(sorted(found, key=lambda item: (item.until_on, item.reference_id))))


def _undoable(name: str, reference_id: str, amount_cents: int, on: date, until_on: date) -> Undoable:
    return Undoable(tool=name, reference_id=reference_id, amount_cents=amount_cents, on=on, until_on=until_on)
