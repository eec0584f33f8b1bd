"""How long it takes until nothing is owed: a fixed payment on each due date, or the minimums alone."""

from dataclasses import dataclass
from datetime import date

from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.minimum_payment import minimum_payment
from ledger_core.line.projection import Projection
from ledger_core.line.state import LineState
from ledger_core.products import Product

CYCLES_MAX = 600


@dataclass(frozen=True, slots=True)
class PaidOff:
    """The way to zero: nothing more is drawn or charged, and each payment is made on its due date."""

    payments: int
    paid_cents: int
    interest_cents: int
    """from today on"""
    last_payment_cents: int
    done_on: date


def paid_off(product: Product, state: LineState, each_cents: int | None) -> PaidOff | None:
    """What paying `each_cents` on every due date comes to, or the minimum of each cycle when None.

    The last payment is what is left. None when the balance is not paid within fifty years, or never falls.
    """
    line = Projection(state)
    start = line.owed()
    close_on, payments, paid, last = state.next_close_on, 0, 0, 0
    billed = state.last_statement
    if billed is not None and state.as_of <= billed.current_due_on and billed.minimum_unpaid_cents:
        last = _pay(line, each_cents or billed.minimum_unpaid_cents, billed.current_due_on)
        payments, paid = 1, last
        if line.owed() <= 0:
            return PaidOff(payments, paid, paid - start, last, billed.current_due_on)
    for _ in range(CYCLES_MAX):
        before = line.principal_cents()
        interest = line.close(close_on)
        due_on = due_after(product, close_on)
        asked = each_cents or _minimum(product, line, interest)
        last = _pay(line, asked, due_on)
        payments, paid = payments + 1, paid + last
        if line.owed() <= 0:
            return PaidOff(payments, paid, paid - start, last, due_on)
        if line.principal_cents() >= before and last <= interest:
            return None
        close_on = close_before(product, following_due(due_on, state.due_day))
    return None


def _minimum(product: Product, line: Projection, interest_cents: int) -> int:
    return minimum_payment(
        product,
        interest_cents=interest_cents,
        fees_cents=line.fees,
        principal_cents=line.principal_cents(),
        balance_cents=max(0, line.owed()),
    ).total_cents


def _pay(line: Projection, wanted: int, on: date) -> int:
    line.run_until(on)
    amount = min(wanted, line.owed())
    line.pay(amount, on)
    return amount
