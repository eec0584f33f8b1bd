"""A line at a glance: what is owed, what is due, what is left, what is under way."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.state import AutopayState, LineState
from ledger_core.queries.disputes import DisputeView, dispute_views
from ledger_core.queries.line import line_at
from ledger_core.queries.payments import PaymentView, scheduled
from ledger_core.queries.plans import PlanView, plan_view
from ledger_core.store.tables import lines


@dataclass(frozen=True, slots=True)
class AutopayView:
    mode: str
    """minimum, statement_balance or fixed"""
    amount_cents: int | None
    """of a fixed amount"""
    bank_account_id: str
    set_on: date
    discount_bp: int
    """taken off the rate now; 0 after a returned payment"""


@dataclass(frozen=True, slots=True)
class PendingDraw:
    draw_id: str
    amount_cents: int
    speed: str
    requested_on: date
    settles_on: date
    bank_account_id: str


@dataclass(frozen=True, slots=True)
class LastStatement:
    number: int
    cycle_end: date
    due_on: date
    new_balance_cents: int
    minimum_due_cents: int
    minimum_unpaid_cents: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All amounts in whole cents as of the day asked; interest through the day before."""

    line_id: str
    customer_id: str
    product_id: str
    product_name: str
    status: str
    locked: bool
    lock_reason: str | None
    opened_on: date
    limit_cents: int
    owed_cents: int
    """what paying off today takes: principal, fees, billed and accrued interest, less a credit"""
    principal_cents: int
    accrued_interest_cents: int
    """of the running cycle, not billed yet"""
    billed_interest_cents: int
    fees_cents: int
    credit_balance_cents: int
    """what the customer paid beyond all of that; one of this and `owed_cents` is 0"""
    disputed_cents: int
    available_cents: int
    held_cents: int
    apr_bp: int
    due_day: int
    next_close_on: date
    next_due_on: date
    minimum_due_cents: int
    past_due_cents: int
    days_past_due: int
    autopay: AutopayView | None
    plan: PlanView | None
    open_disputes: tuple[DisputeView, ...]
    scheduled_payments: tuple[PaymentView, ...]
    pending_draws: tuple[PendingDraw, ...]
    last_statement: LastStatement | None


async def overview(conn: AsyncConnection, at: Moment, line_id: str) -> Overview:
    """The line at a glance. LineNotFound when this identity may not see it."""
    return _overview(await line_at(conn, at, line_id))


async def lines_of(conn: AsyncConnection, at: Moment, customer_id: str) -> tuple[Overview, ...]:
    """All lines of a customer, oldest first; empty when this identity may not see them."""
    query = select(lines.c.line_id).where(lines.c.customer_id == customer_id)
    ids = (await conn.execute(query.order_by(lines.c.opened_on, lines.c.line_id))).scalars().all()
    return tuple([await overview(conn, at, line_id) for line_id in ids])


def _overview(world: World) -> Overview:
    state = world.state
    return Overview(
        line_id=world.line.line_id,
        customer_id=world.line.customer_id,
        product_id=world.product.product_id,
        product_name=world.product.name,
        status=state.status,
        locked=state.locked,
        lock_reason=state.lock_reason,
        opened_on=state.opened_on,
        limit_cents=state.limit_cents,
        owed_cents=max(0, state.payoff_base_cents),
        principal_cents=state.principal_cents,
        accrued_interest_cents=state.accrued_interest_cents,
        billed_interest_cents=state.interest_billed_cents,
        fees_cents=state.fees_owed_cents,
        credit_balance_cents=max(0, -state.payoff_base_cents),
        disputed_cents=state.disputed_cents,
        available_cents=state.available_cents,
        held_cents=state.held_cents,
        apr_bp=state.apr_bp,
        due_day=state.due_day,
        next_close_on=state.next_close_on,
        next_due_on=state.next_due_on,
        minimum_due_cents=state.minimum_due_cents,
        past_due_cents=state.past_due_cents,
        days_past_due=state.days_past_due,
        autopay=_autopay(state.autopay, world.product.autopay_discount_bp),
        plan=plan_view(state.plan) if state.plan else None,
        open_disputes=dispute_views(state.open_disputes),
        scheduled_payments=scheduled(world.product, state),
        pending_draws=_pending_draws(state),
        last_statement=_last_statement(state),
    )


def _autopay(autopay: AutopayState | None, discount_bp: int) -> AutopayView | None:
    if autopay is None:
        return None
    discount = discount_bp if autopay.discounted else 0
    return AutopayView(autopay.mode, autopay.amount_cents, autopay.bank_account_id, autopay.set_on, discount)


def _pending_draws(state: LineState) -> tuple[PendingDraw, ...]:
    return tuple(
        PendingDraw(d.draw_id, d.amount_cents, d.speed, d.requested_on, d.settles_on, d.bank_account_id)
        for d in state.draws.values()
        if d.stage == "pending"
    )


def _last_statement(state: LineState) -> LastStatement | None:
    last = state.last_statement
    if last is None:
        return None
    return LastStatement(
        number=last.number,
        cycle_end=last.cycle_end,
        due_on=last.current_due_on,
        new_balance_cents=last.figures.new_balance_cents,
        minimum_due_cents=last.figures.minimum_due_cents,
        minimum_unpaid_cents=last.minimum_unpaid_cents,
    )
