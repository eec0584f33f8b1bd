"""Days and amounts that a payment conversation can contain, out of two outside suites for parsers.

A row counts by what kind of thing it names, never by what we read of it:

- Days: all that the row names are days or stretches of days. Times of the day, lengths of time and recurrences are out:
  a payment has a day, not an hour. Every day lies within seven years of the row's own today, as long as anything about
  a debt is kept (15 USC 1681c). Out too are units that no payment is spoken of in (seasons, quarters, week numbers,
  decades, a span of bare years), and feasts on which the bank is open. English rows write the month before the day.
  Not counted either is what the two suites themselves contradict each other on: parts of a period without an exact
  border (early March, the end of the month: from the 16th in one, from the 21st in the other; to us the last day) and
  the last or next so many weeks, months or years (by the calendar in one, counted from today in the other).
- Amounts: all that the row names is in dollars or cents, marked as money by a word or sign, in whole cents, at most
  $100,000. Coins by name (a dime, two nickels) are out.

A row that expects nothing (a trap) counts as days or amounts when its own suite tests those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

Days = tuple[date | None, date | None]
"""First and last day; a stretch open at one end has None there."""

_DAY_MODELS = ("DateTimeModel", "DateParser", "DatePeriodParser", "HolidayParser", "MergedParser")
_TRAP_MODELS = ("DateParser", "DatePeriodParser", "HolidayParser")
"""Parsers whose empty rows say that no day is named; the others' may be empty for the want of anything else."""
_KEPT_FOR = timedelta(days=7 * 366)
_DOLLARS = re.compile(r"\A(?:(?:united states |us )?dollar|dólar(?: estadounidense)?)\Z", re.I)
_CENTS = re.compile(r"\A(?:cent|centavo|penny)\Z", re.I)
_MOST = Decimal(100_000)
_MARKED_AS_MONEY = re.compile(r"\$|dol|dól|buck|cent|grand|usd|penn|¢", re.I)
_COINS = re.compile(r"\b(?:dime|nickel|quarter)s?\b", re.I)
_NOT_OF_PAYMENTS = re.compile(
    r"\b(?:spring|summer|autumn|fall|winter|primavera|verano|otoño|invierno|seasons?|estación|cuarto de|t[1-4]|quarters?|trimestres?|q[1-4]"
    r"|[1-4]q|h[12]|semesters?|semestres?|half (?:of|year)|first half|second half|decades?|décadas?|decadas?|centur\w+"
    r"|siglos?|millenn\w+|weeks? (?:number |no\.? ?)?\d+|w\d+|\d+(?:st|nd|rd|th) week|semana \d+|\d0'?s|sprints?"
    r"|(?:19|20)\d\d ?(?:-|~|to|through|and|hasta|a|y) ?(?:19|20)\d\d|trimester|cuatrimestre|school year|fiscal|ticker|twenty-tens|chinese|islamic|eid|ramadan|easter|pascua)\b",
    re.I,
)
_CONTRADICTED = re.compile(
    r"\b(?:early|earlier|late|later(?! than)|mid|middle|beginning|start|ends?|eo[my]|bo[my]|rest|finale?s|fines|fin de (?:mes|año)"
    r"|principios|inicios?|comienzos|mediados|mitad|resto|últim\w+ días|más temprano|mas temprano|más tarde|few)\b",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(?:(?:last|next|past|previous|coming|upcoming|following|[úu]ltim[oa]s?|pr[óo]xim[oa]s?|pasad[oa]s?|couple)\s+)"
    r"(?:\d+|two|three|four|five|six|ten|couple|dos|tres|cuatro|cinco|seis)\s?(?:weeks?|months?|years?|yrs?|semanas|meses|a[ñn]os)\b"
    r"|\b(?:\d+|two|three|four|five|six|ten|dos|tres|cuatro|cinco|seis)\s+(?:last|next|past|previous|coming|upcoming|following"
    r"|[úu]ltim[oa]s?|pr[óo]xim[oa]s?|pasad[oa]s?)\s+(?:weeks?|months?|years?|semanas|meses|a[ñn]os)\b"
    r"|\b(?:semanas|meses|a[ñn]os)\s+(?:que vienen|siguientes|anteriores|pasados)\b"
    r"|\b(?:upcoming|couple)\b.{0,8}\b(?:days?|weeks?|months?|years?)\b|\b(?:two|2) upcoming\b",
    re.I,
)
_BANK_HOLIDAYS = re.compile(
    r"new year|martin luther|mlk|washington|president|memorial day|juneteenth|independence|july 4|labor day|columbus"
    r"|indigenous|veteran|thanksgiving|thanks giving|christmas|xmas|navidad|año nuevo|acci[oó]n de gracias",
    re.I,
)
_FEASTS = re.compile(
    r"holiday|festivo|feast|festival|\beve\b|nochebuena|noche ?(?:buena|vieja)|\b(?:mother|father|labou?r|earth|patrick"
    r"|valentine|hallow|april fool|black friday|cyber|madre|padre|may day|santa|viernes negro|san patricio|trabajador|yuandan|inocentes|enamorados|weekend of)",
    re.I,
)


