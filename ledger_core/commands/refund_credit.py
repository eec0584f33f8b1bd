"""Send a credit balance back to the customer's bank. Source: 12 CFR 1026.11(a)."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import CreditRefunded
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class RefundedCredit:
    refund_id: str
    amount_cents: int
    refunded_on: date
    bank_account_id: str


def refund_credit_order(
    *,
    line_id: str,
    bank_account_id: str,
) -> Order[RefundedCredit]:
    """What `refund_credit` does to the line, to be run by itself or with many."""
    return Order(
        line_id,
        "refund_credit",
        {"bank_account_id": bank_account_id},
        RefundedCredit,
        partial(_decide, bank_account_id=bank_account_id),
    )


async def refund_credit(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    bank_account_id: str,
) -> RefundedCredit | Refused:
    """The credit balance less interest that has yet to be billed, on its way. Refused when nothing is left."""
    return await run_order(conn, ctx, refund_credit_order(line_id=line_id, bank_account_id=bank_account_id))


async def preview_refund_credit(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    bank_account_id: str,
) -> Preview | Refused:
    """The terms of `refund_credit`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, bank_account_id=bank_account_id))


def _decide(world: World, *, bank_account_id: str) -> Decided[RefundedCredit] | Refused:
    amount = -world.state.payoff_base_cents
    if amount <= 0:
        return refused("no_credit_balance")
    fact = CreditRefunded(new_id("refund"), amount, bank_account_id)
    done = RefundedCredit(fact.refund_id, amount, world.at.on, bank_account_id)
    terms = {"amount_cents": amount, "bank_account_id": bank_account_id}
    return Decided(done, world.at.on, (fact,), terms)
