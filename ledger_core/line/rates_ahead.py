"""Interest of days to come, as rates will stand if no fact changes them."""

from collections.abc import Iterator, Mapping
from datetime import date

from ledger_core.line.state import LineState
from ledger_core.money import daily_interest_microcents


def rates_on(state: LineState, on: date) -> Mapping[str, int]:
    """The rates by bucket on a day to come; those in force for an earlier one."""
    ahead = state.rates_ahead
    return next((rates for from_on, rates in reversed(ahead) if from_on <= on), ahead[0].apr_bp_by_bucket)


def stretches(state: LineState, first_day: date, until: date) -> Iterator[tuple[int, Mapping[str, int]]]:
    """The days from `first_day` before `until`, in stretches of one rate per bucket: how many, and the rates.

    first_day: not before the first day not yet accrued.
    """
    ahead = state.rates_ahead
    for n, (from_on, rates) in enumerate(ahead):
        starts = max(first_day, from_on)
        ends = min(until, ahead[n + 1].from_on) if n + 1 < len(ahead) else until
        if starts < ends:
            yield (ends - starts).days, rates


def interest_between(state: LineState, first_day: date, until: date) -> dict[str, int]:
    """Micro-cents by bucket for the days from `first_day` before `until`, on the principal owed now."""
    microcents = dict.fromkeys(state.principal_by_bucket, 0)
    for days, rates in stretches(state, first_day, until):
        for bucket, cents in state.principal_by_bucket.items():
            if cents:
                microcents[bucket] += daily_interest_microcents(cents, rates[bucket]) * days
    return microcents
