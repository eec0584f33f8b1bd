"""Money between the customer's bank and ours: created → submitted (the file has left) → settled or returned.

A transfer moves one thing once: its payment, draw or refund names it. What has not been submitted can still
be moved or cancelled. An outcome that nobody told us is asked for, never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import CUTOFF, Moment, add_business_days
from ledger_core.errors import TransferRefused
from ledger_core.ids import new_id
from ledger_core.inputs import is_code
from ledger_core.line.events import (
    CreditRefunded,
    DrawCancelled,
    DrawFailed,
    DrawRequested,
    DrawSettled,
    Fact,
    PaymentCancelled,
    PaymentMoved,
    PaymentReturned,
    PaymentScheduled,
    PaymentSettled,
    RefundReturned,
)
from ledger_core.store.postgres import pipeline_of
from ledger_core.store.read import LineRow
from ledger_core.store.tables import transfers

Kind = Literal["payment", "draw", "refund"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement at the bank. `effective_on` is the day its file names."""

    line_id: str
    transfer_id: str
    customer_id: str
    kind: Kind
    reference_id: str
    bank_account_id: str
    amount_cents: int
    effective_on: date
    state: str
    """created, submitted, settled, returned or cancelled"""
    return_code: str | None
    submitted_on: date | None
    settled_on: date | None
    returned_on: date | None


_CREATE = (
    "INSERT INTO core.transfers (line_id, transfer_id, customer_id, kind, reference_id, bank_account_id, amount_cents,"
    " effective_on, state) VALUES (%(line_id)s, %(transfer_id)s, %(customer_id)s, %(kind)s, %(reference_id)s,"
    " %(bank_account_id)s, %(amount_cents)s, %(effective_on)s, 'created')"
)
_SUBMIT = (
    "UPDATE core.transfers SET state = 'submitted', submitted_on = %s"
    " WHERE line_id = %s AND kind = %s AND reference_id = %s AND state = 'created'"
)
_SETTLE = (
    "UPDATE core.transfers SET state = 'settled', settled_on = %s"
    " WHERE line_id = %s AND kind = %s AND reference_id = %s AND state = 'submitted'"
)
_TRANSFERS = select(*(transfers.c[name] for name in Transfer.__dataclass_fields__))


async def submit(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date) -> bool:
    """The file has left. Whether it had not before."""
    return await _step(conn, line_id, kind, reference_id, "created", state="submitted", submitted_on=on)


async def settle(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date) -> bool:
    """The bank says it is done; a transfer whose file we did not see leave has left."""
    await submit(conn, line_id, kind, reference_id, on)
    return await _step(conn, line_id, kind, reference_id, "submitted", state="settled", settled_on=on)


async def return_(
    conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date, code: str
) -> bool:
    """The bank sent it back, before or after it settled. code: R01 to R99."""
    await submit(conn, line_id, kind, reference_id, on)
    came_back: dict[str, Any] = {"state": "returned", "returned_on": on, "return_code": code}
    if await _step(conn, line_id, kind, reference_id, "submitted", **came_back):
        return True
    return await _step(conn, line_id, kind, reference_id, "settled", **came_back)


async def cancel(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date) -> bool:
    """Its file never leaves. False when it has left: the bank will tell how it ends."""
    return await _step(conn, line_id, kind, reference_id, "created", state="cancelled", cancelled_on=on)


async def move(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, to: date) -> bool:
    """Another day, as long as its file has not left."""
    return await _step(conn, line_id, kind, reference_id, "created", effective_on=to)


async def find(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str) -> Transfer | None:
    """The transfer of a payment, draw or refund; None also for what is no id."""
    if not is_code(reference_id):
        return None
    row = (await conn.execute(_TRANSFERS.where(_is(line_id, kind, reference_id)))).one_or_none()
    return Transfer(*row) if row else None


async def has_left(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str) -> bool:
    """Whether its file has gone: from then on it can be neither moved nor cancelled."""
    found = await find(conn, line_id, kind, reference_id)
    return found is not None and found.state not in ("created", "cancelled")


async def to_submit(conn: AsyncConnection, at: Moment) -> tuple[Transfer, ...]:
    """Those whose file has left for certain by that moment, in order of line and id.

    Before 8 pm, what is dated today may still be undone if it was agreed today; it waits for the evening.
    """
    last = add_business_days(at.on, 1) if at.at >= CUTOFF else at.on - timedelta(days=1)
    query = _TRANSFERS.where(transfers.c.state == "created", transfers.c.effective_on <= last)
    return tuple(Transfer(*row) for row in await conn.execute(query.order_by(*_IN_ORDER)))


