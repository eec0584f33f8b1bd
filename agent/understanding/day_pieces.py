"""Finds the pieces that days are named with ("friday", "the 3rd", "next month", "two weeks"), before they are joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agent.understanding import holidays, numbers
from agent.understanding.calendar_words import (
    COUNT,
    MONTH_OF,
    UNIT,
    WEEKDAY_OF,
    count_of,
    unit_of,
)
from agent.understanding.day_patterns import LAST, RELATIVE_DAYS, RULES, THIS
from agent.understanding.result import Span

Kind = Literal["partial", "frame", "nth", "count", "fixed", "holiday", "edge"]


@dataclass(frozen=True)
class Piece:
    """Part of a named day.

    partial: some of year, month, day, weekday (`step` weeks or years on, of "next friday"); frame: a `unit` of the
    calendar `step` away from today's; nth: the `number`th (from the end when negative) `unit` or weekday of something;
    count: so many units; fixed: known days; edge: the start (1), middle (2) or end (3) of something.
    A weak piece ("15", "may") is no day unless it joins another.
    """

    kind: Kind
    span: Span
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    unit: str = ""
    step: int | None = None
    number: int = 0
    counts: tuple[tuple[int, str], ...] = ()
    on: date | None = None
    until: date | None = None
    name: str = ""
    weak: bool = False


_SAID_LOWER = frozenset({"mon", "sat", "sun", "wed", "mar", "set", "lun", "mie", "vie", "dom", "sab", "jue"})
"""Abbreviations that are other words too."""
_STEP_OF = {"pasado": -2, "previous": -2, "anterior": -2, "prior": -2, "coming": 3, "upcoming": 3}
"""Weekdays of last week (-2), and the nearest that is not today (3)."""
_MONTH_LEADS = re.compile(
    r"\b(?:since|in|for|during|from|by|until|before|after|my|the|desde|en|de|hasta|antes de|entre|between)\s+\Z"
)
_MAY_LEADS = re.compile(r"\b(?:since|in|for|during|by|after|my)\s+\Z")
_WHOLE_WEEK = re.compile(r"(?:all|the whole|the entire|my|de la|toda la)\b")
_MONTH_FOLLOWS = re.compile(r"\s+(?:statement|bill|payment|fee|cycle)")


def find(plain: str, today: date, *, month_first: bool) -> list[Piece]:
    """The pieces in order, none over another. `plain` is the text without accents; offsets are those of the text."""
    taken: list[Span] = []
    pieces: list[Piece] = []
    for holiday in holidays_in(plain):
        taken.append(holiday.span)
        pieces.append(holiday)
    for name, pattern in RULES:
        for match in pattern.finditer(plain):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            piece = _MAKERS[name](match, today, month_first)
            if piece is not None:
                taken.append(piece.span)
                pieces.append(piece)
    return sorted(pieces, key=lambda piece: piece.span)


def holidays_in(plain: str) -> Iterator[Piece]:
    """Days on which the bank is closed, by name."""
    for name, span in holidays.find(plain):
        yield Piece("holiday", span, name=name)


def _step(word: str) -> int:
    if re.fullmatch(LAST, word):
        return -1
    return 0 if re.fullmatch(THIS, word) else 1


Make = Callable[[re.Match[str], date, bool], Piece | None]


def _month_number(text: str) -> int:
    return int(text) if text.isdigit() else MONTH_OF[text]


def _iso(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece(
        "partial",
        match.span(),
        int(match["year"]),
        _month_number(match["month"].strip(".")),
        int(match["day"]),
    )


def _numeric(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    first, second = int(match["a"]), int(match["b"])
    month, day = (first, second) if month_first else (second, first)
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    written = match.groupdict().get("year")
    year = None if written is None else int(written) + (2000 if len(written) == 2 else 0)
    return Piece("partial", match.span(), year, month, day)


def _day_month_year(match: re.Match[str], today: date, month_first: bool) -> Piece:
    """ "14th April 15": a year of two figures."""
    return Piece(
        "partial", match.span(), 2000 + int(match["year"]), MONTH_OF[match["month"]], int(match["day"])
    )


def _year_month(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("partial", match.span(), int(match["year"]), int(match["month"]))


def _relative(match: re.Match[str], today: date, month_first: bool) -> Piece:
    on = today + timedelta(days=RELATIVE_DAYS[match["word"]])
    return Piece("fixed", match.span(), on=on)


def _counts(words: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (count_of(match["count"]), unit_of(match["unit"]))
        for match in re.finditer(rf"(?P<count>{COUNT})\s?(?:more\s+)?(?P<unit>{UNIT})", words)
    )


def _counted(way: int) -> Make:
    def make(match: re.Match[str], today: date, month_first: bool) -> Piece:
        groups = match.groupdict()
        counts = _counts(groups["counted"] or groups.get("counted2") or "")
        lasting = way == 0 and match.group().startswith(("for", "por"))
        return Piece("count", match.span(), counts=counts, step=way, name="for" if lasting else "")

    return make


def _business(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("count", match.span(), counts=((count_of(match["count"]), "business"),), step=1)


def _weekdays_on(match: re.Match[str], today: date, month_first: bool) -> Piece:
    count, weekday = count_of(match["count"]), WEEKDAY_OF[match["weekday"]]
    ahead = (weekday - today.weekday()) % 7
    if match["way"] == "ago":
        on = today - timedelta(days=(7 - ahead) % 7 or 7) - timedelta(weeks=count - 1)
    else:
        on = today + timedelta(days=ahead or 7) + timedelta(weeks=count - 1)
    return Piece("fixed", match.span(), on=on)


def _counted_frame(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    count, unit = count_of(match["count"]), unit_of(match["unit"])
    way = -1 if _step(match["which"]) == -1 else 1
    if match["count"] in ("a", "an", "un", "una") and count == 1:
        return None
    return Piece("frame", match.span(), unit=unit, step=way, number=count)


def _after_next(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("frame", match.span(), unit=unit_of(match["unit"]), step=-2 if match["last"] else 2)


def _frame(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    which, unit = match["which"], unit_of(match["unit"])
    return Piece("frame", match.span(), unit=unit, step=_step(which))


def _weak_frame(match: re.Match[str], today: date, month_first: bool) -> Piece:
    before = match.string[: match.start()]
    alone = len(match.group()) == len(match.string.strip(" .!?"))
    led = re.search(r"\b(?:for|in|during|por|en|durante)\s+\Z", before)
    whole = match["unit"] in ("week", "semana") and (alone or _WHOLE_WEEK.match(match.group()))
    weak = match["weekend"] is None and not led and not whole
    return Piece("frame", match.span(), unit=unit_of(match["unit"] or match["weekend"]), step=0, weak=weak)


def _nth(match: re.Match[str], today: date, month_first: bool) -> Piece:
    groups: Mapping[str, str | None] = match.groupdict()
    words = (
        (groups["place"] or "").removesuffix("last").strip() if groups.get("end") else groups["place"] or ""
    )
    place = _place(words)
    if groups.get("end"):
        place = -place
    weekday = WEEKDAY_OF[groups["weekday"]] if groups["weekday"] else None
    unit = unit_of(groups["unit"] or "day") if weekday is None else "weekday"
    return Piece("nth", match.span(), weekday=weekday, unit=unit, number=place)


def _first_run(match: re.Match[str], today: date, month_first: bool) -> Piece:
    count, unit = count_of(match["count"]), unit_of(match["unit"])
    last = match["which"].startswith(("last", "ultim"))
    return Piece("nth", match.span(), unit="run", number=-1 if last else 1, counts=((count, unit),))


def _place(words: str) -> int:
    digits = re.match(r"\d+", words)
    if digits:
        return int(digits.group())
    return -1 if words in ("last", "ultimo", "ultima", "") else numbers.ordinal(words) or 1


def _nth_alone(match: re.Match[str], today: date, month_first: bool) -> Piece:
    weekday = WEEKDAY_OF[match["weekday"]]
    return Piece("nth", match.span(), weekday=weekday, unit="weekday", number=_place(match["place"]))


def _edge(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("edge", match.span(), number=1 if match["start"] else 2 if match["mid"] else 3)


def _month_end(match: re.Match[str], today: date, month_first: bool) -> Piece:
    edge = (
        2
        if re.search("mi[dt]|mediados", match.group())
        else 1
        if re.search("start|ici|pio|enz", match.group())
        else 3
    )
    return Piece("frame", match.span(), unit="month", step=0, number=-edge)


def _quincena(match: re.Match[str], today: date, month_first: bool) -> Piece:
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    on = today.replace(day=15) if today.day < 15 else first - timedelta(days=1)
    return Piece("fixed", match.span(), on=on if on > today else first.replace(day=15))


def _week_of(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("edge", match.span(), unit="week")


def _weekday(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    word, which = match["weekday"], (match["which"] or match["after"] or "").strip()
    whole = len(match.group().strip(" .")) == len(match.string.strip(" .!?"))
    weak = word in _SAID_LOWER and not which and not whole
    step = (
        None
        if not which
        else 3
        if " " in which and which != "que viene"
        else _STEP_OF.get(which, _step(which))
    )
    return Piece("partial", match.span(), weekday=WEEKDAY_OF[word], step=step, weak=weak)


def _month(match: re.Match[str], today: date, month_first: bool) -> Piece:
    word, text = match["month"], match.string
    step = None if not match["which"] else _step(match["which"])
    led = (_MAY_LEADS if word in ("may", "mar", "set") else _MONTH_LEADS).search(text[: match.start()])
    alone = len(match.group()) == len(text.strip(" .!?"))
    weak = step is None and not (led or alone or (word != "may" and _MONTH_FOLLOWS.match(text, match.end())))
    return Piece("partial", match.span(), month=MONTH_OF[word], step=step, weak=weak)


def _month_joined(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("partial", match.span(), month=MONTH_OF[match["month"]], day=int(match["day"]))


def _weekday_after_next(match: re.Match[str], today: date, month_first: bool) -> Piece:
    ahead = (WEEKDAY_OF[match["weekday"]] - today.weekday()) % 7 or 7
    return Piece("fixed", match.span(), on=today + timedelta(days=ahead - 14 if match["last"] else ahead + 7))


def _year(match: re.Match[str], today: date, month_first: bool) -> Piece:
    strong = match["year"]
    span = match.span("year") if strong else match.span()
    return Piece("partial", span, year=int(strong or match["weak"]), weak=not strong)


def _year_words(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    year = numbers.value(match["words"])
    return Piece("partial", match.span(), year=year, weak=True) if year and 2000 <= year < 2100 else None


def _day(weak: bool) -> Make:
    def make(match: re.Match[str], today: date, month_first: bool) -> Piece:
        return Piece("partial", match.span(), day=int(match["day"]), weak=weak)

    return make


def _spelled(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    day = numbers.ordinal(match["words"])
    if day is None or day > 31:
        return None
    led = (match["lead"] or "").split(" ", 1)[0] in (
        "on",
        "by",
        "until",
        "before",
        "to",
        "from",
        "since",
        "el",
        "dia",
    )
    return Piece("partial", match.span(), day=day, weak=not (match["of"] or (led and day == 1)))


def _cardinal(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    day = numbers.value(match["words"])
    if (
        day is None
        or not 1 <= day <= 31
        or (match["words"] in ("a", "un", "una", "one") and not match["lead"])
    ):
        return None
    return Piece("partial", match.span(), day=day, weak="dia" not in (match["lead"] or ""))


def _now(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("fixed", match.span(), on=today, weak=True)


_MAKERS: Mapping[str, Make] = {
    "iso": _iso, "day_month_year": _day_month_year, "full": _numeric, "short": _numeric, "year_month": _year_month, "business": _business,
    "weekday_after_next": _weekday_after_next, "month_joined": _month_joined, "relative": _relative, "ago": _counted(-1), "hence": _counted(1), "weekdays_on": _weekdays_on,
    "counted_frame": _counted_frame, "frame_after_next": _after_next, "quincena": _quincena, "nth": _nth,
    "nth_alone": _nth_alone, "first_run": _first_run, "frame": _frame, "weak_frame": _weak_frame, "edge": _edge, "month_end": _month_end,
    "week_of": _week_of, "weekday": _weekday, "month": _month, "year": _year, "year_words": _year_words,
    "ordinal": _day(False), "the_day": _day(False), "spelled": _spelled, "cardinal": _cardinal, "bare": _day(True),
    "now": _now, "count": _counted(0),
}  # fmt: skip
