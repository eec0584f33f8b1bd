"""What one night did, for the worker's log and for `core.business_days.report`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class NotDone:
    """A step that a command refused on a line: somebody has to look."""

    step: str
    line_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Interest of a line since it opened, as accrued night by night and as replayed, in micro-cents."""

    line_id: str
    accrued_microcents: int
    replayed_microcents: int


@dataclass(frozen=True)
class ClockDue:
    """A dispute whose deadline is near or past."""

    line_id: str
    dispute_id: str
    what: str
    """acknowledge or resolve"""
    by: date


@dataclass
class NightlyReport:
    """Grows as the steps run; complete when `run` returns it."""

    business_date: date
    counts: dict[str, int] = field(default_factory=dict)
    """by step: how many lines or transfers it moved"""
    not_done: list[NotDone] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    clocks: list[ClockDue] = field(default_factory=list)

    def to_json(self) -> Mapping[str, Any]:
        """Plain JSON: counts, and what somebody has to look at."""
        return {
            "counts": self.counts,
            "not_done": [
                {"step": n.step, "line_id": n.line_id, "codes": list(n.codes)} for n in self.not_done
            ],
            "differences": [
                {"line_id": d.line_id, "accrued": d.accrued_microcents, "replayed": d.replayed_microcents}
                for d in self.differences
            ],
            "clocks": [
                {"line_id": c.line_id, "dispute_id": c.dispute_id, "what": c.what, "by": c.by.isoformat()}
                for c in self.clocks
            ],
        }
