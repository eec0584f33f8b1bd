"""The exact schedule of a repayment plan: equal payments that end a balance on the last due date.

The rule: interest runs daily at the plan's rate from the day of enrolment, is billed at each cycle's
close and bears none itself, as on every line. Payments arrive on the due dates of the statements yet to be
issued. All are equal, the smallest whole-cent amount that leaves no more than itself for the last; the
last one takes what is left, interest through the day before included. The engine bills exactly this when
the payments come on their days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.events import PlanPayment
from ledger_core.line.minimum_payment import minimum_payment
from ledger_core.line.projection import Projection, coming_cycles
from ledger_core.line.state import LineState
from ledger_core.products import Product

_CYCLES_MAX = 1200


@dataclass(frozen=True, slots=True)
class Schedule:
    payments: tuple[PlanPayment, ...]
    balance_cents: int
    """all that is owed on the day, accrued interest included, disputed amounts not"""
    interest_cents: int
    """what the payments add up to beyond the balance"""

    @property
    def total_cents(self) -> int:
        return self.balance_cents + self.interest_cents


def equal_payments(product: Product, state: LineState, apr_bp: int, count: int) -> Schedule:
    """The schedule of `count` payments from `state.as_of` on, at that rate or the line's own if lower."""
    balance = Projection(state, apr_bp_max=apr_bp).owed()
    assert balance > 0
    cycles = coming_cycles(product, state, count)
    too_little, enough = 0, balance
    while _last_payment(state, apr_bp, cycles, enough) > enough:
        enough *= 2
    while enough - too_little > 1:
        middle = (too_little + enough) // 2
        if _last_payment(state, apr_bp, cycles, middle) > middle:
            too_little = middle
        else:
            enough = middle
    last = _last_payment(state, apr_bp, cycles, enough)
    amounts = [enough] * (count - 1) + [last]
    days = [due_on for _, due_on in cycles]
    payments = tuple(PlanPayment(on, cents) for on, cents in zip(days, amounts, strict=True) if cents)
    return Schedule(payments, balance, sum(amounts) - balance)


def minimums_to_the_end(
    product: Product, state: LineState, first: Sequence[PlanPayment], apr_bp: int
) -> tuple[int, date]:
    """Interest in all and the day of being done: `first` at the relief rate, then the usual minimums.

    A projection: nothing more is drawn or charged, and each payment is made on its due date.
    """
    line = Projection(state, apr_bp_max=apr_bp)
    start = line.owed()
    agreed = {p.due_on: p.amount_cents for p in first}
    ends_on = max(agreed)
    paid = 0
    for due_on in sorted(d for d in agreed if d < due_after(product, state.next_close_on)):
        paid += _pay(line, agreed[due_on], due_on)
    close_on = state.next_close_on
    for _ in range(_CYCLES_MAX):
        interest = line.close(close_on)
        due_on = due_after(product, close_on)
        usual = minimum_payment(
            product,
            interest_cents=interest,
            fees_cents=line.fees,
            principal_cents=line.principal_cents(),
            balance_cents=max(0, line.owed()),
        )
        line.run_until(due_on)
        wanted = agreed.get(due_on, usual.total_cents)
        paid += _pay(line, wanted, due_on)
        if due_on >= ends_on:
            line.end_plan()
        if line.owed() <= 0:
            return paid - start, due_on
        if line.principal_cents() == 0:
            return paid + line.owed() - start, following_due(due_on, state.due_day)
        close_on = close_before(product, following_due(due_on, state.due_day))
    raise AssertionError("minimum payments end every balance")


def _pay(line: Projection, wanted: int, on: date) -> int:
    line.run_until(on)
    amount = min(wanted, line.owed())
    line.pay(amount, on)
    return amount


def _last_payment(
    state: LineState, apr_bp: int, cycles: Sequence[tuple[date, date]], amount: int
) -> int:
    """What is left to pay on the last due date when `amount` is paid on each one before."""
    line = Projection(state, apr_bp_max=apr_bp)
    for close_on, due_on in cycles[:-1]:
        line.close(close_on)
        line.pay(amount, due_on)
    close_on, due_on = cycles[-1]
    line.close(close_on)
    line.run_until(due_on)
    return max(0, line.owed())
