"""When the line is paid off if the same amount is paid each month, beside the minimums alone."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import Moment
from ledger_core.line import paying_off
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class PayingOff:
    """A projection: nothing more is drawn or charged, each payment is made on its due date, rates stay."""

    each_cents: int
    payments: int
    paid_cents: int
    interest_cents: int
    last_payment_cents: int
    done_on: date
    minimum_payments: int | None
    """with the minimum of each month alone; None when that never pays it off"""
    minimum_interest_cents: int | None
    minimum_done_on: date | None
    interest_saved_cents: int | None


async def each_month(conn: AsyncConnection, at: Moment, line_id: str, each_cents: int) -> PayingOff | Refused:
    """What `each_cents` on every due date comes to. Undisputed balances alone.

    Refused with amount_not_positive, nothing_owed, then never_paid_off: it does not meet the interest.
    """
    world = await line_at(conn, at, line_id)
    if each_cents <= 0:
        return refused("amount_not_positive", amount_cents=each_cents)
    if world.state.payoff_base_cents <= world.state.disputed_cents:
        return refused("nothing_owed")
    found = paying_off.paid_off(world.product, world.state, each_cents)
    if found is None:
        return refused("never_paid_off", amount_cents=each_cents)
    alone = paying_off.paid_off(world.product, world.state, None)
    return PayingOff(
        each_cents=each_cents,
        payments=found.payments,
        paid_cents=found.paid_cents,
        interest_cents=found.interest_cents,
        last_payment_cents=found.last_payment_cents,
        done_on=found.done_on,
        minimum_payments=alone.payments if alone else None,
        minimum_interest_cents=alone.interest_cents if alone else None,
        minimum_done_on=alone.done_on if alone else None,
        interest_saved_cents=max(0, alone.interest_cents - found.interest_cents) if alone else None,
    )
