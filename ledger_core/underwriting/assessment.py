"""What is known of a borrower when a decision is made: the model's score, or why there is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ledger_core.line.state import LineState
from ledger_core.underwriting import model as models
from ledger_core.underwriting.behaviour import observe
from ledger_core.underwriting.features import FEATURES, Observation, used_share_bp, vector
from ledger_core.underwriting.model import ArtefactRefused, Model, Score
from ledger_core.underwriting.policy import CreditPolicy, Grade, UnusedRules

ElapsedMs = Callable[[], int]
"""milliseconds since the decision began"""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Evidence of one decision. Everything in it is kept, so that the decision can be made again."""

    observation: Observation | None
    features: tuple[int, ...]
    """empty without six closed cycles"""
    score: Score | None
    grade: Grade
    path: str
    """model, or conservative where there is no score to go by"""
    why_conservative: str | None
    """history_short, line_unused, model_missing or model_slow"""
    model_version: str | None
    policy_version: str
    challenger_version: str | None
    """a model that scores in shadow: recorded, compared, and never decided by"""
    challenger_ppm: int | None

    @property
    def features_sha256(self) -> str:
        """The hash of the features as they were."""
        return hashlib.sha256(json.dumps(self.features, separators=(",", ":")).encode()).hexdigest()


def assess(state: LineState, policy: CreditPolicy, elapsed_ms: ElapsedMs) -> Assessment:
    """The line, scored by the policy's model.

    Without six closed cycles, for a line that nobody used, without a sound artefact, or when the score took longer
    than the policy waits, a conservative grade applies and the assessment says why.
    """
    return assess_observation(
        observe(state, policy.limits_by_rank.get(state.product_id, ())), policy, elapsed_ms
    )


def assess_observation(
    observation: Observation | None, policy: CreditPolicy, elapsed_ms: ElapsedMs
) -> Assessment:
    """The same from an observation made elsewhere."""
    if observation is None:
        return _conservative(None, (), "history_short", policy)
    features = vector(observation)
    unused = policy.unused
    if unused is not None and _is_unused(observation, unused):
        without = _conservative(observation, features, "line_unused", policy)
        return replace(without, grade=unused.grade)
    try:
        model = shipped(policy.model)
    except ArtefactRefused:
        return _conservative(observation, features, "model_missing", policy)
    began = elapsed_ms()
    score = model.score(features)
    if elapsed_ms() - began > policy.score_within_ms:
        return _conservative(observation, features, "model_slow", policy)
    return Assessment(
        observation=observation,
        features=features,
        score=score,
        grade=policy.grade_of(score.default_ppm),
        path="model",
        why_conservative=None,
        model_version=policy.model,
        policy_version=policy.version,
        challenger_version=policy.challenger,
        challenger_ppm=None if policy.challenger is None else _shadow(policy.challenger, features),
    )


def _is_unused(seen: Observation, rules: UnusedRules) -> bool:
    paid = sum(month.paid_cents for month in seen.months)
    return paid == 0 and used_share_bp(seen) <= rules.used_share_bp_max


def _shadow(version: str, features: tuple[int, ...]) -> int | None:
    """What the challenger says; None when it cannot be loaded, which must not touch the decision."""
    try:
        model = shipped(version)
    except ArtefactRefused:
        return None
    return model.default_ppm(model.micrologits(features))


def without_score(found: Assessment, why: str, policy: CreditPolicy) -> Assessment:
    """What the assessment would have been without its score. why: model_missing or model_slow."""
    return _conservative(found.observation, found.features, why, policy)


@cache
def shipped(version: str) -> Model:
    """The shipped model of that version, loaded once. Raises ArtefactRefused, every time."""
    return models.load(version, features=feature_names())


def feature_names() -> Sequence[str]:
    return [feature.name for feature in FEATURES]


def _conservative(
    observation: Observation | None, features: tuple[int, ...], why: str, policy: CreditPolicy
) -> Assessment:
    return Assessment(
        observation,
        features,
        None,
        policy.conservative,
        "conservative",
        why,
        None,
        policy.version,
        None,
        None,
    )
