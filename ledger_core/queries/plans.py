"""Help with payments: what a customer qualifies for, and how a plan stands."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import Moment
from ledger_core.line.events import PlanPayment
from ledger_core.line.state import PlanState
from ledger_core.queries.line import line_at


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan. `next_payment_cents` is what is left of the oldest payment not made in full."""

    plan_id: str
    kind: str
    """extension, skip, relief, plan_12 or plan_24"""
    status: str
    """active, broken, completed or cancelled"""
    enrolled_on: date
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    payment_count: int
    payments_made: int
    paid_cents: int
    next_payment_on: date | None
    next_payment_cents: int
    ends_on: date
    ended_on: date | None
    broken_on: date | None
    new_due_on: date | None
    balance_cents: int
    interest_cents: int


async def status(conn: AsyncConnection, at: Moment, line_id: str) -> tuple[PlanView, ...]:
    """All plans of the line, the latest first."""
    state = (await line_at(conn, at, line_id)).state
    return tuple(plan_view(plan) for plan in reversed(state.plans))


def plan_view(plan: PlanState) -> PlanView:
    """The plan as it is told."""
    upcoming = plan.next_payment
    return PlanView(
        plan_id=plan.plan_id,
        kind=plan.kind,
        status=plan.status,
        enrolled_on=plan.enrolled_on,
        apr_bp=plan.apr_bp,
        payments=plan.payments,
        payment_count=len(plan.payments),
        payments_made=plan.payments_made,
        paid_cents=plan.paid_cents,
        next_payment_on=upcoming.due_on if upcoming else None,
        next_payment_cents=upcoming.amount_cents if upcoming else 0,
        ends_on=plan.ends_on,
        ended_on=plan.ended_on,
        broken_on=plan.broken_on,
        new_due_on=plan.new_due_on,
        balance_cents=plan.balance_cents,
        interest_cents=plan.interest_cents,
    )