@dataclass(frozen=True)
class DayCase:
    """A row about days: for each thing named, the readings that are right."""

    id: str
    text: str
    spanish: bool
    today: date
    named: tuple[tuple[Days, ...], ...]


@dataclass(frozen=True)
class AmountCase:
    """A row about money: the amounts named, in cents, smallest first."""

    id: str
    text: str
    cents: tuple[int, ...]


def day_cases(
    recognizers: Iterable[Mapping[str, Any]], duckling: Iterable[Mapping[str, Any]]
) -> list[DayCase]:
    """The rows about days that count."""
    cases = [*_recognized_days(recognizers), *_duckling_days(duckling)]
    return [case for case in cases if _of_payments(case)]


def amount_cases(
    recognizers: Iterable[Mapping[str, Any]], duckling: Iterable[Mapping[str, Any]]
) -> list[AmountCase]:
    """The rows about amounts that count."""
    return [*_recognized_amounts(recognizers), *_duckling_amounts(duckling)]


def _of_payments(case: DayCase) -> bool:
    if any(pattern.search(case.text) for pattern in (_NOT_OF_PAYMENTS, _CONTRADICTED, _SEVERAL)):
        return False
    if _FEASTS.search(case.text) and not _BANK_HOLIDAYS.search(case.text):
        return False
    days = [day for readings in case.named for reading in readings for day in reading if day is not None]
    return all(abs(day - case.today) <= _KEPT_FOR for day in days)


def _recognized_days(rows: Iterable[Mapping[str, Any]]) -> Iterator[DayCase]:
    for row in rows:
        if row["model"] not in _DAY_MODELS or row["reference"] is None:
            continue
        if not row["expected"] and row["model"] not in _TRAP_MODELS:
            continue
        named = [_readings(item) for item in row["expected"]]
        if any(readings is None for readings in named):
            continue
        today = date.fromisoformat(row["reference"][:10])
        kept = tuple(readings for readings in named if readings)
        yield DayCase(row["id"], row["text"], row["lang"] == "Spanish", today, kept)


def _readings(item: Mapping[str, Any]) -> tuple[Days, ...] | None:
    """The right readings of one thing named; None where it is no day or stretch of days."""
    kind = (item.get("Type") or item.get("TypeName") or "").removeprefix("datetimeV2.")
    if kind not in ("date", "daterange"):
        return None
    if "Resolution" in item:
        values = (item["Resolution"] or {}).get("values") or []
        if any(value.get("type") not in ("date", "daterange") for value in values):
            return None
        found = {reading for value in values for reading in _days_of(value, value.get("timex", ""))}
    else:
        value = item.get("Value") or {}
        both = [value.get(key) or {} for key in ("FutureResolution", "PastResolution")]
        found = {reading for one in both for reading in _days_of(one, value.get("Timex", ""))}
    found.discard((None, None))
    return tuple(sorted(found, key=str)) or None


def _days_of(value: Mapping[str, str], timex: str) -> tuple[Days, ...]:
    """Readings of a resolution, whose own ends are exclusive.

    A stretch between two named ends ("the 4th to the 8th", "March to May") leaves out its last end in that suite; to a
    customer it is included. Both readings are right."""
    try:
        on = next((date.fromisoformat(value[key]) for key in ("date", "value") if key in value), None)
        if on is not None:
            return ((on, on),)
        start = next((date.fromisoformat(value[key]) for key in ("startDate", "start") if key in value), None)
        end = next((date.fromisoformat(value[key]) for key in ("endDate", "end") if key in value), None)
    except ValueError:
        return ()
    if start is None or end is None:
        return ((start, end),)
    exclusive = (start, max(start, end - timedelta(days=1)))
    named = re.match(r"\((?P<first>[^,]+),(?P<last>[^,]+),", timex)
    if named is None:
        return (exclusive,)
    grain = {"M": "Month", "Y": "Year"}.get(timex.rstrip(")")[-1], "Day")
    return (exclusive, (start, _grain_end(end, grain)))


