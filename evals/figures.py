"""What a suite or benchmark reports: named figures, intervals, and where they came from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Figures:
    """The result of one run. `figures` are plain numbers under stable names."""

    name: str
    kind: str
    data: str
    n: int
    figures: dict[str, float | int]
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failed: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            self.kind: self.name,
            "data": self.data,
            "n": self.n,
            "figures": self.figures,
            "intervals": self.intervals,
        }

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")

    def lines(self) -> list[str]:
        """For a terminal: a figure a line, with its interval where there is one."""
        width = max((len(name) for name in self.figures), default=0)
        shown = [f"{self.kind} {self.name}: n = {self.n}, data = {self.data}"]
        for name, value in self.figures.items():
            between = self.intervals.get(name)
            extent = f"  [{between[0]:.4g}, {between[1]:.4g}]" if between else ""
            shown.append(f"  {name:<{width}}  {value:.4g}{extent}")
        return [*shown, *(f"  note: {note}" for note in self.notes)]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the sorted values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share."""
    if n == 0:
        return (0.0, 1.0)
    z = 1.96
    share = hits / n
    centre = share + z * z / (2 * n)
    spread = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    scale = 1 + z * z / n
    return ((centre - spread) / scale, (centre + spread) / scale)
