"""A line as replay finds it: balances, movements, statements, delinquency. Read only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger_core.journal.entries import DraftEntry
from ledger_core.journal.journal import Journal
from ledger_core.line.events import PlanPayment
from ledger_core.line.statement_figures import StatementFigures


class DrawState(NamedTuple):
    draw_id: str
    amount_cents: int
    stage: str
    """pending, settled, failed or cancelled"""
    speed: str
    requested_on: date
    settles_on: date
    """expected while pending"""
    settled_on: date | None
    hold_expires_on: date
    bank_account_id: str
    outstanding_cents: int
    """principal of this draw still owed, disputed part included"""
    disputed_cents: int
    """open disputes' part of it"""
    credited_cents: int
    """taken off back to the day by disputes found for the customer"""
    failure_code: str | None


class PaymentAllocation(NamedTuple):
    fees_cents: int
    interest_cents: int
    principal_cents: int
    credit_cents: int
    """went to the credit balance"""


class RefundState(NamedTuple):
    """A credit balance that was sent back."""

    refund_id: str
    amount_cents: int
    bank_account_id: str
    refunded_on: date
    returned_on: date | None
    """the bank sent it back; the credit balance is as if it had never left"""
    return_code: str | None


class PaymentState(NamedTuple):
    payment_id: str
    amount_cents: int
    stage: str
    """scheduled, received, settled, returned or cancelled"""
    scheduled_on: date | None
    pay_on: date
    received_on: date | None
    settled_on: date | None
    returned_on: date | None
    return_code: str | None
    cancelled_on: date | None
    source: str
    bank_account_id: str | None
    allocation: PaymentAllocation | None
    """None when nothing is credited"""


class FeeState(NamedTuple):
    fee_id: str
    kind: str
    amount_cents: int
    """as charged"""
    charged_on: date
    waived_cents: int
    """for whatever reason"""
    waiver_reason: str | None
    waived_on: date | None
    outstanding_cents: int
    disputed_cents: int
    about: str | None
    billed: bool
    """on an issued statement"""


class StatementState(NamedTuple):
    number: int
    statement_id: str
    cycle_start: date
    cycle_end: date
    due_on: date
    """as printed"""
    current_due_on: date
    """after an extension"""
    figures: StatementFigures
    minimum_unpaid_cents: int
    """still unpaid of what this cycle asked for; 0 when skipped or replaced by a plan"""
    paid_on: date | None
    """the day its minimum was met"""
    interest_cents: int
    """the cycle's interest as it truly was, known today"""
    balance_cents: int
    """the closing balance as it truly was, known today"""


@dataclass(frozen=True, slots=True)
class AutopayState:
    mode: str
    amount_cents: int | None
    bank_account_id: str
    set_on: date
    discounted: bool
    """False from the day one of its payments is returned until the next one settles"""


@dataclass(frozen=True, slots=True)
class PlanState:
    plan_id: str
    kind: str
    status: str
    """active, broken (may still be cured), completed or cancelled; extension and skip complete at once"""
    enrolled_on: date
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    paid_cents: int
    """received since enrolment"""
    payments_made: int
    next_payment: PlanPayment | None
    """the oldest payment not yet made in full, with what is left of it"""
    ends_on: date
    ended_on: date | None
    broken_on: date | None
    cured_on: date | None
    statement_number: int | None
    new_due_on: date | None
    balance_cents: int
    interest_cents: int
    cancel_reason: str | None


@dataclass(frozen=True, slots=True)
class DisputeState:
    dispute_id: str
    kind: str
    about: str | None
    amount_cents: int
    status: str
    """open, acknowledged, resolved or withdrawn"""
    received_on: date
    acknowledge_by: date
    resolve_by: date
    late_notice: bool
    acknowledged_on: date | None
    closed_on: date | None
    outcome: str | None
    credited_cents: int


@dataclass(frozen=True, slots=True)
class DecisionState:
    decision_id: str
    kind: str
    decided_on: date
    asked_cents: int
    outcome: str
    """approved, counter_offer or declined"""
    limit_cents: int
    expires_on: date
    reasons: tuple[str, ...]
    taken_on: date | None
    """the day its limit was taken up"""


class RatesFrom(NamedTuple):
    """The rates from a day on, if no fact changes them."""

    from_on: date
    apr_bp_by_bucket: Mapping[str, int]


class Reage(NamedTuple):
    on: date
    kind: str
    """ordinary or workout"""


@dataclass(frozen=True, slots=True)
class PromotionState:
    promo_id: str
    apr_bp: int
    starts_on: date
    ends_on: date
    """the last day it holds"""
    reason: str


@dataclass(frozen=True, slots=True)
class OverlayState:
    kind: str
    """deceased or bankruptcy"""
    since_on: date
    placed_on: date
    """the day of the notice"""
    interest_stops_on: date
    chapter: int | None
    ended_on: date | None
    lifted_on: date | None
    """None while it lies on the line"""
    outcome: str | None


class InterestSegment(NamedTuple):
    """Days with one principal and one rate in one bucket, within one cycle."""

    from_day: date
    to_day: date
    """inclusive"""
    principal_cents: int
    apr_bp: int
    microcents_per_day: int
    bucket: str
    """standard, protected (servicemember), disputed or disputed_protected"""

    @property
    def days(self) -> int:
        return (self.to_day - self.from_day).days + 1

    @property
    def microcents(self) -> int:
        return self.microcents_per_day * self.days


