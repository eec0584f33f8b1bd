"""One self-contained HTML page with headings, tables and pictures, for reports that people read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

_STYLE: Final = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2937; background: #f8fafc; margin: 0 }
main { max-width: 1400px; margin: 0 auto; padding: 28px 24px 60px }
h1 { font-size: 26px; margin: 0 0 4px } h2 { font-size: 19px; margin: 0 0 6px }
h3 { font-size: 15px; margin: 16px 0 4px }
.about { color: #475569; margin: 0 0 20px }
section { background: #fff; border: 1px solid #e2e8f0; border-radius: 8px; padding: 18px 20px; margin: 0 0 18px }
table { border-collapse: collapse; margin: 8px 0; font-size: 13px; font-variant-numeric: tabular-nums; width: 100% }
th, td { padding: 3px 7px; text-align: right; border-bottom: 1px solid #eef2f7; white-space: nowrap }
th { color: #475569; font-weight: 600; border-bottom: 2px solid #cbd5e1; white-space: normal; vertical-align: bottom }
.words td:last-child, .words th:last-child { text-align: left; white-space: normal }
th:first-child, td:first-child { text-align: left }
tr.sum td { font-weight: 600; border-top: 2px solid #cbd5e1 }
.wide { overflow-x: auto }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(400px, 1fr)); gap: 14px }
.note { color: #475569; font-size: 13.5px; margin: 4px 0 8px }
figure { margin: 0 } figcaption { font-weight: 600; font-size: 13.5px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin: 0 0 18px }
.tile { background: #fff; border: 1px solid #e2e8f0; border-radius: 8px; padding: 12px 14px }
.tile b { display: block; font-size: 22px } .tile span { color: #475569; font-size: 13px }
svg { width: 100%; height: auto; display: block }
@media print { body { background: #fff } section { break-inside: avoid } }
"""


def page(title: str, about: str, *parts: str) -> str:
    """The whole page. parts: HTML made by the functions below."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="about">{escape(about)}</p>{"".join(parts)}</main></body></html>\n'
    )


def section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def heading(words: str) -> str:
    return f"<h3>{escape(words)}</h3>"


def note(words: str) -> str:
    """A paragraph of plain words."""
    return f'<p class="note">{escape(words)}</p>'


def tiles(figures: Sequence[tuple[str, str]]) -> str:
    """(figure, what it is) at a glance."""
    cells = (f'<div class="tile"><b>{escape(f)}</b><span>{escape(what)}</span></div>' for f, what in figures)
    return f'<div class="tiles">{"".join(cells)}</div>'


def figure(caption: str, picture: str) -> str:
    """picture: SVG."""
    return f"<figure><figcaption>{escape(caption)}</figcaption>{picture}</figure>"


def pair(*parts: str) -> str:
    """Side by side where there is room."""
    return f'<div class="pair">{"".join(f"<div>{part}</div>" for part in parts)}</div>'


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    sums: Sequence[object] | None = None,
    words: bool = False,
) -> str:
    """Rows under a head; `sums` as the last row. None is shown as a dash. words: the last column holds words."""
    body = "".join(_row(row) for row in rows)
    last = "" if sums is None else _row(sums, ' class="sum"')
    heads = "".join(f"<th>{escape(name).replace('_', '_<wbr>')}</th>" for name in head)
    kind = "wide words" if words else "wide"
    return f'<div class="{kind}"><table><tr>{heads}</tr>{body}{last}</table></div>'


def _row(cells: Sequence[object], kind: str = "") -> str:
    said = "".join(f"<td>{'–' if cell is None else escape(str(cell))}</td>" for cell in cells)
    return f"<tr{kind}>{said}</tr>"
