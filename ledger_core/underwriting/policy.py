"""The credit policy as data, versioned and effective-dated, checked when it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger_core.errors import CashLineError

_FILE = Path(__file__).parent / "policies.yaml"


class PolicyUnknown(CashLineError):
    """No such version, or none in force on that day."""

    code = "policy_unknown"


@dataclass(frozen=True, slots=True)
class Grade:
    """What a grade may have. `raise_share_bp` is of the limit it has now."""

    grade: str
    default_ppm_max: int
    limit_max_cents: int
    raise_share_bp: int


@dataclass(frozen=True, slots=True)
class RaiseRules:
    """What must hold before a limit is raised."""

    months_on_book_min: int
    months_between_min: int
    returned_payment_free_days: int
    used_share_bp_min: int
    """balance over limit, on average: nobody is offered what they do not use"""
    ability_from_share_bp: int
    """with less than this used on average, payments say nothing about ability"""
    ability_share_bp: Mapping[str, int]
    """by product: average payment over the minimum at full use of the new limit"""


@dataclass(frozen=True, slots=True)
class LowerRules:
    """When we lower a limit ourselves."""

    grade: str
    missed_min: int
    months_between_min: int
    limit_min_cents: int


@dataclass(frozen=True, slots=True)
class DrawRules:
    """What a draw is looked at for beyond the terms of the product."""

    per_day_max: int
    per_week_max: int
    returned_payment_free_days: int
    new_account_max_cents: int
    """the largest first draw to an account other than those reached before"""


@dataclass(frozen=True, slots=True)
class UnusedRules:
    """Lines that the model does not judge, since nothing was borrowed or paid."""

    used_share_bp_max: int
    """balance over limit, on average over six months, with no payments at all"""
    grade: Grade


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """When limits are looked at unasked."""

    every_statements: int
    months_after_decision_min: int


@dataclass(frozen=True, slots=True)
class CreditPolicy:
    """One version of the policy."""

    version: str
    effective_on: date
    model: str
    challenger: str | None
    score_within_ms: int
    limits_by_rank: Mapping[str, tuple[int, ...]]
    grades: tuple[Grade, ...]
    conservative: Grade
    """what is allowed without a score"""
    raise_: RaiseRules
    proactive_raise: RaiseRules
    lower: LowerRules
    draws: DrawRules
    unused: UnusedRules | None
    reviews: ReviewRules | None
    """None: no limit is looked at unasked"""

    def grade_of(self, default_ppm: int) -> Grade:
        """The best grade whose chance of default is not exceeded."""
        return next(grade for grade in self.grades if default_ppm <= grade.default_ppm_max)


def policy(version: str) -> CreditPolicy:
    """That version. Raises PolicyUnknown."""
    for known in _all():
        if known.version == version:
            return known
    raise PolicyUnknown(version)


def policy_on(day: date) -> CreditPolicy:
    """The version in force on a day. Raises PolicyUnknown."""
    in_force = [known for known in _all() if known.effective_on <= day]
    if not in_force:
        raise PolicyUnknown(f"none is in force on {day}")
    return max(in_force, key=lambda known: known.effective_on)


def reviews_on(day: date) -> ReviewRules | None:
    """The rules of the reviews on a day; None where none are made, or no policy is in force yet."""
    in_force = [known for known in _all() if known.effective_on <= day]
    return max(in_force, key=lambda known: known.effective_on).reviews if in_force else None


@cache
def _all() -> tuple[CreditPolicy, ...]:
    return tuple(_checked(item) for item in yaml.safe_load(_FILE.read_text(encoding="utf-8"))["versions"])


def _checked(item: Mapping[str, Any]) -> CreditPolicy:
    given = dict(item)
    grades = tuple(Grade(**grade) for grade in given.pop("grades"))
    ceilings = [grade.default_ppm_max for grade in grades]
    assert ceilings == sorted(set(ceilings)), "grades go from the lowest chance to the highest"
    assert ceilings[-1] == 1_000_000, "the last grade takes all"
    made = CreditPolicy(
        grades=grades,
        conservative=Grade(default_ppm_max=0, **given.pop("conservative")),
        limits_by_rank={product: tuple(limits) for product, limits in given.pop("limits_by_rank").items()},
        raise_=RaiseRules(**given.pop("raise")),
        proactive_raise=RaiseRules(**given.pop("proactive_raise")),
        lower=LowerRules(**given.pop("lower")),
        draws=DrawRules(**given.pop("draws")),
        unused=_unused(given.pop("unused")),
        reviews=_reviews(given.pop("reviews")),
        **given,
    )
    assert {f.name for f in fields(made)} >= set(given)
    return made


def _unused(item: Mapping[str, Any] | None) -> UnusedRules | None:
    if item is None:
        return None
    given = dict(item)
    return UnusedRules(given.pop("used_share_bp_max"), Grade(default_ppm_max=0, **given))


def _reviews(item: Mapping[str, Any] | None) -> ReviewRules | None:
    return None if item is None else ReviewRules(**item)
