"""Outcomes by group: the four-fifths ratio and the equal-opportunity gap, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
_DRAWS: Final = 1000


def by_group(
    groups: NDArray[np.str_], approved: Flags, bad: Flags, reference: str, seed: int
) -> dict[str, Any]:
    """For each group against the reference one: rows, approval rate, its ratio to the reference's (four fifths
    is the mark of 29 CFR 1607.4(D)), and how much less often its good payers are approved.

    Intervals are 95 % of a bootstrap over rows.
    """
    found: dict[str, Any] = {}
    for group in sorted(set(groups)):
        member = groups == group
        found[group] = {"rows": int(member.sum()), "approved": round(float(approved[member].mean()), 4)}
        if group != reference:
            found[group] |= _against(member, groups == reference, approved, bad, seed)
    return found


def _against(member: Flags, reference: Flags, approved: Flags, bad: Flags, seed: int) -> dict[str, Any]:
    def ratio(a: NDArray[np.intp], b: NDArray[np.intp]) -> float:
        return float(approved[a].mean() / approved[b].mean())

    def gap(a: NDArray[np.intp], b: NDArray[np.intp]) -> float:
        return float(approved[b][~bad[b]].mean() - approved[a][~bad[a]].mean())

    mine, theirs = np.flatnonzero(member), np.flatnonzero(reference)
    return {
        "approval_ratio": _with_interval(ratio, mine, theirs, seed),
        "equal_opportunity_gap": _with_interval(gap, mine, theirs, seed),
    }


def _with_interval(
    measure: Callable[[NDArray[np.intp], NDArray[np.intp]], float],
    mine: NDArray[np.intp],
    theirs: NDArray[np.intp],
    seed: int,
) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    drawn = [
        measure(random.choice(mine, len(mine)), random.choice(theirs, len(theirs))) for _ in range(_DRAWS)
    ]
    low, high = np.percentile(drawn, (5 / 2, 195 / 2))
    return {
        "value": round(measure(mine, theirs), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
    }
