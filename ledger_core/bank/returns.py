"""Act on returns that were taken: the command that books them, and what their code means for the account."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank.files import QUERIES
from ledger_core.bank.return_codes import RETURN_CODES
from ledger_core.commands.cancel_payment import cancel_payment
from ledger_core.commands.context import CommandContext
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.retry import with_retries
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.return_refund import return_refund
from ledger_core.commands.stop_autopay import stop_autopay
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts, bank_answers, lines

IDENTITY = system("bank")
_ACTOR = "system:bank"
_ACCOUNT_BECOMES = {"account_unusable": "closed", "account_blocked": "blocked"}
_ATTENTION = {"account_blocked": "unauthorised", "tell_human": "return_for_human"}


async def act_on_returns(batch_engine: AsyncEngine, at: Moment) -> int:
    """Book every return that was taken and waits, each in a transaction of its own; returns how many."""
    async with transaction(batch_engine, IDENTITY) as conn:
        waiting = (await conn.execute(QUERIES["waiting"])).all()
    acted = 0
    for row in waiting:
        acted += await with_retries(batch_engine, IDENTITY, partial(_act, row=row, at=at))
    return acted


async def _act(conn: AsyncConnection, *, row: Row[Any], at: Moment) -> bool:
    """Whether it was booked or put before a human; False when it has to wait on."""
    refusal = await _book(conn, row, at)
    if refusal is not None and _is_early(refusal):
        return False
    consequence = RETURN_CODES[row.code].consequence
    state = "applied" if refusal is None else "quarantined"
    attention = _ATTENTION.get(consequence) if refusal is None else refusal.codes[0]
    if row.kind == "refund" and refusal is None:
        attention = "refund_returned"
    if row.is_late and attention is None:
        attention = "returned_late"
    if consequence in _ACCOUNT_BECOMES:
        await _shut(conn, row, _ACCOUNT_BECOMES[consequence], at)
    mine = (
        bank_answers.c.line_id == row.line_id,
        bank_answers.c.transfer_id == row.transfer_id,
        bank_answers.c.answer_trace == row.answer_trace,
        bank_answers.c.code == row.code,
    )
    await conn.execute(update(bank_answers).where(*mine).values(state=state, attention=attention))
    return True


async def _book(conn: AsyncConnection, row: Row[Any], at: Moment) -> Refused | None:
    """The return in the books under the bank's own name for it; the refusal when they do not take it."""
    ctx = CommandContext(f"bank:return:{row.answer_trace}:{row.transfer_id}", _ACTOR, at)
    about, code = row.reference_id, row.code
    done: object
    match row.kind:
        case "payment":
            done = await return_payment(conn, ctx, line_id=row.line_id, payment_id=about, return_code=code)
        case "draw":
            done = await fail_draw(conn, ctx, line_id=row.line_id, draw_id=about, code=code)
        case _:
            done = await return_refund(conn, ctx, line_id=row.line_id, refund_id=about, return_code=code)
    return done if isinstance(done, Refused) else None


def _is_early(refusal: Refused) -> bool:
    """The payment's day has not come yet in the books: it is returned once it was received."""
    first = refusal.reasons[0]
    return first.code == "payment_not_received" and first.facts.get("stage") == "scheduled"


async def _shut(conn: AsyncConnection, row: Row[Any], status: str, at: Moment) -> None:
    """No more money through this account: autopay from it stops, payments that have not left are cancelled."""
    account_id = row.bank_account_id
    open_ = bank_accounts.c.status.in_(["verified", "pending"])
    await conn.execute(
        update(bank_accounts)
        .where(bank_accounts.c.bank_account_id == account_id, open_)
        .values(status=status)
    )
    owner = select(bank_accounts.c.customer_id).where(bank_accounts.c.bank_account_id == account_id)
    mine = select(lines.c.line_id).where(lines.c.customer_id == owner.scalar_subquery())
    line_ids = [line_id for (line_id,) in await conn.execute(mine.order_by(lines.c.line_id))]
    for world in await read_worlds(conn, line_ids, at):
        line_id, state = world.line.line_id, world.state
        if state.autopay is not None and state.autopay.bank_account_id == account_id:
            ctx = CommandContext(f"bank:stop:{row.answer_trace}:{row.transfer_id}", _ACTOR, at)
            await stop_autopay(conn, ctx, line_id=line_id, reason="bank_account")
        for payment in state.payments.values():
            if payment.stage == "scheduled" and payment.bank_account_id == account_id:
                ctx = CommandContext(f"bank:cancel:{payment.payment_id}", _ACTOR, at)
                await cancel_payment(
                    conn, ctx, line_id=line_id, payment_id=payment.payment_id, reason="bank_account"
                )
