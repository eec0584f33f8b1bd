"""Promise two, pure: every amount, date, rate and count in a reply resolves to a field of a receipt.

`resolve(text, receipts)` finds each figure in the words and looks for the receipt field it came from. What it
cannot resolve is returned as unsupported, and such words do not leave. Money is compared in cents, rates in
basis points, dates by month and day (and year, when the words give one). English and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from agent import relative, roles, spelled, together
from agent.flows.base import Receipt

MONTHS = {
    **{
        name: n
        for n, names in enumerate(
            (
                "january jan enero",
                "february feb febrero",
                "march mar marzo",
                "april apr abril",
                "may mayo",
                "june jun junio",
                "july jul julio",
                "august aug agosto",
                "september sept sep septiembre",
                "october oct octubre",
                "november nov noviembre",
                "december dec diciembre",
            ),
            start=1,
        )
        for name in names.split()
    },
}
_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_MONTH_NAMES = (
    "(?P<month>" + "|".join(name.capitalize() for name in sorted(MONTHS, key=len, reverse=True)) + ")"
)
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("reference", re.compile(r"\b[a-z]{2,12}_[0-9A-Za-z]{6,}\b")),
    ("date", re.compile(r"\b(?P<year>\d{4})-(?P<m>\d{2})-(?P<day>\d{2})\b")),
    (
        "date",
        re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?\b", re.I),
    ),
    (
        "date",
        re.compile(
            rf"(?<![$\d.,])\b(?P<day>\d{{1,2}})\s+de\s+{_MONTH}(?:\s+(?:de\s+)?(?P<year>\d{{4}}))?\b", re.I
        ),
    ),
    (
        "date",  # "3 May 2026": a month in capitals, so that "$20 may follow" is none
        re.compile(rf"(?<![$\d.,])\b(?P<day>\d{{1,2}})\s+{_MONTH_NAMES}(?:\s+(?P<year>\d{{4}}))?\b"),
    ),
    (
        "date",  # 5/22 and 5/22/2026, the month first
        re.compile(r"(?<![\d/.$])(?P<m>0?[1-9]|1[0-2])/(?P<day>\d{1,2})(?:/(?P<year>20\d{2}))?(?![\d/])"),
    ),
    ("month", re.compile(rf"\b{_MONTH}\s+(?:de\s+)?(?P<year>\d{{4}})\b", re.I)),
    ("rate", re.compile(rf"(?P<number>{_NUMBER})\s?(?:%|percent\b|por ciento\b)", re.I)),
    ("money", re.compile(rf"\$\s?(?P<number>{_NUMBER})(?!\d)")),
    ("money", re.compile(rf"(?P<number>{_NUMBER})\s?(?:dollars?|bucks|dólares|dolares|usd)\b", re.I)),
    (
        "foreign",
        re.compile(rf"[€£]\s?(?P<number>{_NUMBER})|(?P<many>{_NUMBER})\s?(?:euros?|pesos?|pounds)\b", re.I),
    ),
    ("money_cents", re.compile(r"\b(?P<number>\d{1,2})\s?(?:cents|centavos)\b", re.I)),
    (
        "last4",
        re.compile(
            r"\b(?:ending(?: in)?|terminada en|que termina en|termina en)\s+(?P<number>\d{4})\b", re.I
        ),
    ),
    ("clock", re.compile(r"\b(?P<number>\d{1,2}(?::\d{2})?)\s?(?:am|pm|a\.\s?m\.|p\.\s?m\.)(?![a-z])", re.I)),
    ("day", re.compile(r"\b(?P<number>\d{1,2})(?:st|nd|rd|th)\b", re.I)),
    ("day", re.compile(r"\bel (?:día )?(?P<number>\d{1,2})\b", re.I)),
    ("section", re.compile(r"(?:§|\bsections?|\bsección)\s*(?P<number>\d+(?:\.\d+)+|\d+)\b", re.I)),
    ("count", re.compile(rf"(?<![\w.])(?P<number>{_NUMBER})(?![\w%]|\.\d)")),
)
HELPLINES = frozenset({"988", "911"})
LIST_MARKER = re.compile(r"^[ \t]*\d{1,2}\.[ \t]", re.M)
UNTRUSTED = frozenset({"memo", "narrative", "body"})
"""Fields with other people's words: what they say supports nothing."""
KNOWN_KINDS = ("money", "rate", "date", "count")


@dataclass(frozen=True)
class Found:
    """A figure as the words have it. value: cents, basis points, (month, day, year or 0), or the number's text."""

    kind: str
    value: Any
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """The receipt field a figure came from."""

    tool_call_id: str
    tool: str
    field: str


