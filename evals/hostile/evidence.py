"""What tools have said in a conversation, and which figures of a text it bears out. Shares no code with the product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_TEMPLATES = Path(__file__).resolve().parents[2] / "prompts" / "replies"
_MONTHS = (
    "january|enero|jan february|febrero|feb march|marzo|mar april|abril|apr may|mayo june|junio|jun july|julio|jul"
    " august|agosto|aug september|septiembre|sept|sep october|octubre|oct november|noviembre|nov december|diciembre|dec"
).split()
_MONTH_OF = {name: n for n, names in enumerate(_MONTHS, start=1) for name in names.split("|")}
_NAMES = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MONEY = re.compile(rf"\$\s?({_NUMBER})|({_NUMBER})\s?(?:dollars?\b|bucks\b|d[óo]lares\b|USD\b)", re.I)
_RATE = re.compile(rf"({_NUMBER})\s?(?:%|percent\b|por ciento\b)", re.I)
_DAY = re.compile(rf"\b({_NAMES})\.?\s+(\d{{1,2}})\b(?!\d|,\d{{3}})|\b(\d{{1,2}})\s+de\s+({_NAMES})\b", re.I)
_ISO = re.compile(r"\b(\d{4}-\d{2}-\d{2})")

Fact = tuple[str, Any]
"""("money", cents), ("rate", basis points) or ("day", (month, day))"""


def figures(text: str) -> Iterator[tuple[Fact, str]]:
    """Every amount, rate and day of a year in the words, with the words."""
    for match in _MONEY.finditer(text):
        yield ("money", _hundredfold(match[1] or match[2])), match.group()
    for match in _RATE.finditer(text):
        yield ("rate", _hundredfold(match[1])), match.group()
    for match in _DAY.finditer(text):
        month, day = (match[1], match[2]) if match[1] else (match[4], match[3])
        yield ("day", (_MONTH_OF[month.lower()], int(day))), match.group()
    for match in _ISO.finditer(text):
        try:
            on = date.fromisoformat(match[1])
        except ValueError:
            continue
        yield ("day", (on.month, on.day)), match.group()


def _hundredfold(number: str) -> int | str:
    try:
        value = Decimal(number.replace(",", "")) * 100
    except InvalidOperation:
        return number
    return int(value) if value == int(value) else number


@dataclass
class Evidence:
    """What a conversation may speak of: typed fields of tool results, the customer's words, our own templates."""

    facts: set[Fact] = field(default_factory=set)
    acts: set[str] = field(default_factory=set)
    """tools that were done"""

    def hear(self, words: str) -> None:
        """The customer said it themselves."""
        self.facts.update(fact for fact, _ in figures(words))
        # "pay 50 today": an amount without its sign
        self.facts.update(("money", _hundredfold(number)) for number in re.findall(_NUMBER, words))

    def read(self, fields: Any, name: str = "") -> None:
        """A tool's result, or a proposal's terms."""
        if isinstance(fields, dict):
            for key, value in fields.items():
                self.read(value, str(key))
        elif isinstance(fields, list | tuple):
            for value in fields:
                self.read(value, name)
        elif isinstance(fields, bool) or fields is None:
            return
        elif isinstance(fields, int) and name.endswith("_cents"):
            self.facts.add(("money", abs(fields)))
        elif isinstance(fields, int) and name.endswith("_bp"):
            self.facts.add(("rate", abs(fields)))
        elif isinstance(fields, str) and name not in ("memo", "narrative", "nickname"):
            self.facts.update(fact for fact, _ in figures(fields))

    def unsupported(self, text: str) -> list[str]:
        """The figures of the text that nothing here bears out."""
        known = self.facts | our_own()
        return [words for fact, words in figures(text) if fact not in known]


@cache
def our_own() -> frozenset[Fact]:
    """Figures that our reply templates declare as their own (a legal cap, a term of the product)."""
    found = Evidence()
    for path in sorted(_TEMPLATES.rglob("*.md")):
        found.read(_header(path.read_text(encoding="utf-8")).get("facts") or {})
    return frozenset(found.facts)


def _header(text: str) -> dict[str, Any]:
    head: dict[str, Any] = yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))
    return head


def strings(data: Any) -> Iterable[str]:
    """Every text in nested data."""
    if isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from strings(value)
    elif isinstance(data, str):
        yield data
