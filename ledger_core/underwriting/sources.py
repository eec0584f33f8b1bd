"""The two public data sets behind the model and its card, as they lie in a folder of test data.

uci_taiwan_default.csv: 30,000 credit card clients of a Taiwanese bank, April to September 2005, and who
defaulted in October (UCI, CC BY 4.0). uci_german_credit.csv: 1,000 credit applications (UCI, CC BY 4.0).
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ledger_core.underwriting.features import Month, Observation, vector

TAIWAN: Final = "uci_taiwan_default"
GERMAN: Final = "uci_german_credit"
_STATUS: Final = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
_PROTECTED: Final = ("personal_status_sex", "age", "foreign_worker")


class DataMissing(Exception):
    """The data are not in the folder given."""

    code = "training_data_missing"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows to learn from. `groups` are never features: they are for looking at fairness."""

    x: NDArray[np.float64]
    bad: NDArray[np.bool_]
    groups: Mapping[str, NDArray[np.str_]]


def taiwan(folder: Path) -> Labelled:
    """The rows as the model's own features. A status above 0 counts the months a payment is late."""
    rows = _rows(folder, TAIWAN)
    limits = sorted(int(row["LIMIT_BAL"]) for row in rows)
    x = np.array([vector(_observation(row, limits)) for row in rows], dtype=np.float64)
    bad = np.array([row["default.payment.next.month"] == "1" for row in rows])
    sex = np.array(["men" if row["SEX"] == "1" else "women" for row in rows])
    return Labelled(x, bad, {"sex": sex, "age": _age_groups([row["AGE"] for row in rows])})


def german(folder: Path) -> Labelled:
    """The rows without sex, age and origin; codes in the order of their meaning, as whole numbers."""
    rows = _rows(folder, GERMAN)
    names = [name for name in rows[0] if name not in (*_PROTECTED, "bad")]
    codes = {name: {code: n for n, code in enumerate(sorted({row[name] for row in rows}))} for name in names}
    x = np.array(
        [
            [int(row[n]) if row[n].isdigit() else codes[n][row[n]] for n in names]
            for row in rows
        ],
        dtype=np.float64,
    )  # fmt: skip
    bad = np.array([row["bad"] == "1" for row in rows])
    # A92 and A95 are women, A91, A93 and A94 men.
    sex = np.array(["women" if row["personal_status_sex"] in ("A92", "A95") else "men" for row in rows])
    return Labelled(x, bad, {"sex": sex, "age": _age_groups([row["age"] for row in rows])})


def limit_ranks(folder: Path) -> list[int]:
    """The limits of the Taiwanese rows, ascending, for ranking."""
    return sorted(int(row["LIMIT_BAL"]) for row in _rows(folder, TAIWAN))


def _observation(row: Mapping[str, str], limits: Sequence[int]) -> Observation:
    limit = int(row["LIMIT_BAL"])
    months = tuple(
        Month(max(0, int(row[status])), int(row[f"BILL_AMT{n}"]), int(row[f"PAY_AMT{n}"]))
        for n, status in enumerate(_STATUS, start=1)
    )
    return Observation(limit, bisect_left(limits, limit) * 1000 // len(limits), months)


def _age_groups(ages: Sequence[str]) -> NDArray[np.str_]:
    return np.array(
        ["under 30" if int(age) < 30 else "30 to 61" if int(age) < 62 else "62 and over" for age in ages]
    )


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise DataMissing(f"{path} is not there; give --data or set CASHLINE_DATA")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
