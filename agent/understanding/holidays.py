"""The bank's holidays by the names customers use. The days are the named ones, also where the bank closes a day later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from agent.understanding.result import Span

_FIXED = {"new year": (1, 1), "juneteenth": (6, 19), "independence": (7, 4), "veterans": (11, 11), "christmas": (12, 25),
          "new year's eve": (12, 31), "christmas eve": (12, 24)}  # fmt: skip
_FLOATING = {
    "mlk": (1, 0, 3),
    "presidents": (2, 0, 3),
    "labor": (9, 0, 1),
    "columbus": (10, 0, 2),
    "thanksgiving": (11, 3, 4),
}
"""(month, weekday, which one)"""
_NAMES = {
    "new year's eve": r"new year'?s? eve|noche ?vieja|fin de ano\b",
    "christmas eve": r"christmas eve|xmas eve|noche ?buena",
    "new year": r"new year'?s?'?(?: day)?(?! eve)|(?:dia de )?ano nuevo",
    "mlk": r"(?:mlk|martin luther king)(?:,? jr\.?)?(?:'?s)?(?: day)?(?: weekend)?",
    "presidents": r"president(?:s'|'s|s)? day|washington'?s?'? birthday|dia de los presidentes",
    "memorial": r"memorial day",
    "juneteenth": r"juneteenth",
    "independence": r"independence day|(?:4th|fourth) of july|july (?:4th|fourth)|dia de (?:la )?independencia",
    "labor": r"labou?r day",
    "columbus": r"columbus day|indigenous peoples'? day",
    "veterans": r"veteran(?:s'|'s|s)? day|dia de los veteranos",
    "thanksgiving": r"thanks ?giving(?: day)?|(?:dia de )?accion de gracias",
    "christmas": r"(?:christmas|xmas)(?: day)?|(?:dia de )?navidad",
}
_PATTERN = re.compile(
    r"(?<!chinese )(?<!islamic )(?<!hijri )(?<!lunar )\b(?:"
    + "|".join(f"(?P<n{place}>{pattern})" for place, pattern in enumerate(_NAMES.values()))
    + r")(?![a-z])"
)


def find(plain: str) -> Iterator[tuple[str, Span]]:
    """(name, span) of each holiday in the text without accents."""
    names = tuple(_NAMES)
    for match in _PATTERN.finditer(plain):
        yield names[int((match.lastgroup or "n0")[1:])], match.span()


def on(name: str, year: int) -> date:
    """The day of the holiday in that year."""
    if name in _FIXED:
        return date(year, *_FIXED[name])
    if name == "memorial":
        last = date(year, 5, 31)
        return last - timedelta(days=last.weekday())
    month, weekday, place = _FLOATING[name]
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=place - 1)
