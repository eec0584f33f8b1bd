"""The customers' banks, simulated: draws arrive on their day, payments settle two business days after theirs.

Nothing here is random: a payment comes back when its person's story says so, or when its bank account is
closed by then. So the same days always bring the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import transfers as bank
from ledger_core.commands.context import CommandContext
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.retry import with_retries
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.dates import Moment, add_business_days
from ledger_core.demo.people import BY_CUSTOMER
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts, demo_book, transfers

IDENTITY = system("bank-simulator")
_ACTOR = "system:bank-simulator"
SETTLES_AFTER_BUSINESS_DAYS = 2
CLOSED_ACCOUNT = "R02"
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class _Waiting:
    """A transfer whose outcome is due."""

    line_id: str
    kind: str
    reference_id: str
    return_code: str | None


async def tick(batch_engine: AsyncEngine, moment: Moment) -> int:
    """Answer every transfer whose outcome is due by that moment; returns how many. Repeating is harmless."""
    async with transaction(batch_engine, IDENTITY) as conn:
        waiting = await _waiting(conn, moment.on)
    for transfer in waiting:
        await with_retries(batch_engine, IDENTITY, partial(_answer, transfer=transfer, moment=moment))
    return len(waiting)


async def _answer(conn: AsyncConnection, *, transfer: _Waiting, moment: Moment) -> object:
    line_id, reference_id, code = transfer.line_id, transfer.reference_id, transfer.return_code
    ctx = CommandContext(f"bank:{transfer.kind}:{reference_id}", _ACTOR, moment)
    match transfer.kind:
        case "draw" if code is not None:
            return await fail_draw(conn, ctx, line_id=line_id, draw_id=reference_id, code=code)
        case "draw":
            return await settle_draw(conn, ctx, line_id=line_id, draw_id=reference_id)
        case "payment" if code is not None:
            return await return_payment(conn, ctx, line_id=line_id, payment_id=reference_id, return_code=code)
        case "payment":
            return await settle_payment(conn, ctx, line_id=line_id, payment_id=reference_id)
        case _:
            return await bank.settle(conn, line_id, "refund", reference_id, moment.on)


async def _waiting(conn: AsyncConnection, today: date) -> list[_Waiting]:
    """Draws and refunds that arrive today or were to, and payments two business days old or more."""
    anchor: date | None = (await conn.execute(select(demo_book.c.anchor))).scalar()
    arrives = and_(transfers.c.kind != "payment", transfers.c.state.in_(["created", "submitted"]))
    pays = and_(transfers.c.kind == "payment", transfers.c.state == "submitted")
    query = (
        select(transfers, bank_accounts.c.status)
        .join(bank_accounts, bank_accounts.c.bank_account_id == transfers.c.bank_account_id)
        .where(transfers.c.effective_on <= today, or_(arrives, pays))
        .order_by(transfers.c.line_id, transfers.c.recorded_at, transfers.c.transfer_id)
    )
    return [
        _Waiting(
            row.line_id,
            row.kind,
            row.reference_id,
            _return_code(row.customer_id, row.effective_on, row.kind, row.status, anchor),
        )
        for row in await conn.execute(query)
        if row.kind != "payment" or add_business_days(row.effective_on, SETTLES_AFTER_BUSINESS_DAYS) <= today
    ]


def _return_code(
    customer_id: str, effective_on: date, kind: str, account_status: str, anchor: date | None
) -> str | None:
    """Why the bank sends it back, or None: it goes through."""
    person = BY_CUSTOMER.get(customer_id)
    if kind == "payment" and person is not None and anchor is not None:
        for when, code in person.returns:
            first = when.on(person.calendar(anchor))
            if first <= effective_on < first + _WEEK:
                return code
    return CLOSED_ACCOUNT if account_status == "closed" else None
