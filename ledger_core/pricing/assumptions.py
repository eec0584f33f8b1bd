"""What unit economics takes for granted, as data with an effective day."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from ledger_core.errors import CashLineError
from ledger_core.money import BASIS_POINTS

_FILE = Path(__file__).parent / "assumptions.yaml"


class AssumptionsUnknown(CashLineError):
    """No assumptions are in force on that day."""

    code = "assumptions_unknown"


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One version; `assumptions.yaml` says what each figure means."""

    version: str
    effective_on: date
    funds_rate_bp: int
    servicing_cents_per_month: int
    charge_off_share_bp: int
    loss_given_charge_off_bp: int
    undrawn_share_bp: int
    missed_ppm_without_score: int
    months_ahead: int
    kept_share_bp: int


def assumptions_on(day: date) -> Assumptions:
    """The version in force on a day. Raises AssumptionsUnknown."""
    in_force = [known for known in _all() if known.effective_on <= day]
    if not in_force:
        raise AssumptionsUnknown(f"none are in force on {day}")
    return max(in_force, key=lambda known: known.effective_on)


@cache
def _all() -> tuple[Assumptions, ...]:
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["versions"]
    return tuple(_checked(Assumptions(**item)) for item in raw)


def _checked(made: Assumptions) -> Assumptions:
    shares = (
        made.charge_off_share_bp,
        made.loss_given_charge_off_bp,
        made.undrawn_share_bp,
        made.kept_share_bp,
    )
    assert all(0 <= share <= BASIS_POINTS for share in shares)
    assert 0 <= made.missed_ppm_without_score <= 1_000_000
    assert min(made.funds_rate_bp, made.servicing_cents_per_month, made.months_ahead) >= 0
    return made
