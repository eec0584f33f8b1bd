"""Grow the model, measure it, and write its artefact and card: `python -m ledger_core.underwriting.train`.

Needs the `train` dependencies. The same data and versions give the same artefact, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from ledger_core.underwriting import fairness, measures, sources
from ledger_core.underwriting.card import write_card
from ledger_core.underwriting.features import FEATURES
from ledger_core.underwriting.model import ARTEFACTS, MICRO, Model, content_hash
from ledger_core.underwriting.sources import Labelled
from ledger_core.underwriting.trees import boxes_of

FOLDS: Final = 5
SEED: Final = 20260316
ROUNDS: Final = 220
CALIBRATION_ROWS: Final = 400
"""a step of the calibration table stands on this many rows or more"""
APPROVED_SHARE: Final = (3, 4)
"""fairness is looked at with this share approved, the best scores first"""
WATCHED: Final = 6
"""features whose spread is kept in the card, those the trees gain most from"""
_SETTINGS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 14,
    "max_depth": 5,
    "min_data_in_leaf": 120,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 20,
    "monotone_constraints_method": "advanced",
    "use_missing": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": SEED,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Variant:
    """How one version differs from the settings above."""

    without: tuple[str, ...] = ()
    """features that no tree may look at"""
    settings: Mapping[str, Any] = field(default_factory=dict)


VARIANTS: Final = {
    "pd_v1": Variant(),
    # Shallower, and blind to the limit: what others once granted says less of our borrowers than how they pay.
    "pd_v2": Variant(("limit_rank",), {"max_depth": 3, "num_leaves": 7}),
}

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class CrossFitted:
    """What each row was given by a model that had not seen it."""

    micrologits: Numbers
    chance: Numbers
    fold_auc: tuple[float, ...]


def main() -> None:
    given = argparse.ArgumentParser(prog="python -m ledger_core.underwriting.train", description=__doc__)
    given.add_argument(
        "--data", type=Path, default=os.environ.get("CASHLINE_DATA"), help="folder with the CSV files"
    )
    given.add_argument("--out", type=Path, default=ARTEFACTS)
    given.add_argument("--version", choices=VARIANTS, action="append", help="one of them; all without it")
    options = given.parse_args()
    if options.data is None:
        given.error("give --data or set CASHLINE_DATA")
    options.out.mkdir(parents=True, exist_ok=True)
    for version in options.version or VARIANTS:
        train(options.data, options.out, version)


def train(folder: Path, out: Path, version: str) -> None:
    """Write `<version>.json`, its card and its plot into `out`."""
    directions = [feature.direction for feature in FEATURES]
    variant = VARIANTS[version]
    data = _without(sources.taiwan(folder), variant.without)
    fitted = cross_fit(data, directions, variant.settings)
    booster = _grow(data.x, data.bad, directions, variant.settings)
    artefact = {
        "version": version,
        "features": [feature.name for feature in FEATURES],
        "boxes": boxes_of(booster.dump_model()["tree_info"]),
        "calibration": _calibration(fitted.micrologits, data.bad),
        "limit_ranks": _rank_table(sources.limit_ranks(folder)),
        "bins": _bins(fitted.micrologits),
    }
    _assert_same(Model(artefact), booster, data.x)
    raw = json.dumps(artefact, separators=(",", ":")).encode()
    (out / f"{version}.json").write_bytes(raw)
    german = sources.german(folder)
    elsewhere = cross_fit(german, [0] * german.x.shape[1], {**variant.settings, "min_data_in_leaf": 20})
    write_card(
        out,
        version,
        {
            "artefact_sha256": content_hash(raw),
            "trained_on": f"{sources.TAIWAN}: {len(data.bad)} rows, {data.bad.mean():.4f} of them bad; CC BY 4.0",
            "split": f"{FOLDS} stratified folds, seed {SEED}; the artefact is grown on all rows",
            "library": f"lightgbm {lightgbm.__version__}",
            "left_out": list(variant.without),
            "measured": _measured(fitted, data.bad),
            "measured_german": _measured(elsewhere, german.bad),
            "fairness_taiwan": _fairness(fitted, data),
            "fairness_german": _fairness(elsewhere, german),
            "feature_bins": _feature_bins(booster, data.x),
        },
        [(float(p), float(q)) for p, q in reliability(fitted.chance, data.bad)],
    )


def cross_fit(data: Labelled, directions: Sequence[int], settings: Mapping[str, Any]) -> CrossFitted:
    """Scores and calibrated chances out of fold; the calibration is fitted on the other folds' scores."""
    micrologits = np.empty(len(data.bad))
    chance = np.empty(len(data.bad))
    folds = list(measures.stratified_folds(data.bad, FOLDS, SEED))
    for seen, unseen in folds:
        booster = _grow(data.x[seen], data.bad[seen], directions, settings)
        micrologits[unseen] = np.rint(booster.predict(data.x[unseen], raw_score=True) * MICRO)
    rows = min(CALIBRATION_ROWS, len(data.bad) // 20)
    for seen, unseen in folds:
        steps = measures.isotonic(micrologits[seen], data.bad[seen], rows)
        chance[unseen] = measures.at_steps(steps, micrologits[unseen])
    aucs = tuple(measures.auc(micrologits[unseen], data.bad[unseen]) for _, unseen in folds)
    return CrossFitted(micrologits, chance, aucs)


def reliability(chance: Numbers, bad: NDArray[np.bool_], bins: int = 20) -> list[tuple[float, float]]:
    """(said, seen) over bins of equal count."""
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    return [(float(chance[part].mean()), float(bad[part].mean())) for part in parts]


def _grow(
    x: Numbers, bad: NDArray[np.bool_], directions: Sequence[int], settings: Mapping[str, Any]
) -> lightgbm.Booster:
    whole = {**_SETTINGS, "monotone_constraints": list(directions), **settings}
    return lightgbm.train(whole, lightgbm.Dataset(x, bad.astype(np.float64)), ROUNDS)


def _without(data: Labelled, names: Sequence[str]) -> Labelled:
    """The rows with those features held at one value, which leaves nothing to split on."""
    x = data.x.copy()
    x[:, [feature.name in names for feature in FEATURES]] = 0
    return Labelled(x, data.bad, data.groups)


def _calibration(micrologits: Numbers, bad: NDArray[np.bool_]) -> list[list[int]]:
    steps = measures.isotonic(micrologits, bad, CALIBRATION_ROWS)
    return [[round(start), round(chance * MICRO)] for start, chance in steps]


def _rank_table(limits: Sequence[int]) -> list[int]:
    """The limit at each twentieth of the ranking."""
    return [limits[len(limits) * n // 20] for n in range(1, 20)]


def _bins(micrologits: Numbers) -> list[int]:
    """Upper ends of ten bins of equal count, for watching drift."""
    return [round(float(np.quantile(micrologits, n / 10))) for n in range(1, 10)]


def _feature_bins(booster: lightgbm.Booster, x: Numbers) -> dict[str, Any]:
    """For the features that matter most: upper ends of ten bins at most, and the rows in each."""
    gains = booster.feature_importance("gain")
    found = {}
    for column in sorted(range(len(FEATURES)), key=lambda n: -gains[n])[:WATCHED]:
        values = x[:, column]
        cuts = sorted({int(np.quantile(values, n / 10)) for n in range(1, 10)} - {int(values.max())})
        rows = np.bincount(np.searchsorted(cuts, values, side="left"), minlength=len(cuts) + 1)
        found[FEATURES[column].name] = {"cuts": cuts, "rows": [int(count) for count in rows]}
    return found


def _measured(fitted: CrossFitted, bad: NDArray[np.bool_]) -> dict[str, Any]:
    low, high = measures.auc_interval(fitted.micrologits, bad)
    return {
        "auc": round(measures.auc(fitted.micrologits, bad), 4),
        "auc_interval": [round(low, 4), round(high, 4)],
        "auc_by_fold": [round(value, 4) for value in fitted.fold_auc],
        "calibration_error": round(measures.calibration_error(fitted.chance, bad), 4),
    }


def _fairness(fitted: CrossFitted, data: Labelled) -> dict[str, Any]:
    part, whole = APPROVED_SHARE
    approved = fitted.micrologits <= np.quantile(fitted.micrologits, part / whole)
    reference = {"sex": "men", "age": "30 to 61"}
    return {
        name: fairness.by_group(groups, approved, data.bad, reference[name], SEED)
        for name, groups in data.groups.items()
    }


def _assert_same(model: Model, booster: lightgbm.Booster, x: Numbers) -> None:
    """The boxes say what the library says, scores and contributions alike."""
    sample = x[:: max(1, len(x) // 200)]
    contributions = booster.predict(sample, pred_contrib=True)
    for row, said in zip(sample, contributions, strict=True):
        score = model.score([int(value) for value in row])
        assert abs(score.micrologits - said.sum() * MICRO) < 2 * ROUNDS
        assert np.abs(np.array(score.contributions) - said[:-1] * MICRO).max() < 2 * ROUNDS


if __name__ == "__main__":
    main()
