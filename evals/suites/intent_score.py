"""Scores of predicted intents against the labels of outside sets, under the names that reports use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agent.understanding.labels import REJECTS, canonical, mapping

OUT_OF_SCOPE_SET = "clinc150"
_IN_SCOPE_DOMAINS = frozenset({"banking", "credit_cards"})


class Tally:
    """Hits and rows by figure and set. A prediction is right when it is among the intents accepted for the label.

    in_scope_strict: rows that accept no rejection; false_rejection: in-scope rows called out of scope that do not
    accept it (lower is better); out_of_scope_recall and oos_label_recall: rows that accept nothing but a rejection,
    outside the set's banking domains, rejected; rights_recall: rows whose best intent starts a right or duty.
    """

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()

    def add(self, data_set: str, row: Mapping[str, Any], accepted: tuple[str, ...], predicted: str) -> None:
        """Counts one row under every figure that it belongs to."""
        predicted = canonical(predicted)
        right = predicted in accepted
        self._count(f"accuracy.{data_set}", right)
        if accepted[0] not in REJECTS:
            if "out_of_scope" not in accepted:
                self._count(f"false_rejection.{data_set}", predicted == "out_of_scope")
            if not set(accepted) & REJECTS:
                self._count(f"in_scope_strict.{data_set}", right)
            if accepted[0] in mapping()["rights"]:
                self._count(f"rights_recall.{data_set}", right)
        elif self._is_foreign(data_set, row, accepted):
            self._count(f"out_of_scope_recall.{data_set}", predicted in REJECTS)
            if row["label"] == "oos":
                self._count(f"oos_label_recall.{data_set}", predicted in REJECTS)

    def shares(self) -> dict[str, float]:
        """Each figure as a share of its rows."""
        return {name: round(self.hits[name] / count, 4) for name, count in sorted(self.rows.items())}

    @staticmethod
    def _is_foreign(data_set: str, row: Mapping[str, Any], accepted: tuple[str, ...]) -> bool:
        return (
            data_set == OUT_OF_SCOPE_SET
            and set(accepted) <= REJECTS
            and row.get("domain") not in _IN_SCOPE_DOMAINS
        )

    def _count(self, name: str, hit: bool) -> None:
        self.rows[name] += 1
        self.hits[name] += hit


def calibration_error(sure: list[float], right: list[bool]) -> float:
    """Expected calibration error over ten bands of confidence."""
    bands: dict[int, list[tuple[float, bool]]] = {}
    for share, hit in zip(sure, right, strict=True):
        bands.setdefault(min(int(share * 10), 9), []).append((share, hit))
    gaps = (abs(sum(s for s, _ in band) - sum(h for _, h in band)) for band in bands.values())
    return round(sum(gaps) / max(len(sure), 1), 4)
