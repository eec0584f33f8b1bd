"""Payments of a line: what is planned, on its way, done or come back."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import Moment
from ledger_core.line.payments import earlier_alike
from ledger_core.line.state import LineState, PaymentState
from ledger_core.products import Product
from ledger_core.queries.line import line_at


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment. The four parts say where a credited one went; they are 0 while nothing is credited."""

    payment_id: str
    amount_cents: int
    stage: str
    """scheduled, received, settled, returned or cancelled"""
    pay_on: date
    source: str
    """customer, autopay or plan"""
    bank_account_id: str | None
    received_on: date | None
    settled_on: date | None
    returned_on: date | None
    return_code: str | None
    cancelled_on: date | None
    to_fees_cents: int
    to_interest_cents: int
    to_principal_cents: int
    to_credit_cents: int
    same_as: str | None
    """an earlier payment of the same amount from the same account for about the same day: a duplicate, or not"""


async def payments(conn: AsyncConnection, at: Moment, line_id: str) -> tuple[PaymentView, ...]:
    """All payments of the line, the latest day first."""
    world = await line_at(conn, at, line_id)
    known = world.state.payments.values()
    newest_first = sorted(known, key=lambda p: (p.pay_on, p.payment_id), reverse=True)
    return tuple(_view(world.product, world.state, payment) for payment in newest_first)


async def status(conn: AsyncConnection, at: Moment, line_id: str, payment_id: str) -> PaymentView | None:
    """How far one payment is; None for an unknown id."""
    world = await line_at(conn, at, line_id)
    payment = world.state.payments.get(payment_id)
    return _view(world.product, world.state, payment) if payment else None


def scheduled(product: Product, state: LineState) -> tuple[PaymentView, ...]:
    """The payments still to come, the next first."""
    waiting = [p for p in state.payments.values() if p.stage == "scheduled"]
    return tuple(_view(product, state, p) for p in sorted(waiting, key=lambda p: (p.pay_on, p.payment_id)))


def _view(product: Product, state: LineState, payment: PaymentState) -> PaymentView:
    parts = payment.allocation
    return PaymentView(
        payment_id=payment.payment_id,
        amount_cents=payment.amount_cents,
        stage=payment.stage,
        pay_on=payment.pay_on,
        source=payment.source,
        bank_account_id=payment.bank_account_id,
        received_on=payment.received_on,
        settled_on=payment.settled_on,
        returned_on=payment.returned_on,
        return_code=payment.return_code,
        cancelled_on=payment.cancelled_on,
        to_fees_cents=parts.fees_cents if parts else 0,
        to_interest_cents=parts.interest_cents if parts else 0,
        to_principal_cents=parts.principal_cents if parts else 0,
        to_credit_cents=parts.credit_cents if parts else 0,
        same_as=earlier_alike(
            product,
            state,
            payment_id=payment.payment_id,
            amount_cents=payment.amount_cents,
            bank_account_id=payment.bank_account_id,
            pay_on=payment.pay_on,
        ),
    )
