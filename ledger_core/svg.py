"""Small pictures for pages and cards, as SVG text: no script, no library. Numbers here are for the eye alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from html import escape
from typing import Final

COLOURS: Final = ("#1d4ed8", "#c2410c", "#0f766e", "#7c3aed", "#a16207", "#64748b", "#be185d", "#4d7c0f")
_GREY, _GRID, _INK = "#9ca3af", "#e5e7eb", "#374151"
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 44, 30
_WIDTH, _HEIGHT = 500, 250
_STEPS: Final = (1, 2, 5)

Number = int | float | Fraction


def said_against_seen(points: Sequence[tuple[Number, Number]], across: str, up: str) -> str:
    """Points with the diagonal on which what was said is what was seen. points: not empty, none negative."""
    size, edge = 320, 40
    most = max(max(pair) for pair in points) or 1

    def at(said: Number, seen: Number) -> str:
        return f"{float(edge + said / most * size):.1f},{float(edge + size - seen / most * size):.1f}"

    places = [at(*pair) for pair in points]
    whole = size + 2 * edge
    dots = (place.split(",") for place in places)
    return _picture(
        whole,
        whole,
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
        f'<polyline points="{at(0, 0)} {at(most, most)}" stroke="{_GREY}" stroke-dasharray="4" fill="none"/>',
        f'<polyline points="{" ".join(places)}" stroke="{COLOURS[0]}" fill="none"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3" fill="{COLOURS[0]}"/>' for x, y in dots),
        f'<text x="{edge}" y="{whole - 12}">{escape(across)}</text>',
        f'<text x="{edge}" y="{edge - 14}">{escape(up)}</text>',
    )


def lines(
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number | None]],
    *,
    unit: str = "",
    dashed: Sequence[str] = (),
    band: Sequence[tuple[Number, Number] | None] = (),
) -> str:
    """One line a series over equal steps; a gap where nothing is known.

    dashed: series that only guide the eye. band: between which the last series may truly lie, at each step.
    """
    known = [value for values in series.values() for value in values if value is not None]
    known += [end for ends in band if ends is not None for end in ends]
    scale = _Scale(labels, min([0, *known]), max([0, *known]))
    parts = [*scale.grid(unit), _legend(list(series))]
    for run in _runs([ends and ends[0] for ends in band]):
        edge = [(n, low) for n, low in run] + [(n, ends[1]) for n, _ in reversed(run) if (ends := band[n])]
        outline = " ".join(f"{scale.x(n)},{scale.y(value)}" for n, value in edge)
        colour = COLOURS[len(series) - 1]
        parts.append(f'<polygon points="{outline}" fill="{colour}" fill-opacity="12%"/>')
    for colour, (name, values) in zip(COLOURS, series.items(), strict=False):
        for run in _runs(values):
            points = [(scale.x(n), scale.y(value)) for n, value in run]
            dash = ' stroke-dasharray="5 4"' if name in dashed else ""
            parts.append(
                f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}" stroke="{colour}" '
                f'stroke-width="2" fill="none"{dash}/>'
            )
            if name not in dashed:
                parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
    return _picture(_WIDTH, _HEIGHT, *parts)


def stacked(labels: Sequence[str], series: Mapping[str, Sequence[Number]], *, unit: str = "") -> str:
    """One bar a label, a part a series; parts below zero hang from the base line."""
    heights = [[values[n] for values in series.values()] for n in range(len(labels))]
    lowest = min([0, *(sum(min(0, part) for part in bar) for bar in heights)])
    highest = max([0, *(sum(max(0, part) for part in bar) for bar in heights)])
    scale = _Scale(labels, lowest, highest)
    parts = [*scale.grid(unit), _legend(list(series))]
    for n, bar in enumerate(heights):
        above: Number = 0
        below: Number = 0
        for colour, part in zip(COLOURS, bar, strict=False):
            if not part:
                continue
            start = above if part > 0 else below
            top, foot = scale.at(max(start, start + part)), scale.at(min(start, start + part))
            above, below = (start + part, below) if part > 0 else (above, start + part)
            half = scale.half_bar
            parts.append(
                f'<rect x="{scale.across(n) - half:.1f}" y="{top:.1f}" width="{2 * half:.1f}" '
                f'height="{foot - top:.1f}" fill="{colour}"/>'
            )
    return _picture(_WIDTH, _HEIGHT, *parts)


class _Scale:
    """Where a value lies on the picture."""

    def __init__(self, labels: Sequence[str], lowest: Number, highest: Number) -> None:
        self._labels = labels
        self._step = _round_step(highest - lowest)
        self._low = lowest // self._step * self._step
        self._high = max(-(-highest // self._step) * self._step, self._low + self._step)

    @property
    def half_bar(self) -> float:
        return float(Fraction(_WIDTH - _LEFT - _RIGHT, 3 * max(1, len(self._labels))))

    def across(self, n: int) -> float:
        room = _WIDTH - _LEFT - _RIGHT
        return float(_LEFT + Fraction(room * (2 * n + 1), 2 * max(1, len(self._labels))))

    def at(self, value: Number) -> float:
        share = (value - self._low) / (self._high - self._low)
        return float(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM))

    def x(self, n: int) -> str:
        return f"{self.across(n):.1f}"

    def y(self, value: Number) -> str:
        return f"{self.at(value):.1f}"

    def grid(self, unit: str) -> list[str]:
        parts = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
        value = self._low
        while value <= self._high:
            y = self.y(value)
            colour = _GREY if value == 0 else _GRID
            parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="{colour}"/>')
            parts.append(_tick(_LEFT - 6, self.at(value) + 4, f"{_said(value)}{unit}", "end"))
            value += self._step
        every = -(-len(self._labels) // 12)
        for n, label in enumerate(self._labels):
            if n % every == 0:
                parts.append(_tick(self.across(n), _HEIGHT - 10, label, "middle"))
        return parts


def _round_step(room: Number) -> Number:
    """A step of 1, 2 or 5 times a power of ten that cuts the room into six parts at most."""
    power = Fraction(1, 1000)
    while True:
        for step in _STEPS:
            if room <= 6 * step * power:
                return step * power
        power *= 10


def _runs(values: Sequence[Number | None]) -> list[list[tuple[int, Number]]]:
    """The stretches in which every value is known."""
    runs: list[list[tuple[int, Number]]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((n, value))
    return [run for run in runs if run]


def _legend(names: Sequence[str]) -> str:
    """In two rows at most, above the picture."""
    parts, x, y = [], _LEFT, 4
    for colour, name in zip(COLOURS, names, strict=False):
        room = 24 + 6 * len(name)
        if x + room > _WIDTH and x > _LEFT:
            x, y = _LEFT, y + 15
        parts.append(f'<rect x="{x}" y="{y}" width="10" height="10" fill="{colour}"/>')
        parts.append(_tick(x + 14, y + 9, name, "start"))
        x += room
    return "".join(parts)


def _tick(x: Number, y: Number, label: str, anchor: str) -> str:
    return (
        f'<text x="{float(x):.1f}" y="{float(y):.1f}" font-size="11" fill="{_INK}" text-anchor="{anchor}">'
        f"{escape(label)}</text>"
    )


def _said(value: Number) -> str:
    return f"{float(value):,.3f}".rstrip("0").rstrip(".")


def _picture(width: int, height: int, *parts: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12">{"".join(parts)}</svg>'
    )