@dataclass(frozen=True)
class Figure:
    """A figure and where it comes from, as it goes on the wire."""

    found: Found
    source: Source

    def to_wire(self) -> dict[str, Any]:
        kind = {"money_cents": "money", "month": "date", "day": "date"}.get(self.found.kind, self.found.kind)
        value = self.found.value
        return {
            "text": self.found.text,
            "value": "-".join(f"{part:02d}" for part in value) if isinstance(value, tuple) else value,
            "kind": kind if kind in KNOWN_KINDS else "count",
            "source": {
                "tool_call_id": self.source.tool_call_id,
                "tool": self.source.tool,
                "field": self.source.field,
            },
        }


def extract(text: str) -> list[Found]:
    """Every figure in the words, left to right. A digit belongs to one figure; list markers are no figures."""
    taken = [match.span() for match in LIST_MARKER.finditer(text)]
    found: list[Found] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            if kind != "reference":
                found.append(Found(kind, _value(kind, match), match.group(), match.start(), match.end()))
    return sorted(found, key=lambda item: item.start)


def _value(kind: str, match: re.Match[str]) -> Any:
    groups = match.groupdict()
    if kind in ("date", "month"):
        month = int(groups["m"]) if groups.get("m") else MONTHS[groups["month"].lower()]
        return (month, int(groups.get("day") or 0), int(groups.get("year") or 0))
    if kind == "foreign":
        return match.group()
    number = groups["number"].replace(",", "")
    if kind == "money":
        return int(Decimal(number) * 100) if Decimal(number) * 100 == int(Decimal(number) * 100) else number
    if kind == "rate":
        return int(Decimal(number) * 100) if Decimal(number) * 100 == int(Decimal(number) * 100) else number
    if kind in ("money_cents", "day"):
        return int(number)
    return number


READ_MAX = 2_000
UNIQUE_ID_CHARS = len("call_") + 20
"""ids made by new_id are longer; anything shorter may name two receipts"""
Sources = dict[tuple[str, Any], tuple[Source, ...]]
_READ: dict[str, Sources] = {}


@dataclass
class _Index:
    """What the receipts support: (kind, value) → its sources, oldest first."""

    sources: Sources

    def add(self, kind: str, value: Any, source: Source) -> None:
        self.sources[(kind, value)] = (*self.sources.get((kind, value), ()), source)


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in UNTRUSTED:
                yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list | tuple):
        yield f"{path}.count", len(data)
        for n, value in enumerate(data):
            yield from _leaves(value, f"{path}.{n}")
    else:
        yield path, data


def _add_leaf(index: _Index, path: str, value: Any, source: Source) -> None:
    name = path.rsplit(".", 1)[-1]
    if name.isdigit():
        name = path.rsplit(".", 2)[-2]
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        if name.endswith("cents"):
            index.add("money", abs(value), source)
        elif name.endswith("bp"):
            index.add("rate", abs(value), source)
        else:
            index.add("count", str(abs(value)), source)
    elif isinstance(value, str):
        try:
            day = date.fromisoformat(value[:10]) if len(value) >= 10 else None
        except ValueError:
            day = None
        if day is not None:
            _add_day(index, day, source)
            return
        if value.isdigit():
            index.add("last4" if name.endswith("last4") else "count", value, source)
        for item in extract(value):
            index.add(item.kind, item.value, source)


def _add_day(index: _Index, day: date, source: Source) -> None:
    index.add("date", (day.month, day.day, 0), source)
    index.add("date", (day.month, day.day, day.year), source)
    index.add("month", (day.month, 0, day.year), source)
    index.add("day", day.day, source)


def _index(receipts: Iterable[Receipt]) -> _Index:
    index = _Index({})
    for receipt in receipts:
        for key, sources in _sources_of(receipt).items():
            index.sources[key] = (*index.sources.get(key, ()), *sources)
    return index


def _sources_of(receipt: Receipt) -> Sources:
    """What one receipt supports. A receipt never changes, so it is read once; the conversation's own words are not."""
    if len(receipt.call_id) > UNIQUE_ID_CHARS and receipt.call_id in _READ:
        return _READ[receipt.call_id]
    index = _Index({})
    for path, value in _leaves(receipt.data):
        _add_leaf(index, path, value, Source(receipt.call_id, receipt.tool, path))
    if len(receipt.call_id) > UNIQUE_ID_CHARS:
        if len(_READ) >= READ_MAX:
            _READ.pop(next(iter(_READ)))
        _READ[receipt.call_id] = index.sources
    return index.sources


def _lookup(index: _Index, found: Found) -> tuple[Source, ...]:
    """All sources of a figure; none where it is unsupported."""
    kind, value = found.kind, found.value
    if kind == "money_cents":
        return index.sources.get(("money", value)) or index.sources.get((kind, value)) or ()
    candidates = [(kind, value)]
    if kind not in ("money", "rate", "date", "month", "foreign"):
        candidates += [("count", str(value)), ("last4", str(value)), ("section", str(value))]
    return next((index.sources[one] for one in candidates if one in index.sources), ())


