"""Figures that are said together come from one record: the day and the amount of an entry, both ends of a span. Pure.

A true day beside a true amount is false all the same when no record holds both. And a column that ends in a sum adds
up to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol


class Place(Protocol):
    """A figure's kind, and where it stands in the words."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class From(Protocol):
    """The call and the field that a figure came from."""

    @property
    def tool_call_id(self) -> str: ...
    @property
    def field(self) -> str: ...


_ROW = re.compile(r"[ \t]*(?:[-*•|]|\d{1,2}[.)])\s")
_OF_DAY = re.compile(
    r"\*{0,2}(?: (?:late |returned payment )?(?:fee|payment|draw|charge|refund|credit|cargo|pago|retiro))?"
    r",?\s+(?:on|el|del|of|from|dated|with date|con fecha(?: del?)?)\s+(?:the\s+)?\*{0,2}"
)
_COURSE = re.compile(
    r"[^.;\n]{0,12}(?:[.;] (?:It |Se )?|[^.;\n]{0,40})?\b(?:counted from|received on|settled (?:it )?on"
    r"|cuenta desde|recibido|(?:se|lo) liquid[oó])\s+(?:el\s+|the\s+)?",
    re.I,
)
"""what leads from an amount to a day in the course of that very payment"""
_SPAN = re.compile(r"\*{0,2}\s+(?:to|al|until|through|hasta el|–|—)\s+(?:the\s+)?\*{0,2}")
_AMOUNT = re.compile(r"(?P<sign>[−-]?)\$(?P<whole>[\d,]+)\.(?P<part>\d\d)")
_PART = re.compile(r"[ \t]*[-*•] .*?(?P<amount>[−-]?\$[\d,]+\.\d\d)\*{0,2}\s*$")
_SUM = re.compile(r"[ \t]*= \*{0,2}(?P<amount>[−-]?\$[\d,]+\.\d\d)\*{0,2}\s*$")


def pairs(text: str, found: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """Which figures (by their number in `found`) are said of one record."""
    dates = [n for n, one in enumerate(found) if one.kind == "date"]
    for n, m in pairwise(dates):
        if _SPAN.fullmatch(text[found[n].end : found[m].start]):
            yield n, m
    for n, one in enumerate(found[:-1]):
        after = found[n + 1]
        between = text[one.end : after.start]
        if (one.kind, after.kind) == ("money", "date") and (
            _OF_DAY.fullmatch(between) or _COURSE.fullmatch(between)
        ):
            yield n, n + 1
    for start, end in _rows(text):
        here = [n for n, one in enumerate(found) if start <= one.start < end]
        days = [n for n in here if found[n].kind == "date"]
        amounts = [n for n in here if found[n].kind == "money"]
        if len(days) == 1 and len(amounts) == 1:
            yield amounts[0], days[0]


def _rows(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if _ROW.match(line):
            yield start, start + len(line)
        start += len(line) + 1


def backward_spans(text: str, found: Sequence[Place]) -> Iterator[int]:
    """Days that end a span no later than it begins, where neither or both name a year."""
    for one, (n, other) in zip(found, list(enumerate(found))[1:], strict=False):
        if one.kind == other.kind == "date" and _SPAN.fullmatch(text[one.end : other.start]):
            (month, day, year), (month2, day2, year2) = one.value, other.value
            if (month, day) == (month2, day2) or (
                year and year2 and (year, month, day) > (year2, month2, day2)
            ):
                yield n


def listed(text: str, found: Sequence[Place]) -> set[int]:
    """How many things the words themselves list: rows, and amounts with their days."""
    rows = sum(1 for start, _ in _rows(text) if not text[start:].lstrip().startswith("|"))
    return {n for n in (rows, len(set(pairs(text, found)))) if n > 1}


def in_one_record(one: Sequence[From], other: Sequence[From]) -> bool:
    """Whether some record holds a source of both. A record within it is another one, as is each entry of a list."""
    return not {_record(a) for a in one}.isdisjoint(_record(b) for b in other)


def _record(source: From) -> tuple[str, str]:
    return source.tool_call_id, source.field.rpartition(".")[0]


def wrong_sums(text: str) -> Iterator[tuple[int, int]]:
    """Where a sum stands ("= $5.00" below parts) that its parts do not add up to."""
    parts: list[int] = []
    start = 0
    for line in text.split("\n"):
        part, total = _PART.match(line), _SUM.match(line)
        if part:
            parts.append(_cents(part["amount"]))
        elif total and len(parts) > 0 and sum(parts) != _cents(total["amount"]):
            yield start + total.start("amount"), start + total.end("amount")
        if not part:
            parts = []
        start += len(line) + 1


def _cents(amount: str) -> int:
    match = _AMOUNT.fullmatch(amount)
    assert match is not None, amount
    cents = int(match["whole"].replace(",", "")) * 100 + int(match["part"])
    return -cents if match["sign"] else cents
