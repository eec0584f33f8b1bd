"""A refusal is a value: a lawful no, with the reasons for it in a stated order of precedence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Fact = int | str | bool | date | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable code, and the facts that let a reply say it (cents, dates, days, ids)."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason or more; the first is the one to tell when only one is told."""

    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        assert self.reasons

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.reasons)


def refused(code: str, **facts: Fact) -> Refused:
    """A refusal with a single reason."""
    return Refused((Reason(code, facts),))
