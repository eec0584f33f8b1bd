"""How good a score is and how alike two populations are: plain numpy, one function a measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auc(score: Numbers, bad: Flags) -> float:
    """The chance that a bad one scores above a good one; ties count half."""
    ranks = _mid_ranks(score)
    bads = int(bad.sum())
    goods = len(bad) - bads
    return float((ranks[bad].sum() - bads * (bads + 1) / 2) / (bads * goods))


def auc_interval(score: Numbers, bad: Flags) -> tuple[float, float]:
    """The 95 % interval of DeLong, DeLong and Clarke-Pearson (1988)."""
    above = _mid_ranks(score)
    of_bad = (above[bad] - _mid_ranks(score[bad])) / (~bad).sum()
    of_good = 1 - (above[~bad] - _mid_ranks(score[~bad])) / bad.sum()
    spread = 1.96 * (of_bad.var(ddof=1) / bad.sum() + of_good.var(ddof=1) / (~bad).sum()) ** 0.5
    middle = auc(score, bad)
    return float(middle - spread), float(middle + spread)


def calibration_error(chance: Numbers, bad: Flags, bins: int = 10) -> float:
    """The expected calibration error over bins of equal count."""
    order = np.argsort(chance, kind="stable")
    gaps = [
        len(part) * abs(float(chance[part].mean()) - float(bad[part].mean()))
        for part in np.array_split(order, bins)
    ]
    return sum(gaps) / len(bad)


def isotonic(score: Numbers, bad: Flags, least: int) -> list[tuple[float, float]]:
    """Steps (from this score on, chance) that never fall, each over `least` rows or more.

    Pool adjacent violators over blocks of `least` rows.
    """
    order = np.argsort(score, kind="stable")
    pools: list[list[float]] = []
    for part in np.array_split(order, max(1, len(order) // least)):
        pools.append([float(score[part[0]]), float(bad[part].sum()), float(len(part))])
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            _, bads, rows = pools.pop()
            pools[-1][1] += bads
            pools[-1][2] += rows
    return [(start, bads / rows) for start, bads, rows in pools]


def at_steps(steps: Sequence[tuple[float, float]], score: Numbers) -> Numbers:
    """The chance that the steps give each score."""
    starts = np.array([start for start, _ in steps])
    chances = np.array([chance for _, chance in steps])
    found: Numbers = chances[np.maximum(0, np.searchsorted(starts, score, side="right") - 1)]
    return found


def population_stability(expected: Sequence[int], actual: Sequence[int]) -> float:
    """PSI between two counts over the same bins; an empty bin counts as half a row."""
    shares = [
        np.maximum(np.asarray(counts, dtype=np.float64), 1 / 2) / max(1, sum(counts))
        for counts in (expected, actual)
    ]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def share_interval(bad: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of Wilson (1927) for a share seen among rows > 0."""
    square = 1.96**2
    share = bad / rows
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    spread = (square * (share * (1 - share) / rows + square / (4 * rows**2))) ** 0.5 / (1 + square / rows)
    return middle - spread, middle + spread


def stratified_folds(
    bad: Flags, folds: int, seed: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """(train, test) row numbers; each fold holds its share of good and bad."""
    random = np.random.default_rng(seed)
    fold_of = np.empty(len(bad), dtype=np.intp)
    for flag in (False, True):
        rows = np.flatnonzero(bad == flag)
        fold_of[random.permutation(rows)] = np.arange(len(rows)) % folds
    for fold in range(folds):
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)


def _mid_ranks(values: Numbers) -> Numbers:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Numbers = (last - (counts - 1) / 2)[inverse]
    return ranks
