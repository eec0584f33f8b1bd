"""The bank sent a refund back: the credit balance is the customer's again, as if it had never left."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import is_return_code
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.hindsight import with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import RefundReturned
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ReturnedRefund:
    refund_id: str
    amount_cents: int
    returned_on: date
    return_code: str
    credit_balance_cents: int
    """what the line holds for the customer now: less than the refund where something has come to be owed since"""


async def return_refund(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    refund_id: str,
    return_code: str,
    returned_on: date | None = None,
) -> ReturnedRefund | Refused:
    """The refund, returned: its amount is a credit balance since the day it first was one.

    What came to be owed since is paid by it on its day, and interest corrected; issued statements stand. It is
    not sent again by itself to the account that refused it. return_code: R01 to R99. returned_on: an earlier
    day that the bank names; today when None. Reasons, in this order: return_code_unknown, refund_unknown,
    refund_returned, date_out_of_range. Source: 12 CFR 1026.11(a).
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="return_refund",
        inputs={"refund_id": refund_id, "return_code": return_code, "returned_on": returned_on},
        answer=ReturnedRefund,
        decide=partial(_decide, refund_id=refund_id, return_code=return_code, returned_on=returned_on),
    )


async def preview_return_refund(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    refund_id: str,
    return_code: str,
    returned_on: date | None = None,
) -> Preview | Refused:
    """The terms of `return_refund`, decided the same way; nothing is written."""
    decide = partial(_decide, refund_id=refund_id, return_code=return_code, returned_on=returned_on)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, refund_id: str, return_code: str, returned_on: date | None
) -> Decided[ReturnedRefund] | Refused:
    if not is_return_code(return_code):
        return refused("return_code_unknown", return_code=return_code)
    refund = world.state.refunds.get(refund_id)
    if refund is None:
        return refused("refund_unknown", refund_id=refund_id)
    if refund.returned_on is not None:
        return refused("refund_returned", returned_on=refund.returned_on)
    on = returned_on or world.at.on
    if not refund.refunded_on <= on <= world.at.on:
        return refused("date_out_of_range", returned_on=on)
    facts = (RefundReturned(refund_id, return_code),)
    done = ReturnedRefund(
        refund_id=refund_id,
        amount_cents=refund.amount_cents,
        returned_on=on,
        return_code=return_code,
        credit_balance_cents=state_with(world, facts, effective_on=on).credit_balance_cents,
    )
    terms = {"refund_id": refund_id, "return_code": return_code, "amount_cents": refund.amount_cents}
    return with_consequences(world, Decided(done, on, facts, terms))
