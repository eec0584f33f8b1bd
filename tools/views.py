"""What several tools show: lines, payments, plans, disputes, items.

Made of the read models, field by field.
"""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from tools.contract import Result, Untrusted

Facts: TypeAlias = dict[str, int | str | bool | date | None]
"""what lets a reply say why: cents, basis points, days, dates, ids"""


class Autopay(Result):
    mode: str
    amount_cents: int | None
    bank_account_id: str
    set_on: date
    discount_bp: int


class PlanPayment(Result):
    due_on: date
    amount_cents: int


class Plan(Result):
    """A plan that was enrolled. status: active, broken, completed or cancelled."""

    plan_id: str
    kind: str
    status: str
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


class Dispute(Result):
    """A dispute and its clocks. status: open, acknowledged, resolved or withdrawn."""

    dispute_id: str
    kind: str
    about: str | None
    amount_cents: int
    status: str
    received_on: date
    acknowledge_by: date
    resolve_by: date
    late_notice: bool
    acknowledged_on: date | None
    closed_on: date | None
    outcome: str | None
    credited_cents: int


class Payment(Result):
    """A payment, and where a credited one went.

    Stage: scheduled, received, settled, returned or cancelled.
    """

    payment_id: str
    amount_cents: int
    stage: str
    pay_on: date
    source: str
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


class PendingDraw(Result):
    draw_id: str
    amount_cents: int
    speed: str
    requested_on: date
    settles_on: date
    bank_account_id: str


class LastStatement(Result):
    number: int
    cycle_end: date
    due_on: date
    new_balance_cents: int
    minimum_due_cents: int
    minimum_unpaid_cents: int


class Line(Result):
    """One line at a glance. status: open, locked, closing, closed or charged_off."""

    line_id: str
    product_id: str
    product_name: str
    status: str
    locked: bool
    lock_reason: str | None
    opened_on: date
    limit_cents: int
    owed_cents: int
    principal_cents: int
    accrued_interest_cents: int
    billed_interest_cents: int
    fees_cents: int
    credit_balance_cents: int
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
    autopay: Autopay | None
    plan: Plan | None
    open_disputes: tuple[Dispute, ...]
    scheduled_payments: tuple[Payment, ...]
    pending_draws: tuple[PendingDraw, ...]
    last_statement: LastStatement | None


class Item(Result):
    """Something that happened on a line. Amounts are positive; `kind` says which way the money went.

    kind: draw, payment, fee, interest, waiver, credit or refund. stage: pending, scheduled, received, posted,
    settled, returned, cancelled or failed. duplicate_of: the earlier item that this one seems to repeat.
    """

    on: date
    kind: str
    amount_cents: int
    reference_id: str
    label_code: str
    stage: str
    memo: Untrusted | None
    bank_last4: str | None
    disputed: bool
    duplicate_of: str | None
