"""What a model that tells the truth says in its own words, out of what tools gave; and the same, one thing false."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from agent.flows.base import Receipt
from evals.suites.figures_drafts import Draft, day, in_words, money, rate

DRAFTS = Path(__file__).parent / "cases" / "free_drafts.yaml"
OVERVIEW = "get_overview"
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "es": "lunes martes miércoles jueves viernes sábado domingo".split(),
}
NEAR_DAYS = 14
"""a weekday names a day no farther off"""


@dataclass(frozen=True)
class Field:
    """A value of a tool's result that a draft may speak of."""

    kind: str
    tool: str
    path: str


@cache
def _spec() -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load(DRAFTS.read_text(encoding="utf-8"))
    return {**spec, "fields": {name: Field(*parts) for name, parts in spec["fields"].items()}}


def drafts(
    receipts: Sequence[Receipt], today: date, draw: Random, part: str = "drafts"
) -> Iterator[tuple[Draft, list[Receipt]]]:
    """Every draft whose fields these results hold, true and with each field false, with the results it speaks of.

    part: "drafts", or "unseen" for those that the checks were not mended with.
    """
    spec = _spec()
    fields, texts = spec["fields"], spec[part]
    by_tool = {one.tool: one for one in receipts if one.outcome == "done"}
    values = {
        name: value for name, field in fields.items() if (value := _value(field, by_tool, today)) is not None
    }
    for language in ("en", "es"):
        for text in texts[language]:
            names = [name for name in fields if "{" + name + "}" in text]
            if not set(names) <= set(values):
                continue
            tools = {OVERVIEW, *(fields[name].tool for name in names)}
            read = [by_tool[tool] for tool in sorted(tools) if tool in by_tool]
            written = {name: _write(fields[name], values[name], language, draw) for name in names}
            yield Draft(_filled(text, written), language, ""), read
            for name in names:
                wrong = _write(fields[name], _wrong(fields[name], values[name], draw), language, draw)
                yield Draft(_filled(text, {**written, name: wrong}), language, fields[name].kind), read


def _value(field: Field, by_tool: Mapping[str, Receipt], today: date) -> Any:
    """The value where it is there and worth a word; a day as a date, days to it as their number."""
    data: Any = by_tool[field.tool].data if field.tool in by_tool else None
    for part in field.path.split("."):
        if isinstance(data, list | tuple):
            data = data[int(part)] if int(part) < len(data) else None
        else:
            data = data.get(part) if isinstance(data, Mapping) else None
    if not data:
        return None
    if field.kind in ("date", "days_to", "weekday"):
        data = date.fromisoformat(data)
    if field.kind == "weekday":
        return data if today < data <= today + timedelta(days=NEAR_DAYS) else None
    if field.kind == "days_to":
        return (data - today).days if data > today else None
    return abs(data) if isinstance(data, int) else data


def _write(field: Field, value: Any, language: str, draw: Random) -> str:
    match field.kind:
        case "money":
            return money(value, language, draw)
        case "rate":
            return rate(value, language, draw)
        case "date":
            return day(value, language, draw)
        case "weekday":
            return WEEKDAYS[language][value.weekday()]
        case "last4":
            return str(value)
    return str(value) if value == 1 or draw.random() < 0.7 else in_words(value, language)


def _wrong(field: Field, value: Any, draw: Random) -> Any:
    """A value near the true one, and another."""
    match field.kind:
        case "money":
            return abs(value + draw.choice((-10_000, -900, -100, -9, 9, 90, 100, 1_000, 9_000))) or 1
        case "rate":
            return abs(value + draw.choice((-400, -100, -50, -1, 1, 25, 50, 100, 300))) or 1
        case "date":
            return value + timedelta(days=draw.choice((-31, -10, -7, -2, -1, 1, 2, 3, 7, 14, 30)))
        case "weekday":
            return value + timedelta(days=draw.randint(1, 6))
        case "last4":
            return f"{(int(value) + draw.choice((1, 9, 1000))) % 10_000:04d}"
    return value + draw.choice([n for n in (-2, -1, 1, 2, 5, 10) if value + n > 0])


def _filled(text: str, written: Mapping[str, str]) -> str:
    for name, words in written.items():
        text = text.replace("{" + name + "}", words)
    return text
