"""Drafts in a model's free words, true ones out of receipts and false ones made of them; numbers in many writings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

FRAMES = Path(__file__).parent / "cases" / "figures.yaml"
_EN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen""".split()
_EN_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_ES = """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete
dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho
veintinueve""".split()
_ES_TENS = "- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_ES_HUNDREDS = """- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos
novecientos""".split()
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}


@dataclass(frozen=True)
class Draft:
    """A draft, its language, and what is false in it: "", or number, date, rate, claim, role."""

    text: str
    language: str
    false: str


def in_words(n: int, language: str) -> str:
    """A whole number below a million in words."""
    if language == "en":
        if n < 20:
            return _EN[n]
        if n < 100:
            return _EN_TENS[n // 10] + (f"-{_EN[n % 10]}" if n % 10 else "")
        if n < 1000:
            return f"{_EN[n // 100]} hundred" + (f" {in_words(n % 100, language)}" if n % 100 else "")
        return f"{in_words(n // 1000, language)} thousand" + (
            f" {in_words(n % 1000, language)}" if n % 1000 else ""
        )
    if n < 30:
        return _ES[n]
    if n < 100:
        return _ES_TENS[n // 10] + (f" y {_ES[n % 10]}" if n % 10 else "")
    if n == 100:
        return "cien"
    if n < 1000:
        return _ES_HUNDREDS[n // 100] + (f" {in_words(n % 100, language)}" if n % 100 else "")
    thousands = "mil" if n < 2000 else f"{in_words(n // 1000, language)} mil"
    return thousands + (f" {in_words(n % 1000, language)}" if n % 1000 else "")


def money(cents: int, language: str, draw: Random) -> str:
    """An amount in one of the writings that models use."""
    whole, rest = divmod(cents, 100)
    unit = "dollars" if language == "en" else "dólares"
    forms = [
        f"${whole:,}.{rest:02d}",
        f"${whole}.{rest:02d}",
        f"**${whole:,}.{rest:02d}**",
        f"{whole:,}.{rest:02d} {unit}",
    ]
    if rest == 0 and whole > 1:
        forms += [f"${whole:,}", f"{whole} {unit}", f"{in_words(whole, language)} {unit}"] * 2
    return draw.choice(forms)


def rate(basis_points: int, language: str, draw: Random) -> str:
    number = f"{basis_points / 100:.2f}"
    return draw.choice(
        (f"{number} %", f"{number}%", f"{number} percent" if language == "en" else f"{number} por ciento")
    )


def day(when: date, language: str, draw: Random) -> str:
    """A day in one of the writings that models use."""
    month = MONTHS[language][when.month - 1]
    if language == "es":
        spelled = in_words(when.day, "es")
        return draw.choice(
            (f"{when.day} de {month}", f"{when.day} de {month} de {when.year}", f"{spelled} de {month}")
        )
    end = "th" if 10 < when.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(when.day % 10, "th")
    forms = (
        f"{month} {when.day}",
        f"{month} {when.day}{end}",
        f"the {when.day}{end} of {month}",
        f"{month} {when.day}, {when.year}",
    )
    return draw.choice(
        (*forms, f"{month[:3]} {when.day}", f"{when.month}/{when.day}/{when.year}", when.isoformat())
    )


WRITE: dict[str, Callable[[Any, str, Random], str]] = {"money": money, "rate": rate, "date": day}


def _wrong(kind: str, value: Any, draw: Random) -> Any:
    """A value near the true one, and another."""
    if kind == "date":
        return value + timedelta(days=draw.choice((-31, -10, -7, -2, -1, 1, 2, 3, 7, 14, 30)))
    if kind == "rate":
        return max(1, value + draw.choice((-1000, -400, -100, -50, -1, 1, 25, 50, 100, 300)))
    step = draw.choice((-10_000, -900, -100, -9, -1, 1, 9, 90, 100, 1000, 9_000))
    return value + step if value + step > 0 else value + abs(step)


def drafts(line: dict[str, Any], draw: Random) -> Iterator[Draft]:
    """For one line of an overview: every frame true, with each figure wrong, with a true figure of another field, and
    with a claim of something that was not done."""
    spec = yaml.safe_load(FRAMES.read_text(encoding="utf-8"))
    fields = {name: (kind, _value(kind, line.get(name))) for name, kind in spec["fields"].items()}
    known = {name: field for name, field in fields.items() if field[1] is not None}
    for language in ("en", "es"):
        for frame in spec["frames"][language]:
            slots = [name for name in fields if "{" + name + "}" in frame]
            if not set(slots) <= set(known):
                continue
            yield Draft(_filled(frame, known, {}, language, draw), language, "")
            for name in slots:
                kind, value = known[name]
                false = "number" if kind == "money" else kind
                yield Draft(
                    _filled(frame, known, {name: _wrong(kind, value, draw)}, language, draw), language, false
                )
                other = _other(name, known, draw)
                if other is not None:
                    yield Draft(_filled(frame, known, {name: other}, language, draw), language, "role")
            claim = draw.choice(spec["claims"][language])
            yield Draft(f"{_filled(frame, known, {}, language, draw)}\n{claim}", language, "claim")


def _value(kind: str, raw: Any) -> Any:
    return date.fromisoformat(raw) if kind == "date" and raw is not None else raw


def _other(name: str, known: dict[str, tuple[str, Any]], draw: Random) -> Any:
    kind, value = known[name]
    others = [v for other, (k, v) in known.items() if other != name and k == kind and v not in (value, 0)]
    alike = [v for other, (k, v) in known.items() if other == name]
    return (
        draw.choice([v for v in others if v not in alike]) if [v for v in others if v not in alike] else None
    )


def _filled(
    frame: str, known: dict[str, tuple[str, Any]], instead: dict[str, Any], language: str, draw: Random
) -> str:
    for name, (kind, value) in known.items():
        if "{" + name + "}" in frame:
            frame = frame.replace("{" + name + "}", WRITE[kind](instead.get(name, value), language, draw))
    return frame


def lines_of(receipts: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines of the newest overview."""
    found = [
        receipt.data["lines"]
        for receipt in receipts
        if receipt.tool == "get_overview" and receipt.data.get("lines")
    ]
    return list(found[-1]) if found else []
