"""The house's rules as data, read from `rules.yaml` and checked: codes, limits, grades, retention."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field

Grade: TypeAlias = Literal["specialist", "senior", "supervisor"]
Power: TypeAlias = Literal["credit", "fee", "correction", "dispute", "plan"]
Amount: TypeAlias = Annotated[int, Field(ge=0)]
Count: TypeAlias = Annotated[int, Field(ge=1)]

_FILE: Final = Path(__file__).parent / "rules.yaml"


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class StepUpRules(_Rules):
    """One-time codes."""

    lifetime_minutes: Count
    attempts: Count
    codes_per_hour: Count
    from_cents: dict[str, Amount]
    """by tool: from this amount on it needs a code"""


class PerDay(_Rules):
    """Of one tool and one customer in 24 hours."""

    count: Count
    amount_cents: Amount | None = None
    """in sum; None: the tool moves no amount"""


class CustomerRules(_Rules):
    proposals_per_hour: Count
    money_acts_per_conversation: Count
    money_tools: tuple[str, ...]
    never_limited: tuple[str, ...]
    per_day: dict[str, PerDay]


class Reach(_Rules):
    """How far one grade goes with one kind of act, in cents."""

    alone_cents: Amount
    day_cents: Amount
    approves_cents: Amount


class Worth(_Rules):
    """What one tool's acts are about, and the field of its terms and its result that says how much."""

    power: Power
    amount: str


class Retention(_Rules):
    receipts_months: Count
    """as the keys of the books"""
    decision_months: Count
    """after a credit decision its customer's data is kept"""
    line_months: Count
    """after the last that happened on a line its customer's data is kept"""
    codes_days: Count


class Rules(_Rules):
    version: int
    effective_on: date
    step_up: StepUpRules
    customer: CustomerRules
    powers: dict[str, Worth]
    grades: dict[Grade, dict[Power, Reach]]
    approval_days: Count
    retention: Retention


@cache
def rules() -> Rules:
    """The rules in force. A ValueError names what is wrong with the file."""
    return Rules.model_validate(yaml.safe_load(_FILE.read_text()))