@dataclass(frozen=True, slots=True)
class CycleToDate:
    """What the running cycle holds so far; the next statement is made of it."""

    started_on: date
    draws_cents: int
    refunds_cents: int
    payments_cents: int
    credits_cents: int
    fees_cents: int
    opening_balance_cents: int
    """balance at the last close as known today"""
    opening_principal_cents: int
    """principal less credit balance, at the last close as known today"""
    opening_interest_cents: int
    opening_fees_cents: int
    microcents_by_bucket: Mapping[str, int]
    principal_days: int
    """principal times days, through the day before `as_of`"""
    interest_released_cents: int
    """interest of closed disputes found against the customer, to be asked for with the next minimum"""
    fees_released_cents: int


@dataclass(frozen=True, slots=True)
class LineState:
    """As of the start of business on `as_of`, with that day's facts; interest accrued through the day before.

    Owed amounts include disputed parts; `disputed_*` say how much of each.
    """

    as_of: date
    opened_on: date
    product_id: str
    product_version: int
    state_code: str
    status: str
    """open, locked, closing, closed or charged_off"""
    locked: bool
    lock_reason: str | None
    closing: bool
    """the customer asked to close the line"""
    limit_cents: int
    limit_changed_on: date | None
    base_apr_bp: int
    apr_bp: int
    """in force on new draws on `as_of`, after autopay discount and plan"""
    protected_apr_bp: int | None
    """the rate of draws from before active duty, if any"""
    due_day: int
    due_date_changes: tuple[date, ...]

    principal_cents: int
    principal_by_draw: Mapping[str, int]
    """oldest first; only what is owed"""
    principal_by_bucket: Mapping[str, int]
    """standard, protected, disputed, disputed_protected"""
    fees_owed_cents: int
    interest_billed_cents: int
    """billed and unpaid"""
    interest_accrued_microcents: int
    """of the running cycle, all buckets"""
    accrued_interest_cents: int
    """the same in whole cents, rounded per bucket half up, as a close would"""
    owed_cents: int
    """principal + fees + billed interest; posted only"""
    credit_balance_cents: int
    credit_balance_since: date | None
    disputed_cents: int
    disputed_principal_cents: int
    disputed_interest_cents: int
    disputed_fees_cents: int
    held_cents: int
    """pending draws"""
    unsettled_payment_cents: int
    """principal paid by payments that have not settled, held from re-draw"""
    available_cents: int
    """limit - principal - held - unsettled payments, at least 0; 0 unless the line is open, and under an
    overlay. Whether a draw is allowed at all is for `draws.decide_draw`"""

    draws: Mapping[str, DrawState]
    payments: Mapping[str, PaymentState]
    fees: Mapping[str, FeeState]
    refunds: Mapping[str, RefundState]
    statements: tuple[StatementState, ...]
    cycle: CycleToDate
    next_close_on: date
    """the day on which the running cycle closes, or would if statements had not ended"""
    statements_ended: bool
    """after charge-off: the last statement was issued"""
    coming_due_on: date
    """due date of the statement the running cycle will issue"""
    next_due_on: date
    """of the oldest unpaid minimum, else `coming_due_on`"""
    minimum_due_cents: int
    """still unpaid of all issued minimums, past due included, disputed amounts left out"""
    past_due_cents: int
    days_past_due: int
    autopay: AutopayState | None
    plan: PlanState | None
    """the relief or repayment plan that runs (active or broken); one at most"""
    plans: tuple[PlanState, ...]
    disputes: Mapping[str, DisputeState]
    decisions: Mapping[str, DecisionState]
    """credit decisions, oldest first"""
    promotions: tuple[PromotionState, ...]
    """all that were granted, past and to come"""
    overlays: tuple[OverlayState, ...]
    reages: tuple[Reage, ...]
    charged_off_on: date | None
    forgiven_cents: int
    """debt forgiven after a settlement or a discharge"""
    rates_ahead: tuple[RatesFrom, ...]
    """the rates in force, then those of each later day on which they change by themselves"""
    per_day_microcents: Mapping[str, int]
    """interest of a day by bucket, as principal and rates stand"""
    interest_days: tuple[InterestSegment, ...]
    journal: Journal

    @property
    def entries(self) -> tuple[DraftEntry, ...]:
        """Journal drafts in order, as hindsight would write them."""
        return self.journal.entries

    @property
    def account_totals(self) -> dict[str, int]:
        """Debits less credits per ledger account; they sum to zero."""
        return self.journal.totals()

    @property
    def payoff_base_cents(self) -> int:
        """All that is owed now, accrued interest in whole cents included, less a credit balance."""
        return self.owed_cents + self.accrued_interest_cents - self.credit_balance_cents

    def overlay(self, kind: str) -> OverlayState | None:
        """The one of that kind that lies on the line, if any."""
        return next((o for o in self.overlays if o.kind == kind and o.lifted_on is None), None)

    @property
    def plan_id(self) -> str | None:
        """Of the plan in force."""
        return None if self.plan is None else self.plan.plan_id

    @property
    def is_stayed(self) -> bool:
        """A bankruptcy runs: nothing is asked for."""
        return self.overlay("bankruptcy") is not None

    @property
    def last_statement(self) -> StatementState | None:
        return self.statements[-1] if self.statements else None

    @property
    def open_disputes(self) -> tuple[DisputeState, ...]:
        return tuple(d for d in self.disputes.values() if d.status in ("open", "acknowledged"))
