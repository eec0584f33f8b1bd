"""Grown trees as boxes of whole numbers (`model.py`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ledger_core.underwriting.model import MICRO, WEIGHT_ONE

Side = tuple[int | None, int | None, Fraction]
"""above, up to and including, share of the training rows that went this way"""


def boxes_of(tree_info: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The boxes of LightGBM's `dump_model()["tree_info"]`: [micro-logits, [feature, above, upto, weight], …].

    Splits are numeric, `value <= threshold`, on features that are whole numbers and never missing.
    """
    return [box for tree in tree_info for box in _walk(tree["tree_structure"], {})]


def _walk(node: Mapping[str, Any], sides: dict[int, Side]) -> Iterator[list[Any]]:
    if "split_feature" not in node:
        box = [
            [feature, above, upto, round(share * WEIGHT_ONE)]
            for feature, (above, upto, share) in sides.items()
        ]
        yield [round(node["leaf_value"] * MICRO), *box]
        return
    assert node["decision_type"] == "<="
    threshold = math.floor(node["threshold"])
    feature = node["split_feature"]
    above, upto, share = sides.get(feature, (None, None, Fraction(1)))
    whole = _count(node)
    for child, low, high in (
        (node["left_child"], above, threshold if upto is None else min(upto, threshold)),
        (node["right_child"], threshold if above is None else max(above, threshold), upto),
    ):
        yield from _walk(child, sides | {feature: (low, high, share * Fraction(_count(child), whole))})


def _count(node: Mapping[str, Any]) -> int:
    return int(node["internal_count"] if "split_feature" in node else node["leaf_count"])
