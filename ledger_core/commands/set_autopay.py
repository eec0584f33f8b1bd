"""Set up autopay, or set it up differently."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import bank_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.autopay import decide_autopay
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class SetAutopay:
    mode: str
    amount_cents: int | None
    bank_account_id: str
    first_due_on: date
    """the next due date, on which it pays"""
    apr_bp: int
    """the rate from today on, discount included"""
    earlier_apr_bp: int


async def set_autopay(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    mode: str,
    bank_account_id: str,
    amount_cents: int | None = None,
) -> SetAutopay | Refused:
    """Autopay on each due date, from the coming one.

    mode: minimum, statement_balance or fixed, which needs an amount. Refused with the reasons of
    `line.autopay.decide_autopay`.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="set_autopay",
        inputs={"mode": mode, "bank_account_id": bank_account_id, "amount_cents": amount_cents},
        answer=SetAutopay,
        decide=partial(_decide, mode=mode, amount_cents=amount_cents),
        bank_account_id=bank_account_id,
    )


async def preview_set_autopay(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    mode: str,
    bank_account_id: str,
    amount_cents: int | None = None,
) -> Preview | Refused:
    """The terms of `set_autopay`, decided the same way; nothing is written."""
    decide = partial(_decide, mode=mode, amount_cents=amount_cents)
    return await preview(conn, at, line_id=line_id, decide=decide, bank_account_id=bank_account_id)


def _decide(world: World, *, mode: str, amount_cents: int | None) -> Decided[SetAutopay] | Refused:
    fact = decide_autopay(
        world.product,
        world.state,
        mode=mode,
        amount_cents=amount_cents,
        bank_account_id=world.account.bank_account_id if world.account else "",
        bank_account_verified=bank_refusal(world) is None,
    )
    if isinstance(fact, Refused):
        return fact
    state = world.state
    due_dates = [s.current_due_on for s in state.statements if s.current_due_on >= world.at.on]
    first_due_on = min(due_dates, default=state.coming_due_on)
    after = state_with(world, (fact,))
    done = SetAutopay(
        fact.mode, fact.amount_cents, fact.bank_account_id, first_due_on, after.apr_bp, state.apr_bp
    )
    terms = {
        "mode": done.mode,
        "amount_cents": done.amount_cents,
        "bank_account_id": done.bank_account_id,
        "first_due_on": first_due_on,
        "apr_bp": done.apr_bp,
        "earlier_apr_bp": done.earlier_apr_bp,
    }
    return Decided(done, world.at.on, (fact,), terms)
