"""Money between the customer's bank and ours: created → submitted (the file has left) → settled or returned.

A transfer moves one thing once: its payment, draw or refund names it. What has not been submitted can still
be moved or cancelled. An outcome that nobody told us is asked for, never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import CUTOFF, Moment, add_business_days
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
from ledger_core.store.following import Following, Kind, NewTransfer, TransferStep, follow
from ledger_core.store.postgres import driver_of
from ledger_core.store.read import LineRow
from ledger_core.store.tables import transfers


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


_STEP = "SELECT core.step_transfer(%s, %s, %s, %s, %s, %s)"
_TRANSFERS = select(*(transfers.c[name] for name in Transfer.__dataclass_fields__))


async def submit(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date) -> bool:
    """The file has left. Whether it had not before."""
    return await _take(conn, TransferStep(line_id, kind, reference_id, "submit", on))


async def settle(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date) -> bool:
    """The bank says it is done; a transfer whose file we did not see leave has left."""
    return await _take(conn, TransferStep(line_id, kind, reference_id, "settle", on))


async def return_(
    conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date, code: str
) -> bool:
    """The bank sent it back, before or after it settled. code: R01 to R99."""
    return await _take(conn, TransferStep(line_id, kind, reference_id, "return", on, code))


async def cancel(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, on: date) -> bool:
    """Its file never leaves. False when it has left: the bank will tell how it ends."""
    return await _take(conn, TransferStep(line_id, kind, reference_id, "cancel", on))


async def move(conn: AsyncConnection, line_id: str, kind: Kind, reference_id: str, to: date) -> bool:
    """Another day, as long as its file has not left."""
    return await _take(conn, TransferStep(line_id, kind, reference_id, "move", to))


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


async def follow_many(
    conn: AsyncConnection, recorded: Sequence[tuple[LineRow, Sequence[Fact], date]]
) -> None:
    """Take the steps that the facts of many lines imply, in the transaction that records them."""
    new = [transfer for line, facts, on in recorded for transfer in begun_by(line, facts, on)]
    steps = [step for line, facts, on in recorded for step in steps_of(line, facts, on)]
    await follow(conn, Following(new, steps))


def begun_by(line: LineRow, facts: Sequence[Fact], on: date) -> list[NewTransfer]:
    """The transfers that wait for their file from now on."""
    begun = [_begun(line, fact, on) for fact in facts]
    return [transfer for transfer in begun if transfer is not None]


def steps_of(line: LineRow, facts: Sequence[Fact], on: date) -> list[TransferStep]:
    """How transfers go on by these facts. What the customer takes back must not have left."""
    steps = [_step(line.line_id, fact, on) for fact in facts]
    return [step for step in steps if step is not None]


def _begun(line: LineRow, fact: Fact, on: date) -> NewTransfer | None:
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
    return NewTransfer(
        line_id=line.line_id,
        transfer_id=new_id("transfer"),
        customer_id=line.customer_id,
        kind=kind,
        reference_id=reference_id,
        bank_account_id=fact.bank_account_id,
        amount_cents=fact.amount_cents,
        effective_on=effective_on,
    )


def _step(line_id: str, fact: Fact, on: date) -> TransferStep | None:
    match fact:
        case PaymentMoved():
            return TransferStep(line_id, "payment", fact.payment_id, "move", fact.pay_on, held_back=True)
        case PaymentCancelled():
            return TransferStep(line_id, "payment", fact.payment_id, "cancel", on, held_back=True)
        case PaymentSettled():
            return TransferStep(line_id, "payment", fact.payment_id, "settle", on)
        case PaymentReturned():
            return TransferStep(line_id, "payment", fact.payment_id, "return", on, fact.return_code)
        case RefundReturned():
            return TransferStep(line_id, "refund", fact.refund_id, "return", on, fact.return_code)
        case DrawCancelled():
            return TransferStep(line_id, "draw", fact.draw_id, "cancel", on, held_back=True)
        case DrawSettled():
            return TransferStep(line_id, "draw", fact.draw_id, "settle", on)
        case DrawFailed() if fact.code.startswith("R"):
            return TransferStep(line_id, "draw", fact.draw_id, "return", on, fact.code)
        case DrawFailed():
            return TransferStep(line_id, "draw", fact.draw_id, "cancel", on)
    return None


_IN_ORDER = (transfers.c.line_id, transfers.c.transfer_id)


def _is(line_id: str, kind: Kind, reference_id: str) -> ColumnElement[bool]:
    return and_(
        transfers.c.line_id == line_id, transfers.c.kind == kind, transfers.c.reference_id == reference_id
    )


async def _take(conn: AsyncConnection, step: TransferStep) -> bool:
    driver = await driver_of(conn)
    values = (step.line_id, step.kind, step.reference_id, step.step, step.on, step.code)
    row = await (await driver.execute(_STEP, values, prepare=True)).fetchone()
    assert row is not None
    taken: bool = row[0]
    return taken
