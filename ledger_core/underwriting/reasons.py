"""Why not: the principal reasons of an adverse action, specific and at most four (12 CFR 1002.9(b)(2)).

A reason either is a rule of the policy that did not hold, or stands for features of the model whose exact
contributions (`model.py`) raised the risk above what the model expects of anybody. Nothing else is a reason.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, cast

import yaml

from ledger_core.underwriting.features import FEATURES

PRINCIPAL_MAX: Final = 4

RULES: Final = (
    "not_open", "past_due", "on_plan", "time_on_book_short", "limit_changed_lately", "payment_returned_lately",
    "limit_little_used", "payments_small_for_limit", "step_too_large", "limit_of_product", "history_short",
    "draws_many_lately", "account_new_for_amount",
)  # fmt: skip
"""Reasons that are rules. `statements.yaml` says each in plain words, and what would help."""

OF_MODEL: Final = tuple(dict.fromkeys(feature.reason for feature in FEATURES))
"""Reasons that stand for features."""

ALL: Final = (*RULES, *OF_MODEL)


def from_contributions(contributions: Sequence[int]) -> tuple[str, ...]:
    """The reasons that raised the risk, the strongest first.

    Contributions of the features of one reason are added up; those that lowered the risk are no reason.
    """
    raised = dict.fromkeys(OF_MODEL, 0)
    for feature, micrologits in zip(FEATURES, contributions, strict=True):
        raised[feature.reason] += micrologits
    return tuple(sorted((r for r in raised if raised[r] > 0), key=lambda r: (-raised[r], OF_MODEL.index(r))))


def principal(reasons: Sequence[str]) -> tuple[str, ...]:
    """At most four, in order, each once."""
    return tuple(dict.fromkeys(reasons))[:PRINCIPAL_MAX]


def statement(reason: str, language: str) -> tuple[str, str]:
    """Why, and what would help next time: two plain sentences. language: en or es."""
    said = _statements()[reason][language]
    return said["why"], said["help"]


@cache
def _statements() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    texts = yaml.safe_load((Path(__file__).parent / "statements.yaml").read_text(encoding="utf-8"))
    assert set(texts) == set(ALL), set(texts) ^ set(ALL)
    return cast(Mapping[str, Mapping[str, Mapping[str, str]]], texts)
