"""Silence settles: what was sent and did not come back in time went through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.bank import transfers
from ledger_core.bank.files import QUERIES
from ledger_core.commands.context import CommandContext
from ledger_core.commands.order import Order
from ledger_core.commands.run_many import Asked, run_many
from ledger_core.commands.settle_draw import settle_draw_order
from ledger_core.commands.settle_payment import settle_payment_order
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment, add_business_days, on_or_before
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction

IDENTITY = system("bank")
PAYMENTS_SETTLE_AFTER = 2
"""business days after a payment's day; PRODUCT: two. Draws and refunds arrive on their day."""
_ACTOR = "system:bank"
_TOGETHER = 500


async def settle_due(batch_engine: AsyncEngine, at: Moment) -> int:
    """Settle every transfer whose time is over without a return, and whose file the bank has; returns how many.

    A return may still come later: then a settled payment is returned. Repeating is harmless.
    """
    async with transaction(batch_engine, IDENTITY) as conn:
        given = {"today": at.on, "payments": payments_through(at.on)}
        rows = (await conn.execute(QUERIES["due"], given)).all()
    settled = 0
    for start in range(0, len(rows), _TOGETHER):
        settled += await _settle(batch_engine, rows[start : start + _TOGETHER], at)
    return settled


async def _settle(engine: AsyncEngine, rows: Sequence[Row[Any]], at: Moment) -> int:
    async with transaction(engine, IDENTITY) as conn:
        worlds = {
            world.line.line_id: world
            for world in await read_worlds(conn, sorted({row.line_id for row in rows}), at)
        }
        refunds = [row for row in rows if row.kind == "refund"]
        for row in refunds:
            await transfers.settle(conn, row.line_id, "refund", row.reference_id, at.on)
    batch = [
        Asked(
            _order(row),
            CommandContext(f"bank:{row.kind}:{row.reference_id}", _ACTOR, at),
            worlds[row.line_id],
        )
        for row in rows
        if row.kind != "refund"
    ]
    answers = await run_many(engine, IDENTITY, batch)
    return len(refunds) + sum(not isinstance(answer, Refused) for answer in answers)


def _order(row: Row[Any]) -> Order[Any]:
    if row.kind == "draw":
        return settle_draw_order(line_id=row.line_id, draw_id=row.reference_id)
    return settle_payment_order(line_id=row.line_id, payment_id=row.reference_id)


def payments_through(today: date) -> date:
    """The last day whose payments are two business days old by today."""
    day = add_business_days(on_or_before(today), -PAYMENTS_SETTLE_AFTER)
    while add_business_days(day + timedelta(days=1), PAYMENTS_SETTLE_AFTER) <= today:
        day += timedelta(days=1)
    return day
