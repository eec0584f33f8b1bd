"""Days that words name by the calendar: "tomorrow", "in three days", "el viernes". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    r"|(\d{1,3})\s+(day|week)s?\s+(ago|from\s+(?:now|today)|away|left|to go)"
    r"|(?:faltan|quedan)\s+(\d{1,3})\s+(día|semana)s?|hace\s+(\d{1,3})\s+(día|semana)s?)\b"
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
_WEEKDAY_OF = re.compile(r"(?i)\b(" + "|".join(_WEEKDAYS) + r"),?\s+(?:the\s+)?\*{0,2}$")
NEAR_DAYS = 14


def named(text: str, today: date) -> Iterator[tuple[int, int, frozenset[Day]]]:
    """Each day with its place and the days it may mean. A weekday means one of its name within two weeks."""
    for match in _NAMED.finditer(text):
        yield (*match.span(), frozenset({_as_day(today + timedelta(days=_WORDS[match[1].lower()]))}))
    digits = spelled.in_digits(text)
    for match in _COUNTED.finditer(digits.text):
        yield (*digits.place(*match.span()), frozenset({_as_day(today + timedelta(days=_counted(match)))}))
    around = [today + timedelta(days=n) for n in range(-NEAR_DAYS, NEAR_DAYS + 1)]
    for match in _WEEKDAY.finditer(text):
        weekday = _WEEKDAYS[match[1].lower()]
        yield (*match.span(), frozenset(_as_day(day) for day in around if day.weekday() == weekday))


def leads_to(between: str) -> bool:
    """Whether these words between a weekday and a day make the one a name of the other."""
    return re.fullmatch(r",?\s+(?:the\s+)?\*{0,2}", between) is not None


def misnamed(text: str, start: int, day: Day, today: date) -> bool:
    """Whether the words just before a day call it by another weekday. A day without a year is the nearest one."""
    match = _WEEKDAY_OF.search(text, 0, start)
    if match is None:
        return False
    try:
        days = [
            date(year, day[0], day[1])
            for year in ([day[2]] if day[2] else range(today.year - 1, today.year + 2))
        ]
    except ValueError:
        return True
    meant = min(days, key=lambda one: abs(one - today))
    return meant.weekday() != _WEEKDAYS[match[1].lower()]


def _counted(match: re.Match[str]) -> int:
    number, unit = next((match[n], match[n + 1]) for n in (1, 3, 6, 8) if match[n])
    sign = -1 if match[8] or (match[5] or "").lower() == "ago" else 1
    return sign * int(number) * (7 if unit.lower() in ("week", "semana") else 1)


def _as_day(day: date) -> Day:
    return (day.month, day.day, day.year)
