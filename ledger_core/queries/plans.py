"""Help with payments: what a customer qualifies for, and how a plan stands."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands import change_plan
from ledger_core.commands.enroll_plan import terms_of
from ledger_core.dates import Moment
from ledger_core.line import plan
from ledger_core.line.events import PlanPayment
from ledger_core.line.plan import PlanOffer
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


@dataclass(frozen=True, slots=True)
class PlanOption:
    """One programme with the exact terms that enrolling today makes."""

    kind: str
    for_hardship: bool
    """offered to a customer who mentions hardship"""
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    payment_count: int
    payment_cents: int
    """each payment but the last; 0 when nothing is paid on a schedule"""
    first_payment_on: date | None
    last_payment_cents: int
    last_payment_on: date | None
    balance_cents: int
    interest_cents: int
    total_cents: int
    new_due_on: date | None
    done_on: date
    ends_on: date
    draws_pause: bool
    needs_specialist: bool


async def options(
    conn: AsyncConnection, at: Moment, line_id: str, hardship: bool = True
) -> tuple[PlanOption, ...]:
    """Every programme the line qualifies for today, cheapest in total interest first; empty on a plan.

    hardship: False leaves out those that are for customers in hardship. Source: policy Help with payments.
    """
    world = await line_at(conn, at, line_id)
    offers = plan.options(world.product, world.state)
    found = [_option(offer, world.product.plans[offer.kind].hardship) for offer in offers]
    return tuple(option for option in found if hardship or not option.for_hardship)


async def options_instead(conn: AsyncConnection, at: Moment, line_id: str) -> tuple[PlanOption, ...]:
    """Every programme that could take the place of the plan that runs, in the order of `options`."""
    world = await line_at(conn, at, line_id)
    offers = change_plan.options_instead(world)
    return tuple(_option(offer, world.product.plans[offer.kind].hardship) for offer in offers)


async def status(conn: AsyncConnection, at: Moment, line_id: str) -> tuple[PlanView, ...]:
    """All plans of the line, the latest first."""
    state = (await line_at(conn, at, line_id)).state
    return tuple(plan_view(one) for one in reversed(state.plans))


def _option(offer: PlanOffer, for_hardship: bool) -> PlanOption:
    return PlanOption(
        for_hardship=for_hardship,
        payments=offer.payments,
        needs_specialist=offer.needs_specialist,
        **terms_of(offer),
    )


def plan_view(state: PlanState) -> PlanView:
    """The plan as it is told."""
    upcoming = state.next_payment
    return PlanView(
        plan_id=state.plan_id,
        kind=state.kind,
        status=state.status,
        enrolled_on=state.enrolled_on,
        apr_bp=state.apr_bp,
        payments=state.payments,
        payment_count=len(state.payments),
        payments_made=state.payments_made,
        paid_cents=state.paid_cents,
        next_payment_on=upcoming.due_on if upcoming else None,
        next_payment_cents=upcoming.amount_cents if upcoming else 0,
        ends_on=state.ends_on,
        ended_on=state.ended_on,
        broken_on=state.broken_on,
        new_due_on=state.new_due_on,
        balance_cents=state.balance_cents,
        interest_cents=state.interest_cents,
    )