_STAMP = r"\((\d+), (\d+), (\d+), 0, 0, 0\)"
_ONE = re.compile(rf"datetime(?:Holiday)? {_STAMP} (Day|Week|Month|Year)\b")
_STRETCH = re.compile(rf"datetimeInterval \({_STAMP}, {_STAMP}\) (?:Day|Week|Month|Year)\Z")


def _duckling_days(rows: Iterable[Mapping[str, Any]]) -> Iterator[DayCase]:
    for row in rows:
        if row["dim"] != "Time" or row["locale"] not in (None, "US"):
            continue
        if "Holiday" in row["expected"] and not _BANK_HOLIDAYS.search(row["text"]):
            continue
        days = _duckling_reading(row["expected"])
        if days is not None:
            today = date.fromisoformat(row["reference"][:10])
            yield DayCase(row["id"], row["text"], row["lang"] == "ES", today, ((days,),))


def _duckling_reading(expected: str) -> Days | None:
    if one := _ONE.match(expected):
        start = _date(*one.groups()[:3])
        return (start, _grain_end(start, one.group(4))) if start else None
    if stretch := _STRETCH.match(expected):
        start, end = _date(*stretch.groups()[:3]), _date(*stretch.groups()[3:])
        return (start, end - timedelta(days=1)) if start and end else None
    return None


def _date(year: str, month: str, day: str) -> date | None:
    """A month or year written with a zeroth day starts on the first."""
    try:
        return date(int(year), max(int(month), 1), max(int(day), 1))
    except ValueError:
        return None


def _grain_end(start: date, grain: str) -> date:
    if grain == "Day":
        return start
    if grain == "Week":
        return start + timedelta(days=6)
    following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    after = following if grain == "Month" else date(start.year + 1, 1, 1)
    return after - timedelta(days=1)


def _recognized_amounts(rows: Iterable[Mapping[str, Any]]) -> Iterator[AmountCase]:
    for row in rows:
        if row["model"] != "CurrencyModel" or _COINS.search(row["text"]) or not row["expected"]:
            continue
        cents = [
            _cents(item["Resolution"].get("value"), item["Resolution"].get("unit"))
            for item in row["expected"]
        ]
        kept = tuple(sorted(amount for amount in cents if amount is not None))
        if len(kept) == len(cents):
            yield AmountCase(row["id"], row["text"], kept)


def _cents(value: str | None, unit: str | None) -> int | None:
    """Whole cents of a resolution in dollars or cents; None where it is anything else."""
    try:
        figure = Decimal((value or "").replace(",", "."))
    except InvalidOperation:
        return None
    if _CENTS.match(unit or ""):
        figure /= 100
    elif not _DOLLARS.match(unit or ""):
        return None
    in_cents = figure * 100
    return int(in_cents) if in_cents == int(in_cents) and 0 < figure <= _MOST else None


_SIMPLE = re.compile(r"(?:simple|above|under) (Dollar|USD|Cent|Unnamed) ([\d.e]+)\Z")
_BETWEEN = re.compile(r"between (?:Dollar|USD|Unnamed) \(([\d.e]+), ?([\d.e]+)\)\Z")


def _duckling_amounts(rows: Iterable[Mapping[str, Any]]) -> Iterator[AmountCase]:
    for row in rows:
        text = row["text"]
        if row["dim"] != "AmountOfMoney" or row["locale"] not in (None, "US"):
            continue
        if _COINS.search(text) or not _MARKED_AS_MONEY.search(text):
            continue
        cents = _duckling_cents(row["expected"])
        if cents and max(cents) <= _MOST * 100:
            yield AmountCase(row["id"], text, cents)


def _duckling_cents(expected: str) -> tuple[int, ...]:
    if simple := _SIMPLE.match(expected):
        unit = 1 if simple.group(1) == "Cent" else 100
        return (int(Decimal(simple.group(2)) * unit),)
    if between := _BETWEEN.match(expected):
        return tuple(sorted(int(Decimal(figure) * 100) for figure in between.groups()))
    return ()
