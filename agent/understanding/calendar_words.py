"""The words of the calendar in both languages, and patterns of them over text without accents."""

from __future__ import annotations

import unicodedata

from agent.understanding import numbers

_MONTH_NAMES = {
    1: "january|jan|enero|ene", 2: "february|feb|febrero", 3: "march|mar|marzo", 4: "april|apr|abril|abr",
    5: "may|mayo", 6: "june|jun|junio", 7: "july|jul|julio", 8: "august|aug|agosto|ago",
    9: "september|sept|sep|septiembre|setiembre|set", 10: "october|oct|octubre", 11: "november|nov|noviembre",
    12: "december|dec|diciembre|dic",
}  # fmt: skip
_WEEKDAY_NAMES = (
    "monday|mon|lunes|lun", "tuesday|tues|tue|martes", "wednesday|weds|wed|miercoles|mierc|mie",
    "thursday|thurs|thur|thu|jueves|juev|jue", "friday|fri|viernes|vier|vie", "saturday|sat|sabado|sab",
    "sunday|sun|domingo|dom",
)  # fmt: skip
MONTH_OF = {name: number for number, names in _MONTH_NAMES.items() for name in names.split("|")}
WEEKDAY_OF = {name: day for day, names in enumerate(_WEEKDAY_NAMES) for name in names.split("|")}
_UNIT_OF = {
    "business day": "business", "working day": "business", "bank day": "business", "dia habil": "business",
    "dias habiles": "business", "day": "day", "dia": "day", "week": "week", "wk": "week", "semana": "week",
    "workweek": "workweek", "working week": "workweek", "work week": "workweek", "fortnight": "fortnight",
    "weekend": "weekend", "fin de semana": "weekend", "fines de semana": "weekend", "finde": "weekend", "month": "month",
    "mes": "month", "mese": "month", "year": "year", "yr": "year", "ano": "year", "calendar year": "year",
    "calendar month": "month", "quincena": "quincena",
}  # fmt: skip


def _any(names: dict[str, int] | dict[str, str]) -> str:
    return "(?:" + "|".join(sorted(names, key=len, reverse=True)) + ")"


MONTH = rf"(?<![a-z]){_any(MONTH_OF)}(?![a-z])"
WEEKDAY_NAME = _any(WEEKDAY_OF)
WEEKDAY = rf"(?<![a-z]){_any(WEEKDAY_OF)}(?![a-z])"
UNIT = rf"{_any(_UNIT_OF)}s?\b"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
ORDINAL_MARK = r"(?:st|nd|rd|th|ro|er|[°ºª]|\.[°º])"
COUNT = (
    rf"(?:\d{{1,3}}|a couple(?: of)?|(?:the )?couple(?: of)?|a few|few|un par de|{numbers.WORDS}|an?|una?)"
)
COUNTED = rf"{COUNT}\s?(?:more\s+)?{UNIT}(?:(?:,\s*|\s+|\s+and\s+|\s+y\s+|,\s*and\s+){COUNT}\s?{UNIT})*"


def flat(text: str) -> str:
    """The text in lower case without accents, character for character, so that spans stay true."""
    return "".join(_flat(char) for char in text)


def _flat(char: str) -> str:
    if char in "’‘`´":
        return "'"
    if char in "–—−":
        return "-"
    low = unicodedata.normalize("NFD", char)[0].lower()
    return low if len(low) == 1 else char


def unit_of(words: str) -> str:
    """What is counted: day, business, week, workweek, fortnight, weekend, month or year."""
    return _UNIT_OF.get(words) or _UNIT_OF[words.removesuffix("s")]


def count_of(words: str) -> int:
    """How many the words say; "a few" are three, "a couple" two."""
    words = words.strip()
    if words.isdigit():
        return int(words)
    if "few" in words:
        return 3
    if "couple" in words or words == "un par de":
        return 2
    return 1 if words in ("a", "an", "un", "una") else numbers.value(words) or 1
