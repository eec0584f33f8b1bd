"""Whether the model still fits the people it scores: drift, calibration, decisions by group, the challenger. Pure.

Shares are in permille and chances in parts per million, so that a page and a test say the same. What cannot be
said for want of rows is None.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from ledger_core.money import round_half_up
from ledger_core.underwriting import measures
from ledger_core.underwriting.features import FEATURES
from ledger_core.underwriting.policy import CreditPolicy
from ledger_core.underwriting.record import CreditDecision

LEAST_LINES: Final = 30
"""below it no drift is said"""
LEAST_OF_EACH: Final = 30
"""good and bad outcomes that an AUC stands on"""
ASKED_FOR: Final = ("application", "limit_request")
"""kinds of decisions that somebody asked for: of these an approval rate is said"""
_NAMES: Final = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True, slots=True)
class Seen:
    """A line with six closed cycles as the models saw it at a month's end, and what followed."""

    line_id: str
    product_id: str
    state_code: str
    features: tuple[int, ...]
    micrologits: int
    default_ppm: int
    challenger_micrologits: int | None
    challenger_ppm: int | None
    missed_next: bool | None
    """whether the minimum it then owed stood unpaid at the next close; None while that lies ahead"""


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The lines of a month's end."""

    on: date
    seen: tuple[Seen, ...]
    too_young: int
    """open lines with fewer than six closed cycles: not scored"""


@dataclass(frozen=True, slots=True)
class Drift:
    """The population stability index, in thousandths."""

    lines: int
    psi_milli: int | None
    by_chance_milli: int | None
    """what so few lines give on average when nothing has moved: (bins - 1) over lines"""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was said of lines whose next month is known, and what was seen."""

    on: date
    lines: int
    missed: int
    said_permille: int | None
    seen_permille: int | None
    interval_permille: tuple[int, int] | None
    """95 % of Wilson"""


@dataclass(frozen=True, slots=True)
class Tally:
    """How decisions went."""

    decided: int
    approved: int
    counter_offers: int
    declined: int

    @property
    def approved_permille(self) -> int | None:
        """Approved as asked; a counter-offer is none."""
        return permille(self.approved, self.decided)


@dataclass(frozen=True, slots=True)
class Swap:
    """Lines that one model would let pass and the other would not."""

    lines: int
    known: int
    missed: int


@dataclass(frozen=True, slots=True)
class Versus:
    """Champion and challenger on the same lines."""

    lines: int
    same_grade: int
    both_in: Swap
    swapped_in: Swap
    """the challenger alone lets pass"""
    swapped_out: Swap
    """the champion alone lets pass"""
    both_out: Swap
    champion_auc: tuple[int, int, int] | None
    """AUC with its 95 % interval, in ten-thousandths"""
    challenger_auc: tuple[int, int, int] | None


def permille(part: int, whole: int) -> int | None:
    """The share, half up; None of nothing."""
    return round_half_up(1000 * part, whole) if whole else None


def score_drift(bins: Sequence[int], seen: Sequence[Seen]) -> Drift:
    """Scores now against training, in the artefact's bins: as many training rows in each."""
    return _drift(bins, [1000] * (len(bins) + 1), [line.micrologits for line in seen])


def feature_drift(card_bins: Mapping[str, Any], seen: Sequence[Seen]) -> dict[str, Drift]:
    """By name, the features that the card keeps the training spread of."""
    return {
        name: _drift(kept["cuts"], kept["rows"], [line.features[_NAMES.index(name)] for line in seen])
        for name, kept in card_bins.items()
    }


def _drift(cuts: Sequence[int], expected: Sequence[int], values: Sequence[int]) -> Drift:
    if len(values) < LEAST_LINES:
        return Drift(len(values), None, None)
    counts = Counter(bisect_left(cuts, value) for value in values)
    psi = measures.population_stability(expected, [counts[n] for n in range(len(cuts) + 1)])
    return Drift(len(values), round(psi * 1000), round_half_up(1000 * len(cuts), len(values)))


