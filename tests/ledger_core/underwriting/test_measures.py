"""Measures against their definitions, and the training script where its library is installed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from ledger_core.underwriting import measures
from ledger_core.underwriting.model import ARTEFACTS, content_hash


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    random = np.random.default_rng(7)
    score = random.integers(0, 30, 200).astype(float)
    bad = random.random(200) < 0.3
    pairs = [(b > g) + (b == g) / 2 for b in score[bad] for g in score[~bad]]
    assert measures.auc(score, bad) == pytest.approx(sum(pairs) / len(pairs))


def test_the_interval_of_auc_covers_it_and_narrows_with_more_rows() -> None:
    random = np.random.default_rng(11)
    widths = []
    for rows in (500, 8_000):
        bad = random.random(rows) < 0.25
        score = random.normal(size=rows) + bad
        low, high = measures.auc_interval(score, bad)
        assert low < measures.auc(score, bad) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 3


def test_isotonic_steps_rise_and_keep_the_number_of_bad_ones() -> None:
    random = np.random.default_rng(3)
    score = random.normal(size=3_000)
    bad = random.random(3_000) < 1 / (1 + np.exp(-score))
    steps = measures.isotonic(score, bad, 100)
    chances = [chance for _, chance in steps]
    assert chances == sorted(chances)
    assert measures.at_steps(steps, score).sum() == pytest.approx(bad.sum())
    assert measures.calibration_error(measures.at_steps(steps, score), bad) < 0.02


def test_alike_populations_are_stable_and_others_are_not() -> None:
    assert measures.population_stability([100] * 10, [50] * 10) == pytest.approx(0)
    assert measures.population_stability([100] * 10, [10] * 5 + [190] * 5) > 0.25
    assert measures.population_stability([10, 10], [20, 0]) < 5


def test_folds_hold_their_share_and_every_row_once() -> None:
    bad = np.arange(1_000) % 5 == 0
    seen = np.zeros(1_000, dtype=int)
    for train, test in measures.stratified_folds(bad, 5, 1):
        seen[test] += 1
        assert bad[test].sum() == 40
        assert not set(train) & set(test)
    assert (seen == 1).all()


@pytest.mark.skipif(importlib.util.find_spec("lightgbm") is None, reason="needs the train dependencies")
@pytest.mark.skipif("CASHLINE_DATA" not in os.environ, reason="needs CASHLINE_DATA")
@pytest.mark.parametrize("version", ["pd_v1", "pd_v2"])
def test_the_same_data_grow_the_same_artefact(tmp_path: Path, version: str) -> None:
    from ledger_core.underwriting.train import train

    train(Path(os.environ["CASHLINE_DATA"]), tmp_path, version)
    again, shipped = ((folder / f"{version}.json").read_bytes() for folder in (tmp_path, ARTEFACTS))
    assert content_hash(again) == content_hash(shipped)
