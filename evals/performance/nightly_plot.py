"""Seconds over lines, both axes logarithmic, as an SVG picture made by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 420, 70, 30, 40, 60
COLOURS = ("#1f5fa8", "#b0562a", "#777777")


def draw(path: Path, series: Mapping[str, Mapping[int, float]]) -> None:
    """Write the picture. series: by name, seconds by number of lines; the last one is drawn dashed."""
    points = [(lines, seconds) for values in series.values() for lines, seconds in values.items()]
    x_from, x_to = (math.log10(f(lines for lines, _ in points)) for f in (min, max))
    y_from = math.floor(math.log10(min(seconds for _, seconds in points)))
    y_to = math.ceil(math.log10(max(seconds for _, seconds in points)))

    def place(lines: float, seconds: float) -> tuple[float, float]:
        x = LEFT + (math.log10(lines) - x_from) / max(x_to - x_from, 1e-9) * (WIDTH - LEFT - RIGHT)
        y = TOP + (y_to - math.log10(seconds)) / max(y_to - y_from, 1e-9) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">A night: seconds over lines</text>',
        f'<text x="{WIDTH // 2}" y="{HEIGHT - 14}" text-anchor="middle">lines</text>',
    ]
    for power in range(y_from, y_to + 1):
        _, y = place(10**x_from, 10.0**power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g} s</text>')
    for lines in sorted({lines for lines, _ in points}):
        x, _ = place(lines, 10.0**y_from)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eeeeee"/>')
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{lines:,}</text>')
    for n, (name, values) in enumerate(series.items()):
        parts += _curve(
            n, name, [(place(*point), point[1]) for point in sorted(values.items())], n == len(series) - 1
        )
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _curve(n: int, name: str, dots: list[tuple[tuple[float, float], float]], dashed: bool) -> list[str]:
    colour = COLOURS[n % len(COLOURS)]
    line = " ".join(f"{x},{y}" for (x, y), _ in dots)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    drawn = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>']
    for (x, y), seconds in dots:
        drawn.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>')
        if not dashed:
            drawn.append(
                f'<text x="{x}" y="{y - 9}" text-anchor="middle" fill="{colour}">{seconds:.3g}</text>'
            )
    legend = TOP + 8 + 18 * n
    drawn.append(f'<text x="{LEFT + 12}" y="{legend}" fill="{colour}">{name}</text>')
    return drawn