def calibration(month: MonthEnd) -> Calibration:
    """The mean chance said at a month's end against the share that missed the minimum next due."""
    known = [line for line in month.seen if line.missed_next is not None]
    missed = sum(line.missed_next is True for line in known)
    if not known:
        return Calibration(month.on, 0, 0, None, None, None)
    low, high = measures.share_interval(missed, len(known))
    return Calibration(
        on=month.on,
        lines=len(known),
        missed=missed,
        said_permille=round_half_up(sum(line.default_ppm for line in known), 1000 * len(known)),
        seen_permille=permille(missed, len(known)),
        interval_permille=(round(low * 1000), round(high * 1000)),
    )


def month_of(decision: CreditDecision) -> str:
    return f"{decision.decided_on:%Y-%m}"


def tally(decisions: Iterable[CreditDecision]) -> Tally:
    """Of those that somebody asked for; reviews and draws are left out."""
    outcomes = Counter(decision.outcome for decision in decisions if decision.kind in ASKED_FOR)
    return Tally(
        outcomes.total(), outcomes["approved"], outcomes["counter_offer"], outcomes["declined"]
    )  # fmt: skip


def grouped(
    decisions: Iterable[CreditDecision], by: Callable[[CreditDecision], str]
) -> dict[str, list[CreditDecision]]:
    """In the order of the groups' names."""
    found: dict[str, list[CreditDecision]] = {}
    for decision in decisions:
        found.setdefault(by(decision), []).append(decision)
    return dict(sorted(found.items()))


def reasons(decisions: Iterable[CreditDecision]) -> Counter[str]:
    """How many decisions name each principal reason."""
    return Counter(code for decision in decisions for code in decision.reasons)


def reviews(decisions: Iterable[CreditDecision]) -> tuple[int, int]:
    """(offered, lowered) unasked: a review that lowers says why, one that offers need not."""
    asked = [decision for decision in decisions if decision.kind == "limit_review"]
    lowered = sum(bool(decision.reasons) for decision in asked)
    return len(asked) - lowered, lowered


def paths(decisions: Iterable[CreditDecision]) -> Counter[tuple[str, str]]:
    """How many went each path, and why those without a score had none."""
    return Counter((decision.path, decision.why_conservative or "") for decision in decisions)


def latency_us(decisions: Sequence[CreditDecision]) -> tuple[int, int] | None:
    """(p50, p99) by nearest rank."""
    if not decisions:
        return None
    times = sorted(decision.latency_us for decision in decisions)
    return times[-(-len(times) // 2) - 1], times[-(-99 * len(times) // 100) - 1]


def versus(seen: Iterable[Seen], policy: CreditPolicy) -> Versus:
    """On lines that both have scored. A model lets a line pass in a grade whose limit may be raised."""
    both = [line for line in seen if line.challenger_ppm is not None]
    ins = {grade.grade for grade in policy.grades if grade.raise_share_bp}
    sets: dict[tuple[bool, bool], list[Seen]] = {}
    same = 0
    for line in both:
        assert line.challenger_ppm is not None
        grades = policy.grade_of(line.default_ppm).grade, policy.grade_of(line.challenger_ppm).grade
        same += grades[0] == grades[1]
        sets.setdefault((grades[0] in ins, grades[1] in ins), []).append(line)
    known = [line for line in both if line.missed_next is not None]
    return Versus(
        lines=len(both),
        same_grade=same,
        both_in=_swap(sets.get((True, True), [])),
        swapped_in=_swap(sets.get((False, True), [])),
        swapped_out=_swap(sets.get((True, False), [])),
        both_out=_swap(sets.get((False, False), [])),
        champion_auc=_auc([line.micrologits for line in known], known),
        challenger_auc=_auc([line.challenger_micrologits or 0 for line in known], known),
    )


def _swap(lines: Sequence[Seen]) -> Swap:
    known = [line.missed_next for line in lines if line.missed_next is not None]
    return Swap(len(lines), len(known), sum(known))


def _auc(scores: Sequence[int], known: Sequence[Seen]) -> tuple[int, int, int] | None:
    bad = np.array([line.missed_next is True for line in known], dtype=np.bool_)
    if min(bad.sum(), len(bad) - bad.sum()) < LEAST_OF_EACH:
        return None
    score = np.array(scores, dtype=np.float64)
    return _tens(measures.auc(score, bad)), *map(_tens, measures.auc_interval(score, bad))  # type: ignore[return-value]


def _tens(value: float) -> int:
    return round(value * 10_000)
