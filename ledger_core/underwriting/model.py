"""The scoring model as shipped: boxes of whole numbers, evaluated without the library that grew them.

A boosted tree is the sum of its leaves, and a leaf is a box: for each feature on its path an interval that the
value must lie in. The score is the sum of the boxes that hold the borrower, in micro-logits, so that the same
features give the same score to the last digit on any machine, years later.

The contribution of a feature is its Shapley value in the path-dependent sense of tree SHAP (Lundberg, 2020):
a feature that is not known counts with the share of the training rows that went the leaf's way. In one box the
factors are independent, so the Shapley sum is the integral over t from 0 to 1 of a polynomial in t, which a
Gauss-Legendre rule of enough nodes gives exactly.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from ledger_core.errors import CashLineError

ARTEFACTS: Final = Path(__file__).parent / "artefacts"
WEIGHT_ONE: Final = 10**9
"""box weights are shares in billionths"""
MICRO: Final = 10**6


class ArtefactRefused(CashLineError):
    """The artefact is missing, is not what its card says, or does not fit the features of this code."""

    code = "model_artefact_refused"


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of one borrower."""

    micrologits: int
    default_ppm: int
    """calibrated chance of default, parts per million"""
    contributions: tuple[int, ...]
    """micro-logits by feature; with `Model.expected_micrologits` they add up to the score, up to rounding"""


class Model:
    """An artefact, loaded and checked. Immutable; safe to share between threads."""

    def __init__(self, artefact: dict[str, Any]) -> None:
        self.version: str = artefact["version"]
        self.feature_names: tuple[str, ...] = tuple(artefact["features"])
        boxes = artefact["boxes"]
        self._value = np.array([box[0] for box in boxes], dtype=np.int64)
        depth = max(len(box) - 1 for box in boxes)
        shape = (depth, len(boxes))
        # An unused slot holds everything, always: feature 0, no bounds, weight one.
        self._feature = np.zeros(shape, dtype=np.intp)
        self._above = np.full(shape, np.iinfo(np.int64).min, dtype=np.int64)
        self._upto = np.full(shape, np.iinfo(np.int64).max, dtype=np.int64)
        self._weight = np.ones(shape)
        for column, (_, *sides) in enumerate(boxes):
            for slot, (feature, above, upto, weight) in enumerate(sides):
                self._feature[slot, column] = feature
                if above is not None:
                    self._above[slot, column] = above
                if upto is not None:
                    self._upto[slot, column] = upto
                self._weight[slot, column] = weight / WEIGHT_ONE
        nodes, weights = leggauss((depth + 1) // 2)
        self._nodes = (nodes + 1) / 2
        self._node_weights = weights / 2
        self.expected_micrologits = round(float((self._value * self._weight.prod(axis=0)).sum()))
        self.bins: tuple[int, ...] = tuple(artefact["bins"])
        """upper ends of ten bins of scores, equally many training rows in each"""
        self._steps: list[int] = [score for score, _ in artefact["calibration"]]
        self._ppm: list[int] = [ppm for _, ppm in artefact["calibration"]]

    def score(self, features: Sequence[int]) -> Score:
        """Score, calibrated chance of default, and the exact contribution of each feature."""
        inside = self._inside(features)
        micrologits = int(self._value[inside.all(axis=0)].sum())
        return Score(micrologits, self.default_ppm(micrologits), self._contributions(inside))

    def micrologits(self, features: Sequence[int]) -> int:
        """The score alone, for watching: no contributions, a small part of the time."""
        return int(self._value[self._inside(features).all(axis=0)].sum())

    def _inside(self, features: Sequence[int]) -> NDArray[np.bool_]:
        """For each side of each box, whether the value lies in it."""
        x = np.asarray(features, dtype=np.int64)
        assert x.shape == (len(self.feature_names),)
        values = x[self._feature]
        inside: NDArray[np.bool_] = (values > self._above) & (values <= self._upto)
        return inside

    def default_ppm(self, micrologits: int) -> int:
        """The chance of default that was seen at such scores, from the calibration table."""
        return self._ppm[max(0, bisect_right(self._steps, micrologits) - 1)]

    def _contributions(self, inside: NDArray[np.bool_]) -> tuple[int, ...]:
        step = inside - self._weight
        total = np.zeros(self._weight.shape)
        for node, weight in zip(self._nodes, self._node_weights, strict=True):
            # Shares are above zero and the nodes lie within (0, 1): no factor is zero.
            factors = self._weight + node * step
            total += weight * factors.prod(axis=0) / factors
        per_side = self._value * step * total
        sums = np.bincount(self._feature.ravel(), per_side.ravel(), minlength=len(self.feature_names))
        return tuple(int(value) for value in np.rint(sums))


def content_hash(artefact: bytes) -> str:
    """By which a card names its artefact, and a decision its model."""
    return hashlib.sha256(artefact).hexdigest()


def load(version: str, folder: Path = ARTEFACTS, *, features: Sequence[str]) -> Model:
    """The model of that version. Raises ArtefactRefused, saying what does not fit."""
    try:
        raw = (folder / f"{version}.json").read_bytes()
        card = json.loads((folder / f"{version}.card.json").read_bytes())
    except (FileNotFoundError, json.JSONDecodeError) as failure:
        raise ArtefactRefused(f"model {version}: {failure}") from failure
    if content_hash(raw) != card["artefact_sha256"]:
        raise ArtefactRefused(f"model {version}: the artefact is not the one its card describes")
    model = Model(json.loads(raw))
    if model.feature_names != tuple(features):
        raise ArtefactRefused(f"model {version}: made for other features than this code computes")
    return model