def resolve(
    text: str, receipts: Sequence[Receipt], *, drafted: bool = False, today: date | None = None
) -> tuple[list[Figure], list[Found]]:
    """The figures of the words with their sources, and those that no receipt supports (empty: the words may leave).

    drafted: a model's words, in which a true figure in the wrong place is unsupported too (`agent/roles.py`), and which
    may spell numbers and name days by the calendar ("tomorrow", counted from `today`). A template is filled by field,
    and its numbers in words were written and reviewed with it.
    """
    index = _index(receipts)
    found = [one for one in (_spelled(text) if drafted else extract(text)) if one.text not in HELPLINES]
    sources = [_in_role(one, _lookup(index, one), text, drafted=drafted) for one in found]
    told = [
        _not_later(one, known, text) if drafted else known for one, known in zip(found, sources, strict=True)
    ]
    apart = {n for pair in together.pairs(text, found) if _apart(*(told[n] for n in pair)) for n in pair}
    apart |= set(together.backward_spans(text, found))
    figures = [Figure(one, known[-1]) for one, known in zip(found, sources, strict=True) if known]
    unsupported = [one for n, one in enumerate(found) if not sources[n] or n in apart]
    unsupported += [
        Found("money", None, text[start:end], start, end) for start, end in together.wrong_sums(text)
    ]
    if drafted:
        enough = {str(n) for n in together.listed(text, found)}
        unsupported = [one for one in unsupported if one.kind != "count" or one.value not in enough]
    if drafted and today is not None:
        unsupported = _by_calendar(index, text, today, found, unsupported)
    return figures, unsupported


def _by_calendar(
    index: _Index, text: str, today: date, found: Sequence[Found], unsupported: list[Found]
) -> list[Found]:
    """What is unsupported once days named by the calendar are read: "tomorrow", "in three days", "Friday, May 22"."""
    named = list(relative.named(text, today))
    # the three of "in three days" is part of the day
    kept = [one for one in unsupported if not any(start <= one.start < end for start, end, _ in named)]
    for start, end, days in named:
        if any(relative.leads_to(text[end : one.start]) for one in found if one.kind == "date"):
            continue  # "Friday, May 22" is judged as May 22, and whether that is a Friday
        one = Found("date", None, text[start:end], start, end)
        sources = tuple(source for day in days for source in index.sources.get(("date", day), ()))
        if not _in_role(one, sources, text, drafted=True):
            kept.append(one)
    return kept + [
        one for one in found if one.kind == "date" and relative.misnamed(text, one.start, one.value, today)
    ]


def _in_role(found: Found, sources: tuple[Source, ...], text: str, *, drafted: bool) -> tuple[Source, ...]:
    """The sources that bear the figure out as what it is said to be."""
    if found.kind == "date" and not _OF_TODAY.search(text, max(0, found.start - TODAY_CHARS), found.start):
        sources = tuple(one for one in sources if not one.field.endswith("as_of_on"))
    role = roles.of(found.kind, text, found.start, found.end) if drafted or found.kind == "date" else None
    if role is None:
        return sources
    return tuple(one for one in sources if role.borne_out_by.search(one.field) or one.tool in GIVEN)


def _not_later(found: Found, sources: tuple[Source, ...], text: str) -> tuple[Source, ...]:
    """The sources of a day just said of an amount: not when it settled or came back, unless the words say so."""
    if found.kind != "date" or roles.of("date", text, found.start, found.end) is not None:
        return sources
    return tuple(one for one in sources if not _LATER.search(one.field))


def _apart(one: tuple[Source, ...], other: tuple[Source, ...]) -> bool:
    """True for two figures said of one record that no record holds. What was given has none of its own."""
    held, told = ([source for source in each if source.tool not in GIVEN] for each in (one, other))
    given = any(source.tool in GIVEN for source in (*one, *other))
    return bool((held and told) or not given) and not together.in_one_record(held, told)


_LATER = re.compile(r"settle|returned|cancelled|expires|undo")
TODAY_CHARS = 40
_OF_TODAY = re.compile(r"(?i)\b(?:today|as of|as at|now|hoy|ahora|al|a la fecha)\b")
"""words that lead up to the day an overview is of; anywhere else it is no day of the account"""
GIVEN = frozenset({"customer", "terms", "search_policies"})
"""the customer's own words, a template's facts and passages of policy have no role of their own"""


def _spelled(text: str) -> list[Found]:
    """Every figure, also those in words, each at its place in the text as it stands."""
    digits = spelled.in_digits(text)
    found = []
    for one in extract(digits.text):
        start, end = digits.place(one.start, one.end)
        found.append(replace(one, text=text[start:end], start=start, end=end))
    return found
