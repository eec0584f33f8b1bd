"""What pays a line off on a given day."""

from dataclasses import dataclass
from datetime import date, timedelta

from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.interest import billed_cents
from ledger_core.line.rates_ahead import interest_between
from ledger_core.line.state import LineState
from ledger_core.money import microcents_to_cents_half_up
from ledger_core.products import Product

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """Good for a payment received on `on`, if nothing else is drawn, paid or charged before."""

    on: date
    total_cents: int
    """principal + fees + both interests - credit balance; never negative"""
    principal_cents: int
    fees_cents: int
    interest_billed_cents: int
    interest_to_date_cents: int
    """not yet billed, through the day before `on`"""
    credit_balance_cents: int
    disputed_cents: int
    """part of the total that need not be paid while a dispute runs"""
    per_day_cents: int
    """what each later day adds, half up; for showing"""


def quote(product: Product, state: LineState, on: date) -> PayoffQuote:
    """The exact amount for that day, today or later. Interest runs through the day before.

    Each cycle that ends before `on` is rounded by itself, as its statement will be.
    """
    assert on >= state.as_of
    interest = _interest_until(product, state, on)
    total = state.owed_cents + interest - state.credit_balance_cents
    return PayoffQuote(
        on=on,
        total_cents=max(0, total),
        principal_cents=state.principal_cents,
        fees_cents=state.fees_owed_cents,
        interest_billed_cents=state.interest_billed_cents,
        interest_to_date_cents=interest,
        credit_balance_cents=state.credit_balance_cents,
        disputed_cents=state.disputed_cents,
        per_day_cents=microcents_to_cents_half_up(sum(state.per_day_microcents.values())),
    )


def _interest_until(product: Product, state: LineState, on: date) -> int:
    """Unbilled interest in whole cents for all days before `on`.

    A cycle that is over and whose statement is still to be written is rounded by itself too.
    """
    disputed = state.disputed_principal_cents > 0
    total = 0
    first_day = state.cycle.started_on
    close_on = state.next_close_on
    while close_on < on:
        total += sum(billed_cents(_microcents(state, first_day, close_on + _ONE_DAY), disputed))
        first_day = close_on + _ONE_DAY
        close_on = close_before(product, following_due(due_after(product, close_on), state.due_day))
    return total + sum(billed_cents(_microcents(state, first_day, on), disputed))


def _microcents(state: LineState, first_day: date, until: date) -> dict[str, int]:
    """By bucket, for the unbilled days from `first_day` before `until`: as they accrued, then as rates will stand."""
    microcents = interest_between(state, max(first_day, state.as_of), until)
    for segment in reversed(state.interest_days):
        if segment.to_day < state.cycle.started_on:
            break
        days = (min(segment.to_day + _ONE_DAY, until) - max(segment.from_day, first_day)).days
        if days > 0:
            microcents[segment.bucket] += segment.microcents_per_day * days
    return microcents
