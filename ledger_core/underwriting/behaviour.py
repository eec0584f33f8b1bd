"""A line of our own books as the model looks at it."""

from bisect import bisect_left
from collections.abc import Sequence

from ledger_core.line.state import LineState, StatementState
from ledger_core.underwriting.features import MONTHS, Month, Observation


def observe(state: LineState, limits_by_rank: Sequence[int]) -> Observation | None:
    """The last six closed cycles; None while there are fewer.

    limits_by_rank: limits of comparable lines at equal steps of their ranking, ascending, in cents.

    What a right touches is left out, so that using one can never count (12 CFR 1002.4(a), 1002.2(z)(3)):
    disputed amounts are no balance, minimums that a dispute, a plan or relief took the place of are not missed,
    and a payment counts by what is known today, not by what was printed.
    """
    if len(state.statements) < MONTHS:
        return None
    months = tuple(_month(state, statement) for statement in state.statements[: -MONTHS - 1 : -1])
    rank = bisect_left(limits_by_rank, state.limit_cents) * 1000 // (len(limits_by_rank) + 1)
    return Observation(state.limit_cents, rank, months)


def _month(state: LineState, statement: StatementState) -> Month:
    undisputed = statement.figures.new_balance_cents - statement.figures.disputed_cents
    paid = sum(
        payment.amount_cents
        for payment in state.payments.values()
        if payment.allocation is not None
        and payment.received_on is not None
        and statement.cycle_start <= payment.received_on <= statement.cycle_end
    )
    missed = sum(missed_at(earlier, statement) for earlier in state.statements[: statement.number - 1])
    return Month(missed, min(statement.balance_cents, undisputed), paid)


def missed_at(earlier: StatementState, statement: StatementState) -> bool:
    """Whether an earlier minimum stood unpaid past its day when this statement closed."""
    if earlier.current_due_on >= statement.cycle_end:
        return False
    if earlier.paid_on is not None:
        return earlier.paid_on > statement.cycle_end
    return earlier.minimum_unpaid_cents > 0
