"""Closing a cycle: the statement and its frozen figures."""

from dataclasses import dataclass
from datetime import date, timedelta

from ledger_core.line.cycle import due_after
from ledger_core.line.events import StatementIssued
from ledger_core.line.interest import DISPUTED, billed_cents
from ledger_core.line.minimum_payment import MinimumPayment, in_parts, minimum_payment
from ledger_core.line.rates_ahead import interest_between
from ledger_core.line.state import LineState
from ledger_core.line.statement_figures import StatementFigures
from ledger_core.money import microcents_to_cents_half_up, round_half_up
from ledger_core.products import Product


@dataclass(frozen=True, slots=True)
class _Closing:
    """Balances after the cycle's interest is billed and a credit balance has paid what it can."""

    undisputed_interest: int
    disputed_interest: int
    interest_owed: int
    interest_due: int
    fees_due: int
    principal_due: int
    credit_balance: int
    disputed: int

    @property
    def interest(self) -> int:
        return self.undisputed_interest + self.disputed_interest

    @property
    def due(self) -> int:
        """Undisputed balance, credit balance apart."""
        return self.interest_due + self.fees_due + self.principal_due


def close(product: Product, state: LineState, statement_id: str) -> StatementIssued:
    """The statement of the cycle that ends with the day `state.as_of`, that day's interest included.

    The state holds all facts of the day. Interest is rounded once per bucket, half up, nothing carried.
    Figures of earlier statements stand: what they would be today is shown as corrections.
    Source: 12 CFR 1026.7(b) for what a periodic statement shows; policy Statements.
    """
    on = state.as_of
    assert on == state.next_close_on
    cycle = state.cycle
    closing = _closing(state)
    corrections = _corrections(state)
    last = state.last_statement
    due_on = due_after(product, on)
    minimum = _minimum(product, state, closing, corrections, due_on)
    past_due = sum(s.minimum_unpaid_cents for s in state.statements if s.current_due_on <= on)
    owed = state.principal_cents + state.fees_owed_cents + closing.interest_owed
    days = (on - cycle.started_on).days + 1
    figures = StatementFigures(
        previous_balance_cents=0 if last is None else last.figures.new_balance_cents,
        draws_cents=cycle.draws_cents,
        refunds_cents=cycle.refunds_cents,
        payments_cents=cycle.payments_cents,
        credits_cents=cycle.credits_cents,
        fees_cents=cycle.fees_cents,
        interest_cents=closing.interest,
        corrections_cents=sum(corrections),
        corrections_principal_cents=corrections[0],
        corrections_interest_cents=corrections[1],
        corrections_fees_cents=corrections[2],
        new_balance_cents=owed - closing.credit_balance,
        principal_cents=state.principal_cents,
        fees_owed_cents=state.fees_owed_cents,
        interest_owed_cents=closing.interest_owed,
        credit_balance_cents=closing.credit_balance,
        disputed_cents=closing.disputed,
        minimum_payment_cents=minimum.total_cents,
        minimum_interest_cents=minimum.interest_cents,
        minimum_fees_cents=minimum.fees_cents,
        minimum_principal_cents=minimum.principal_cents,
        past_due_cents=past_due,
        minimum_due_cents=minimum.total_cents + past_due,
        apr_bp=state.apr_bp,
        days=days,
        average_daily_balance_cents=round_half_up(cycle.principal_days + state.principal_cents, days),
    )
    assert _adds_up(figures)
    return StatementIssued(statement_id, len(state.statements) + 1, cycle.started_on, on, due_on, figures)


def _closing(state: LineState) -> _Closing:
    microcents = dict(state.cycle.microcents_by_bucket)
    for bucket, per_day in state.per_day_microcents.items():
        microcents[bucket] += per_day
    undisputed, disputed = billed_cents(microcents, state.disputed_principal_cents > 0)
    used = min(state.credit_balance_cents, undisputed)
    interest_owed = state.interest_billed_cents + undisputed + disputed - used
    disputed_interest = state.disputed_interest_cents + disputed
    return _Closing(
        undisputed_interest=undisputed,
        disputed_interest=disputed,
        interest_owed=interest_owed,
        interest_due=interest_owed - disputed_interest,
        fees_due=state.fees_owed_cents - state.disputed_fees_cents,
        principal_due=state.principal_cents - state.disputed_principal_cents,
        credit_balance=state.credit_balance_cents - used,
        disputed=state.disputed_principal_cents + state.disputed_fees_cents + disputed_interest,
    )


def _corrections(state: LineState) -> tuple[int, int, int]:
    """Principal, interest and fees at the last close as known today, less what its statement printed."""
    last = state.last_statement
    if last is None:
        return 0, 0, 0
    printed = last.figures
    cycle = state.cycle
    return (
        cycle.opening_principal_cents - printed.principal_cents + printed.credit_balance_cents,
        cycle.opening_interest_cents - printed.interest_owed_cents,
        cycle.opening_fees_cents - printed.fees_owed_cents,
    )


def _minimum(
    product: Product, state: LineState, closing: _Closing, corrections: tuple[int, int, int], due_on: date
) -> MinimumPayment:
    """What this cycle asks for; what earlier statements still ask for is not asked for twice."""
    cycle = state.cycle
    interest = closing.undisputed_interest + cycle.interest_released_cents + corrections[1]
    interest = max(0, min(interest, closing.interest_due))
    fees = sum(f.outstanding_cents - f.disputed_cents for f in state.fees.values() if not f.billed)
    fees = max(0, min(fees + cycle.fees_released_cents + max(0, corrections[2]), closing.fees_due))
    balance = max(0, closing.due - state.minimum_due_cents)
    if state.is_stayed:
        return MinimumPayment(0, 0, 0)
    if state.plan is not None and due_on <= state.plan.ends_on:
        projected = balance + _accruing(state, due_on)
        return in_parts(min(_planned(state, due_on), projected), interest, fees)
    return minimum_payment(
        product,
        interest_cents=interest,
        fees_cents=fees,
        principal_cents=closing.principal_due,
        balance_cents=balance,
    )


def _planned(state: LineState, due_on: date) -> int:
    """What the plan asks for by that day, less what was paid and what its statements already ask for."""
    plan = state.plan
    assert plan is not None
    scheduled = sum(p.amount_cents for p in plan.payments if p.due_on <= due_on)
    billed = sum(s.minimum_unpaid_cents for s in state.statements)
    return max(0, scheduled - plan.paid_cents - billed)


def _accruing(state: LineState, due_on: date) -> int:
    """Undisputed interest from the day after the close through the day before the due date."""
    ahead = interest_between(state, state.as_of + timedelta(days=1), due_on)
    return sum(microcents_to_cents_half_up(m) for bucket, m in ahead.items() if bucket not in DISPUTED)


def _adds_up(f: StatementFigures) -> bool:
    """INV-6: the printed movements lead from the previous balance to the new one."""
    added = f.corrections_cents + f.draws_cents + f.refunds_cents + f.fees_cents + f.interest_cents
    return f.previous_balance_cents + added - f.payments_cents - f.credits_cents == f.new_balance_cents
