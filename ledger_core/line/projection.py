"""A line as it goes on if nothing happens but what is told: interest by the day, cycles, payments."""

from datetime import date, timedelta

from ledger_core.line.allocation import Balance, allocate
from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.interest import DISPUTED
from ledger_core.line.rates_ahead import rates_on, stretches
from ledger_core.line.state import LineState
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up
from ledger_core.products import Product

_ONE_DAY = timedelta(days=1)


def coming_cycles(product: Product, state: LineState, count: int) -> tuple[tuple[date, date], ...]:
    """Closing day and due date of the next `count` statements to be issued."""
    cycles = []
    close_on = state.next_close_on
    for _ in range(count):
        due_on = due_after(product, close_on)
        cycles.append((close_on, due_on))
        close_on = close_before(product, following_due(due_on, state.due_day))
    return tuple(cycles)


class Projection:
    """Undisputed balances from `state.as_of` on; the same sums and roundings as replay. Mutable."""

    __slots__ = (
        "_apr_bp_max", "_buckets", "_microcents", "_state", "credit", "day", "fees", "interest_due", "principal",
    )  # fmt: skip

    def __init__(self, state: LineState, *, apr_bp_max: int | None = None) -> None:
        """apr_bp_max: a plan's rate; each balance bears it or its own, if lower."""
        owed = {b: cents for b, cents in state.principal_by_bucket.items() if b not in DISPUTED}
        self._state = state
        self._apr_bp_max = apr_bp_max
        self._buckets = tuple(owed)
        self.principal = list(owed.values())
        self._microcents = [state.cycle.microcents_by_bucket[b] for b in owed]
        self.interest_due = state.interest_billed_cents - state.disputed_interest_cents
        self.fees = state.fees_owed_cents - state.disputed_fees_cents
        self.credit = state.credit_balance_cents
        self.day = max(state.as_of, state.cycle.started_on)
        """the first day whose interest has not run"""

    def end_plan(self) -> None:
        """From here on each balance bears its own rate."""
        self._apr_bp_max = None

    def run_until(self, on: date) -> None:
        """Interest for every day before `on`."""
        for days, rates in stretches(self._state, self.day, on):
            for i, cents in enumerate(self.principal):
                per_day = daily_interest_microcents(cents, self._capped(rates[self._buckets[i]]))
                self._microcents[i] += per_day * days
        self.day = on

    def close(self, on: date) -> int:
        """Bill the cycle that ends with that day; returns its interest in cents."""
        self.run_until(on + _ONE_DAY)
        interest = self.accrued()
        self._microcents = [0] * len(self._microcents)
        used = min(self.credit, interest)
        self.interest_due += interest - used
        self.credit -= used
        return interest

    def pay(self, amount: int, on: date) -> None:
        """A payment received on that day; what exceeds the balance waits as a credit."""
        self.run_until(on)
        rates = rates_on(self._state, on)
        balances = [
            Balance(str(i), cents, self._capped(rates[self._buckets[i]]))
            for i, cents in enumerate(self.principal)
        ]
        parts = allocate(
            amount, fees_billed=self.fees, interest_billed=self.interest_due, balances=balances
        )
        self.fees -= parts.fees_cents
        self.interest_due -= parts.interest_cents
        self.credit += parts.credit_cents
        for key, cents in parts.principal:
            self.principal[int(key)] -= cents

    def accrued(self) -> int:
        """Unbilled interest in cents, each bucket rounded by itself."""
        return sum(microcents_to_cents_half_up(m) for m in self._microcents)

    def principal_cents(self) -> int:
        return sum(self.principal)

    def owed(self) -> int:
        """All that pays the line off now, unbilled interest included; negative is a credit."""
        return sum(self.principal) + self.interest_due + self.fees + self.accrued() - self.credit

    def _capped(self, apr_bp: int) -> int:
        return apr_bp if self._apr_bp_max is None else min(apr_bp, self._apr_bp_max)
