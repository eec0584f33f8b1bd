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
    """What the books say and what the replay says, where nothing explains that they differ."""

    line_id: str
    about: str
    """`interest`: of all nights since the line opened, in micro-cents; else a ledger account: debits less
    credits in cents"""
    written: int
    replayed: int


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

    def add(self, other: NightlyReport) -> None:
        """Take in what another step or worker did on the same date."""
        for step, count in other.counts.items():
            self.counts[step] = self.counts.get(step, 0) + count
        self.not_done += other.not_done
        self.differences += other.differences
        self.clocks += other.clocks

    def to_json(self) -> Mapping[str, Any]:
        """Plain JSON: counts, and what somebody has to look at."""
        return {
            "counts": self.counts,
            "not_done": [
                {"step": n.step, "line_id": n.line_id, "codes": list(n.codes)} for n in self.not_done
            ],
            "differences": [
                {"line_id": d.line_id, "about": d.about, "written": d.written, "replayed": d.replayed}
                for d in self.differences
            ],
            "clocks": [
                {"line_id": c.line_id, "dispute_id": c.dispute_id, "what": c.what, "by": c.by.isoformat()}
                for c in self.clocks
            ],
        }

    @classmethod
    def from_json(cls, business_date: date, stored: Mapping[str, Any]) -> NightlyReport:
        """The report that `to_json` wrote."""
        return cls(
            business_date,
            dict(stored["counts"]),
            [NotDone(n["step"], n["line_id"], tuple(n["codes"])) for n in stored["not_done"]],
            [Difference(**d) for d in stored["differences"]],
            [ClockDue(**c | {"by": date.fromisoformat(c["by"])}) for c in stored["clocks"]],
        )