async def submitted(conn: AsyncConnection) -> tuple[Transfer, ...]:
    """Those at the bank whose outcome is not known yet, in order of line and id."""
    query = _TRANSFERS.where(transfers.c.state == "submitted").order_by(*_IN_ORDER)
    return tuple(Transfer(*row) for row in await conn.execute(query))


async def follow(conn: AsyncConnection, line: LineRow, facts: Sequence[Fact], on: date) -> None:
    """Take the steps that the facts imply, in the transaction that records them."""
    await follow_many(conn, [(line, facts, on)])


async def follow_many(
    conn: AsyncConnection, recorded: Sequence[tuple[LineRow, Sequence[Fact], date]]
) -> None:
    """The same for the facts of many lines; the transfers that begin are written at once."""
    begun = [_begun(line, fact, on) for line, facts, on in recorded for fact in facts]
    rows = [row for row in begun if row is not None]
    if rows:
        driver = await pipeline_of(conn)
        await driver.cursor().executemany(_CREATE, rows)
    for line, facts, on in recorded:
        for fact in facts:
            await _follow_payment(conn, line, fact, on)
            await _follow_draw(conn, line, fact, on)


def _begun(line: LineRow, fact: Fact, on: date) -> dict[str, Any] | None:
    """The transfer that waits for its file from now on, if the fact begins one."""
    kind: Kind
    match fact:
        case PaymentScheduled():
            kind, reference_id, effective_on = "payment", fact.payment_id, fact.pay_on
        case DrawRequested():
            kind, reference_id, effective_on = "draw", fact.draw_id, fact.settles_on
        case CreditRefunded():
            kind, reference_id, effective_on = "refund", fact.refund_id, add_business_days(on, 1)
        case _:
            return None
    return {
        "line_id": line.line_id,
        "transfer_id": new_id("transfer"),
        "customer_id": line.customer_id,
        "kind": kind,
        "reference_id": reference_id,
        "bank_account_id": fact.bank_account_id,
        "amount_cents": fact.amount_cents,
        "effective_on": effective_on,
    }


async def _follow_payment(conn: AsyncConnection, line: LineRow, fact: Fact, on: date) -> None:
    match fact:
        case PaymentMoved():
            done = await move(conn, line.line_id, "payment", fact.payment_id, fact.pay_on)
            await _held_back(conn, line, "payment", fact.payment_id, done)
        case PaymentCancelled():
            done = await cancel(conn, line.line_id, "payment", fact.payment_id, on)
            await _held_back(conn, line, "payment", fact.payment_id, done)
        case PaymentSettled():
            await _settle_with_the_rest(conn, line.line_id, "payment", fact.payment_id, on)
        case PaymentReturned():
            await return_(conn, line.line_id, "payment", fact.payment_id, on, fact.return_code)
        case RefundReturned():
            await return_(conn, line.line_id, "refund", fact.refund_id, on, fact.return_code)


async def _follow_draw(conn: AsyncConnection, line: LineRow, fact: Fact, on: date) -> None:
    match fact:
        case DrawCancelled():
            done = await cancel(conn, line.line_id, "draw", fact.draw_id, on)
            await _held_back(conn, line, "draw", fact.draw_id, done)
        case DrawSettled():
            await _settle_with_the_rest(conn, line.line_id, "draw", fact.draw_id, on)
        case DrawFailed() if fact.code.startswith("R"):
            await return_(conn, line.line_id, "draw", fact.draw_id, on, fact.code)
        case DrawFailed():
            await cancel(conn, line.line_id, "draw", fact.draw_id, on)


async def _settle_with_the_rest(
    conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date
) -> None:
    """`settle`, without waiting for its answer: it leaves with what the transaction sends next."""
    driver = await pipeline_of(conn)
    for step in (_SUBMIT, _SETTLE):
        await driver.execute(step, (on, line_id, kind, reference_id), prepare=True)


async def _held_back(conn: AsyncConnection, line: LineRow, kind: Kind, reference_id: str, done: bool) -> None:
    """The last guard of a race with the file: money that has left must not look stopped in the books."""
    if not done and await has_left(conn, line.line_id, kind, reference_id):
        raise TransferRefused(f"the file of {kind} {reference_id} has left")


_IN_ORDER = (transfers.c.line_id, transfers.c.transfer_id)


def _is(line_id: str, kind: Kind, reference_id: str) -> ColumnElement[bool]:
    return and_(
        transfers.c.line_id == line_id, transfers.c.kind == kind, transfers.c.reference_id == reference_id
    )


async def _step(
    conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, from_state: str, **changes: Any
) -> bool:
    where = and_(_is(line_id, kind, reference_id), transfers.c.state == from_state)
    return (await conn.execute(update(transfers).where(where).values(**changes))).rowcount > 0
