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
    """Unbilled interest in whole cents for all days before `on`."""
    microcents = dict(state.cycle.microcents_by_bucket)
    disputed = state.disputed_principal_cents > 0
    total = 0
    first_day = max(state.as_of, state.cycle.started_on)
    close_on = state.next_close_on
    while close_on < on:
        _add_days(microcents, state, first_day, close_on + _ONE_DAY)
        total += sum(billed_cents(microcents, disputed))
        microcents = dict.fromkeys(microcents, 0)
        first_day = close_on + _ONE_DAY
        close_on = close_before(product, following_due(due_after(product, close_on), state.due_day))
    _add_days(microcents, state, first_day, on)
    return total + sum(billed_cents(microcents, disputed))


def _add_days(microcents: dict[str, int], state: LineState, first_day: date, until: date) -> None:
    for bucket, more in interest_between(state, first_day, until).items():
        microcents[bucket] += more
