"""A line as it goes on if nothing happens but what is told: interest by the day, cycles, payments."""

from datetime import date, timedelta

from ledger_core.line.allocation import Balance, allocate
from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.interest import DISPUTED
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

    __slots__ = ("_buckets", "_microcents", "_rates", "credit", "day", "fees", "interest_due", "principal")

    def __init__(self, state: LineState, *, apr_bp_max: int | None = None) -> None:
        """apr_bp_max: a plan's rate; each balance bears it or its own, if lower."""
        owed = {b: cents for b, cents in state.principal_by_bucket.items() if b not in DISPUTED}
        self._buckets = tuple(owed)
        self.principal = list(owed.values())
        self._microcents = [state.cycle.microcents_by_bucket[b] for b in owed]
        self._rates = [0] * len(owed)
        self.interest_due = state.interest_billed_cents - state.disputed_interest_cents
        self.fees = state.fees_owed_cents - state.disputed_fees_cents
        self.credit = state.credit_balance_cents
        self.day = max(state.as_of, state.cycle.started_on)
        """the first day whose interest has not run"""
        self.set_rate(state, apr_bp_max)

    def set_rate(self, state: LineState, apr_bp_max: int | None) -> None:
        """From here on each balance bears its own rate, or `apr_bp_max` if lower."""
        own = state.apr_bp
        protected = own if state.protected_apr_bp is None else min(own, state.protected_apr_bp)
        for i, bucket in enumerate(self._buckets):
            rate = protected if bucket == "protected" else own
            self._rates[i] = rate if apr_bp_max is None else min(rate, apr_bp_max)

    def run_until(self, on: date) -> None:
        """Interest for every day before `on`."""
        days = (on - self.day).days
        for i, cents in enumerate(self.principal):
            self._microcents[i] += daily_interest_microcents(cents, self._rates[i]) * days
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
        balances = [Balance(str(i), cents, self._rates[i]) for i, cents in enumerate(self.principal)]
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
