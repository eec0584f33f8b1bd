"""The shipped boxes: exact, monotone, and what their card says."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.underwriting.assessment import feature_names, shipped
from ledger_core.underwriting.features import FEATURES, Month, Observation, vector
from ledger_core.underwriting.model import ARTEFACTS, ArtefactRefused, Model, load
from ledger_core.underwriting.trees import boxes_of

months = st.builds(
    Month,
    missed=st.integers(0, 6),
    balance_cents=st.integers(-5_000, 600_000),
    paid_cents=st.integers(0, 500_000),
)
observations = st.builds(
    Observation,
    limit_cents=st.integers(20_000, 500_000),
    limit_rank_permille=st.integers(0, 1000),
    months=st.lists(months, min_size=6, max_size=6).map(tuple),
)

Tree = dict[str, Any]


def leaf(value: float, rows: int) -> Tree:
    return {"leaf_value": value, "leaf_count": rows}


def split(feature: int, threshold: float, left: Tree, right: Tree) -> Tree:
    rows = sum(child.get("internal_count", child.get("leaf_count")) for child in (left, right))
    return {
        "split_feature": feature, "threshold": threshold, "decision_type": "<=",
        "left_child": left, "right_child": right, "internal_count": rows,
    }  # fmt: skip


SMALL = [
    split(
        0, 1.5, split(1, 10.5, leaf(0.5, 30), leaf(-0.25, 10)), split(0, 3.5, leaf(1.0, 40), leaf(2.0, 20))
    ),
    split(2, 0.0, leaf(-1.0, 50), split(1, 4.5, split(2, 7.5, leaf(0.1, 5), leaf(0.2, 15)), leaf(0.75, 30))),
]


def small_model() -> Model:
    boxes = boxes_of([{"tree_structure": tree} for tree in SMALL])
    return Model(
        {
            "version": "small",
            "features": ["a", "b", "c"],
            "boxes": boxes,
            "calibration": [[0, 500_000]],
            "bins": [],
        }
    )


def expectation(node: Tree, x: tuple[int, ...], known: frozenset[int]) -> Fraction:
    """What a tree says when only some features are known: the definition of path-dependent tree SHAP."""
    if "split_feature" not in node:
        return Fraction(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expectation(left if x[node["split_feature"]] <= node["threshold"] else right, x, known)
    rows = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
    parts = [expectation(child, x, known) * n for child, n in zip((left, right), rows, strict=True)]
    return sum(parts, Fraction(0)) / sum(rows)


def brute_force(x: tuple[int, ...]) -> list[Fraction]:
    """Shapley values by their definition: all coalitions of all features."""
    n = len(x)

    def worth(known: frozenset[int]) -> Fraction:
        return sum((expectation(tree, x, known) for tree in SMALL), Fraction(0))

    def value(feature: int) -> Fraction:
        others = [f for f in range(n) if f != feature]
        total = Fraction(0)
        for size in range(n):
            share = Fraction(factorial(size) * factorial(n - size - 1), factorial(n))
            for chosen in combinations(others, size):
                known = frozenset(chosen)
                total += share * (worth(known | {feature}) - worth(known))
        return total

    return [value(feature) for feature in range(n)]


@given(st.tuples(st.integers(0, 5), st.integers(0, 14), st.integers(-2, 10)))
def test_contributions_are_the_shapley_values_of_all_coalitions(x: tuple[int, int, int]) -> None:
    exact = [round(value * 1_000_000) for value in brute_force(x)]
    said = small_model().score(x).contributions
    assert all(abs(a - b) <= 1 for a, b in zip(said, exact, strict=True)), (said, exact)


@given(st.tuples(st.integers(0, 5), st.integers(0, 14), st.integers(-2, 10)))
def test_the_score_is_what_the_trees_say(x: tuple[int, int, int]) -> None:
    everything = frozenset(range(3))
    said = sum((expectation(tree, x, everything) for tree in SMALL), Fraction(0))
    assert small_model().score(x).micrologits == round(said * 1_000_000)


@given(observations)
@settings(max_examples=60, deadline=None)
def test_contributions_add_up_to_the_score(observation: Observation) -> None:
    model = shipped("pd_v1")
    score = model.score(vector(observation))
    assert abs(model.expected_micrologits + sum(score.contributions) - score.micrologits) <= len(FEATURES)


@given(observations, st.integers(0, len(FEATURES) - 1), st.integers(1, 5_000))
@settings(max_examples=150, deadline=None)
def test_more_of_a_bad_sign_never_lowers_the_risk(observation: Observation, index: int, more: int) -> None:
    direction = FEATURES[index].direction
    if not direction:
        return
    before = list(vector(observation))
    after = before.copy()
    after[index] += more
    model = shipped("pd_v1")
    change = model.score(after).micrologits - model.score(before).micrologits
    assert change * direction >= -len(before)
    chances = [model.score(x).default_ppm for x in (before, after)]
    assert (chances[1] - chances[0]) * direction >= 0


def test_the_same_features_give_the_same_score_to_the_last_digit() -> None:
    steady = Observation(100_000, 300, tuple(Month(0, 40_000, 5_000) for _ in range(6)))
    late = Observation(100_000, 300, tuple(Month(2, 95_000, 0) for _ in range(6)))
    model = shipped("pd_v1")
    assert model.score(vector(steady)) == model.score(vector(steady))
    assert model.score(vector(steady)).default_ppm < 200_000 < 500_000 < model.score(vector(late)).default_ppm


def test_the_calibrated_chance_never_falls_as_the_score_rises() -> None:
    model = shipped("pd_v1")
    chances = [model.default_ppm(score) for score in range(-5_000_000, 4_000_000, 10_000)]
    assert chances == sorted(chances)
    assert 0 < chances[0] < chances[-1] < 1_000_000


def test_an_artefact_that_is_not_its_cards_is_refused(tmp_path: Path) -> None:
    for name in ("pd_v1.json", "pd_v1.card.json"):
        shutil.copy(ARTEFACTS / name, tmp_path / name)
    assert load("pd_v1", tmp_path, features=feature_names()).version == "pd_v1"
    touched = (tmp_path / "pd_v1.json").read_bytes().replace(b'"boxes":[[', b'"boxes":[[ ', 1)
    (tmp_path / "pd_v1.json").write_bytes(touched)
    with pytest.raises(ArtefactRefused, match="not the one its card describes"):
        load("pd_v1", tmp_path, features=feature_names())


def test_an_artefact_for_other_features_is_refused() -> None:
    with pytest.raises(ArtefactRefused, match="other features"):
        load("pd_v1", features=[*feature_names()][:-1])


def test_a_missing_artefact_is_named() -> None:
    with pytest.raises(ArtefactRefused, match="pd_v9"):
        load("pd_v9", features=feature_names())


def test_the_card_reports_what_the_model_must_reach() -> None:
    card = json.loads((ARTEFACTS / "pd_v1.card.json").read_text())
    assert card["measured"]["auc"] >= 0.784
    assert card["measured"]["calibration_error"] <= 0.01
    assert {"sex", "age"} == set(card["fairness_german"])
