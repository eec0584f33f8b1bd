"""Days that words name by the calendar: "tomorrow", "in three days", "el viernes". Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from agent import spelled

Day = tuple[int, int, int]
"""month, day, year"""
_WORDS = {
    "tomorrow": 1,
    "yesterday": -1,
    "mañana": 1,
    "ayer": -1,
    "pasado mañana": 2,
    "day after tomorrow": 2,
}
_NAMED = re.compile(
    r"(?i)(?<!la )(?<!de la )\b(day after tomorrow|tomorrow|yesterday|pasado mañana|mañana|ayer)\b"
)
_COUNTED = re.compile(
    r"(?i)\b(?:(?:in|dentro de|en)\s+(\d{1,3})\s+(day|week|día|semana)s?(?!\s+(?:late|past|of|de atraso|equal))"
    r"|(\d{1,3})\s+(day|week)s?\s+(ago|from\s+(?:now|today))|hace\s+(\d{1,3})\s+(día|semana)s?)\b"
)
_WEEKDAYS = {
    name: n
    for names in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "lunes martes miércoles jueves viernes sábado domingo",
    )
    for n, name in enumerate(names.split())
}
_WEEKDAY = re.compile(r"(?i)\b(" + "|".join(_WEEKDAYS) + r")\b")
NEAR_DAYS = 14


def named(text: str, today: date, days: Collection[Day]) -> Iterator[tuple[int, int, bool]]:
    """Each day with its place and whether it is one of `days`. A weekday needs one of its name within two weeks."""
    for match in _NAMED.finditer(text):
        yield (*match.span(), _as_day(today + timedelta(days=_WORDS[match[1].lower()])) in days)
    digits = spelled.in_digits(text)
    for match in _COUNTED.finditer(digits.text):
        yield (*digits.place(*match.span()), _as_day(today + timedelta(days=_counted(match))) in days)
    around = [today + timedelta(days=n) for n in range(-NEAR_DAYS, NEAR_DAYS + 1)]
    near = {day.weekday() for day in around if _as_day(day) in days}
    for match in _WEEKDAY.finditer(text):
        yield (*match.span(), _WEEKDAYS[match[1].lower()] in near)


def _counted(match: re.Match[str]) -> int:
    number, unit = next((match[n], match[n + 1]) for n in (1, 3, 6) if match[n])
    sign = -1 if match[6] or (match[5] or "").lower() == "ago" else 1
    return sign * int(number) * (7 if unit.lower() in ("week", "semana") else 1)


def _as_day(day: date) -> Day:
    return (day.month, day.day, day.year)
