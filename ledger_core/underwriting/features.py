"""What the model may know of a borrower: six months of how a revolving line was used and paid.

Every feature is a whole number derived from `Observation` and from nothing else: no name, age, sex, family,
origin, address or language, and no trace of a right that was used (disputed amounts and the minimums they
would have asked for are left out before an observation is made). Sources: 12 CFR 1002.4, 1002.6(b).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from ledger_core.money import BASIS_POINTS

MONTHS: Final = 6
_UTILISATION_MAX_BP = 2 * BASIS_POINTS
_SHARE_MAX_BP = 5 * BASIS_POINTS
_LATE_MAX = 8


@dataclass(frozen=True, slots=True)
class Month:
    """One closed cycle as it stood on its closing day."""

    missed: int
    """minimums past due and unpaid on that day"""
    balance_cents: int
    """what the statement asked for in all, disputed amounts left out; negative is a credit balance"""
    paid_cents: int
    """received during the cycle"""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is looked at. `months` has six entries, the newest first."""

    limit_cents: int
    limit_rank_permille: int
    """the share of comparable lines whose limit is smaller"""
    months: tuple[Month, ...]


def contradictions(observation: Observation) -> tuple[str, ...]:
    """What cannot be so, by stable names, in order; none for an observation to score.

    months_not_six, limit_not_positive, rank_out_of_range, missed_negative, paid_negative, missed_jumps (a cycle adds
    one missed minimum at most).
    """
    months = observation.months
    found = {
        "months_not_six": len(months) != MONTHS,
        "limit_not_positive": observation.limit_cents <= 0,
        "rank_out_of_range": not 0 <= observation.limit_rank_permille <= 1000,
        "missed_negative": any(month.missed < 0 for month in months),
        "paid_negative": any(month.paid_cents < 0 for month in months),
        "missed_jumps": any(newer.missed > older.missed + 1 for newer, older in pairwise(months)),
    }
    return tuple(name for name, wrong in found.items() if wrong)


@dataclass(frozen=True, slots=True)
class Feature:
    """One input of the model, and the direction the model is held to."""

    name: str
    direction: Literal[-1, 0, 1]
    """1: more of it never lowers the risk; -1: never raises it; 0: free"""
    reason: str
    """the principal reason of an adverse action that it stands for (`reasons.py`)"""
    of: Callable[[Observation], int]


def used_share_bp(seen: Observation) -> int:
    """Balance over limit on average, in basis points; a credit balance counts as none."""
    balances = sum(max(0, month.balance_cents) for month in seen.months)
    return balances * BASIS_POINTS // (MONTHS * seen.limit_cents)


def vector(observation: Observation) -> tuple[int, ...]:
    """The features in the order of `FEATURES`."""
    return tuple(feature.of(observation) for feature in FEATURES)


def _missed(month: int) -> Callable[[Observation], int]:
    return lambda o: _late(o)[month]


def _utilisation(month: int) -> Callable[[Observation], int]:
    return lambda o: _bp(o.months[month].balance_cents, o.limit_cents, _UTILISATION_MAX_BP)


def _paid_of_limit(month: int) -> Callable[[Observation], int]:
    return lambda o: _bp(o.months[month].paid_cents, o.limit_cents, _SHARE_MAX_BP)


def _late(o: Observation) -> list[int]:
    return [min(month.missed, _LATE_MAX) for month in o.months]


def _recent_weighted(o: Observation) -> int:
    """Missed minimums, the newest month counting six times the oldest."""
    return sum(late * (MONTHS - n) for n, late in enumerate(_late(o)))


def _since_missed(o: Observation) -> int:
    return next((n for n, late in enumerate(_late(o)) if late), MONTHS)


def _utilisations(o: Observation) -> list[int]:
    return [_bp(month.balance_cents, o.limit_cents, _UTILISATION_MAX_BP) for month in o.months]


def _utilisation_trend(o: Observation) -> int:
    used = _utilisations(o)
    return used[0] - sum(used[3:]) // 3


def _paid_share(o: Observation) -> int:
    """What was paid in five months, of what the five statements before asked for."""
    asked = sum(max(0, month.balance_cents) for month in o.months[1:])
    paid = sum(month.paid_cents for month in o.months[:-1])
    return _bp(paid, max(asked, o.limit_cents // 100), _SHARE_MAX_BP)


def _paid_last(o: Observation) -> int:
    asked = o.months[1].balance_cents
    return BASIS_POINTS if asked <= 0 else _bp(o.months[0].paid_cents, asked, _SHARE_MAX_BP)


def _bp(part: int, whole: int, most: int) -> int:
    return max(-most, min(most, part * BASIS_POINTS // whole))


def _mean(values: Sequence[int]) -> int:
    return sum(values) // len(values)


FEATURES: Final = (
    Feature("missed_1", 1, "past_due_now", _missed(0)),
    Feature("missed_2", 1, "past_due_lately", _missed(1)),
    Feature("missed_3", 1, "past_due_lately", _missed(2)),
    Feature("missed_worst", 1, "past_due_depth", lambda o: max(_late(o))),
    Feature("missed_months", 1, "past_due_often", lambda o: sum(late > 0 for late in _late(o))),
    Feature("missed_weighted", 1, "past_due_lately", _recent_weighted),
    Feature("months_since_missed", -1, "past_due_lately", _since_missed),
    Feature("utilisation_1", 0, "balance_to_limit", _utilisation(0)),
    Feature("utilisation_mean", 0, "balance_to_limit", lambda o: _mean(_utilisations(o))),
    Feature("utilisation_most", 0, "balance_to_limit", lambda o: max(_utilisations(o))),
    Feature("utilisation_trend", 0, "balance_rising", _utilisation_trend),
    Feature("months_owing", 0, "use_of_credit", lambda o: sum(m.balance_cents > 0 for m in o.months)),
    Feature("months_in_credit", 0, "use_of_credit", lambda o: sum(m.balance_cents <= 0 for m in o.months[:3])),
    Feature("paid_of_limit_1", -1, "payments_small", _paid_of_limit(0)),
    Feature("paid_of_limit_2", -1, "payments_small", _paid_of_limit(1)),
    Feature("paid_of_limit_3", -1, "payments_small", _paid_of_limit(2)),
    Feature("paid_of_limit_mean", -1, "payments_small",
            lambda o: _mean([_paid_of_limit(n)(o) for n in range(MONTHS)])),
    Feature("paid_of_limit_least", -1, "payments_small",
            lambda o: min(_paid_of_limit(n)(o) for n in range(MONTHS))),
    Feature("paid_of_asked", -1, "payments_small_to_balance", _paid_share),
    Feature("paid_of_asked_last", -1, "payments_small_to_balance", _paid_last),
    Feature("limit_rank", -1, "limit_history", lambda o: o.limit_rank_permille),
)  # fmt: skip
