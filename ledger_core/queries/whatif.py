"""What a payment would change: the interest of the running cycle and of the next."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.commands.foresee import state_with
from ledger_core.dates import Moment
from ledger_core.line.events import Fact, PaymentReceived
from ledger_core.line.payoff import quote
from ledger_core.line.projection import coming_cycles
from ledger_core.line.statement import close
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class PaymentWhatIf:
    """A projection: nothing else is drawn, paid or charged. Days to come may differ."""

    amount_cents: int
    on: date
    payoff_cents: int
    """what would pay the line off on that day"""
    balance_after_cents: int
    this_cycle_ends_on: date
    this_cycle_interest_cents: int
    this_cycle_interest_without_cents: int
    next_cycle_ends_on: date
    next_cycle_interest_cents: int
    next_cycle_interest_without_cents: int
    interest_saved_cents: int
    """over both cycles"""
    next_minimum_cents: int
    """the minimum of the coming statement with the payment"""


async def payment(
    conn: AsyncConnection, at: Moment, line_id: str, amount_cents: int, on: date | None = None
) -> PaymentWhatIf | Refused:
    """What that payment would change if received on that day, today when None.

    Refused for an amount that is not positive or above the payoff, and for a day outside the cycle.
    """
    world = await line_at(conn, at, line_id)
    day = on or at.on
    cycles = coming_cycles(world.product, world.state, 2)
    if not at.on <= day <= cycles[0][0]:
        return refused("date_out_of_range", first_on=at.on, last_on=cycles[0][0])
    payoff_cents = quote(world.product, world.state, day).total_cents
    if amount_cents <= 0:
        return refused("amount_not_positive", amount_cents=amount_cents)
    if amount_cents > payoff_cents:
        return refused("more_than_owed", amount_cents=amount_cents, payoff_cents=payoff_cents)
    ends = (cycles[0][0], cycles[1][0])
    with_payment = _two_cycles(world, (PaymentReceived("payment_if", amount_cents),), day, ends)
    without = _two_cycles(world, (), day, ends)
    saved = sum(without.interest) - sum(with_payment.interest)
    return PaymentWhatIf(
        amount_cents=amount_cents,
        on=day,
        payoff_cents=payoff_cents,
        balance_after_cents=payoff_cents - amount_cents,
        this_cycle_ends_on=ends[0],
        this_cycle_interest_cents=with_payment.interest[0],
        this_cycle_interest_without_cents=without.interest[0],
        next_cycle_ends_on=ends[1],
        next_cycle_interest_cents=with_payment.interest[1],
        next_cycle_interest_without_cents=without.interest[1],
        interest_saved_cents=saved,
        next_minimum_cents=with_payment.minimum_cents,
    )


@dataclass(frozen=True, slots=True)
class _Ahead:
    interest: tuple[int, int]
    minimum_cents: int


def _two_cycles(world: World, facts: tuple[Fact, ...], on: date, ends: tuple[date, date]) -> _Ahead:
    """The engine's own closing of the running cycle, and the interest of the next on what is owed then."""
    at_close = state_with(world, facts, effective_on=on, as_of=ends[0])
    issued = close(world.product, at_close, "statement_if")
    after = quote(world.product, at_close, ends[0] + timedelta(days=1))
    later = quote(world.product, at_close, ends[1] + timedelta(days=1))
    next_interest = later.interest_to_date_cents - after.interest_to_date_cents
    return _Ahead((issued.figures.interest_cents, next_interest), issued.figures.minimum_payment_cents)
