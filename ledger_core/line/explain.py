"""Why interest changed from one statement to another, cause by cause, adding up to the cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ledger_core.line.state import InterestSegment, LineState, StatementState
from ledger_core.money import BASIS_POINTS, DAYS_PER_YEAR, round_half_up
from ledger_core.refusals import Fact


@dataclass(frozen=True, slots=True)
class Cause:
    """One part of a change. facts: what to say about it, in cents, basis points, days, dates and ids."""

    kind: Literal["balance", "rate", "days", "one_off"]
    cents: int
    """positive raised the interest"""
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class _Cycle:
    """One cycle as it truly was: its days, and the sums its interest is made of."""

    days: int
    principal_days: int
    rate_days: int
    """principal times rate times days"""
    closing_apr_bp: int

    @property
    def average(self) -> Fraction:
        return Fraction(self.principal_days, self.days)

    @property
    def rate(self) -> Fraction:
        """Basis points, weighted by principal; the closing day's where nothing was owed."""
        if not self.principal_days:
            return Fraction(self.closing_apr_bp)
        return Fraction(self.rate_days, self.principal_days)


def interest_difference(state: LineState, earlier_no: int, later_no: int) -> tuple[Cause, ...]:
    """Why the later statement's printed interest differs from the earlier one's.

    The order is fixed: balance (the later average daily balance at the earlier rate and days), rate, days,
    then one-off events: what a statement printed differently from what is true today, and the rounding
    of single buckets. Each step is rounded to the cent half up as a running total, so that the causes add
    up exactly to the difference of the printed figures. Causes of zero are left out, one-offs too.
    """
    earlier = _statement(state, earlier_no)
    later = _statement(state, later_no)
    before = _cycle(state.interest_days, earlier)
    after = _cycle(state.interest_days, later)
    start = _cents(before.average, before.rate, before.days)
    with_balance = _cents(after.average, before.rate, before.days)
    with_rate = _cents(after.average, after.rate, before.days)
    end = _cents(after.average, after.rate, after.days)
    printed = later.figures.interest_cents - earlier.figures.interest_cents
    causes = (
        Cause("balance", with_balance - start, _balance_facts(state, earlier, later, before, after)),
        Cause("rate", with_rate - with_balance, _rate_facts(before, after)),
        Cause("days", end - with_rate, {"earlier_days": before.days, "later_days": after.days}),
        Cause("one_off", printed - (end - start), _one_off_facts(earlier, later)),
    )
    return tuple(cause for cause in causes if cause.cents)


def _statement(state: LineState, number: int) -> StatementState:
    return state.statements[number - 1]


def _cycle(segments: Sequence[InterestSegment], statement: StatementState) -> _Cycle:
    principal_days = rate_days = 0
    for segment in segments:
        if statement.cycle_start <= segment.from_day <= statement.cycle_end:
            principal_days += segment.principal_cents * segment.days
            rate_days += segment.principal_cents * segment.apr_bp * segment.days
    days = (statement.cycle_end - statement.cycle_start).days + 1
    return _Cycle(days, principal_days, rate_days, statement.figures.apr_bp)


def _cents(average: Fraction, rate_bp: Fraction, days: int) -> int:
    exact = average * rate_bp * days / (BASIS_POINTS * DAYS_PER_YEAR)
    return round_half_up(exact.numerator, exact.denominator)


def _balance_facts(
    state: LineState, earlier: StatementState, later: StatementState, before: _Cycle, after: _Cycle
) -> dict[str, Fact]:
    """Averages, and the draw and the payment that moved the average balance most from one cycle to the other."""
    facts: dict[str, Fact] = {
        "earlier_average_cents": round_half_up(before.principal_days, before.days),
        "later_average_cents": round_half_up(after.principal_days, after.days),
    }
    draws = [
        (_pull(d.settled_on, d.amount_cents, earlier, later), d.amount_cents, d.draw_id, d.settled_on)
        for d in state.draws.values()
        if d.settled_on is not None and earlier.cycle_start < d.settled_on <= later.cycle_end
    ]
    if draws:
        _, cents, draw_id, on = max(draws)
        facts |= {"draw_id": draw_id, "draw_cents": cents, "draw_on": on, "draws": len(draws)}
    payments = [
        (_pull(p.received_on, p.amount_cents, earlier, later), p.amount_cents, p.payment_id, p.received_on)
        for p in state.payments.values()
        if p.allocation is not None
        and p.received_on is not None
        and earlier.cycle_start < p.received_on <= later.cycle_end
    ]
    if payments:
        _, cents, payment_id, on = max(payments)
        facts |= {"payment_id": payment_id, "payment_cents": cents, "payment_on": on}
        facts["payments"] = len(payments)
    return facts


def _pull(on: date, cents: int, earlier: StatementState, later: StatementState) -> Fraction:
    """By how much a movement of that day moves the later average balance more than the earlier one."""

    def share(cycle: StatementState) -> Fraction:
        days = (cycle.cycle_end - cycle.cycle_start).days + 1
        present = (cycle.cycle_end - max(on, cycle.cycle_start)).days + 1
        return Fraction(max(0, present), days)

    return cents * (share(later) - share(earlier))


def _rate_facts(before: _Cycle, after: _Cycle) -> dict[str, Fact]:
    return {
        "earlier_apr_bp": round_half_up(before.rate.numerator, before.rate.denominator),
        "later_apr_bp": round_half_up(after.rate.numerator, after.rate.denominator),
    }


def _one_off_facts(earlier: StatementState, later: StatementState) -> dict[str, Fact]:
    return {
        "earlier_printed_cents": earlier.figures.interest_cents,
        "earlier_true_cents": earlier.interest_cents,
        "later_printed_cents": later.figures.interest_cents,
        "later_true_cents": later.interest_cents,
    }
