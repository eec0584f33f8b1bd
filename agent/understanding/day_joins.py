"""Joins the pieces of a named day: "friday" + "the 3rd", "the 20th" + "next month", "two weeks" + "from tomorrow"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from agent.understanding.day_pieces import Piece
from agent.understanding.result import Span

_GLUE = re.compile(
    r"(?:[\s,.()/-]|\bof\b|\bdel?\b|\bthe\b|\bel\b|\bla\b|\bon\b|\bin\b|\ben\b|\bdia\b|\bday\b|\byear\b|\bano\b|'s\b|\bbetween\b|\bfrom\b|\bentre\b)*\Z"
)
_DAY_GLUE = re.compile(r"(?:[\s,.()/-]|\bof\b|\bdel?\b|\bthe\b|\bel\b|\bdia\b|\bday\b)*\Z")
_GLUE_MAX = 14
_AFTER = re.compile(
    r"\s*(?:from|after|since|following|later than|a partir de|despues de|desde)\s+(?:the\s+|el\s+)?\Z"
)
_BEFORE = re.compile(r"\s*(?:before|prior to|antes de|anterior(?:es)? (?:a|de))\s+(?:the\s+|el\s+)?\Z")
_STARTING = re.compile(r"[\s,]*(?:starting|beginning|from|desde|a partir de)\s+(?:the\s+|el\s+)?\Z")

Join = Callable[[str, Piece, Piece], Piece | None]


def join(plain: str, pieces: list[Piece]) -> list[Piece]:
    """The pieces with neighbours joined: parts of a day first, then what a day is part of, then what counts from it."""
    joined = list(pieces)
    for rules in _PASSES:
        at = 0
        while at + 1 < len(joined):
            one, two = joined[at], joined[at + 1]
            gap = plain[one.span[1] : two.span[0]]
            made = next((made for rule in rules if (made := rule(gap, one, two)) is not None), None)
            if made is None:
                at += 1
            else:
                joined[at : at + 2] = [made]
                at = max(0, at - 1)
    return joined


def _span(one: Piece, two: Piece) -> Span:
    return one.span[0], two.span[1]


def _glued(gap: str) -> bool:
    return len(gap) <= _GLUE_MAX and _GLUE.match(gap) is not None


def _partials(gap: str, one: Piece, two: Piece) -> Piece | None:
    """Two parts of one day that do not contradict each other."""
    if one.kind != "partial" or two.kind != "partial" or not _glued(gap):
        return None
    if two.year is None and not _DAY_GLUE.match(gap):
        return None
    if ". " in gap and not (one.day and one.weak and two.month):
        return None
    for field in ("year", "month", "day", "weekday"):
        if getattr(one, field) is not None and getattr(two, field) is not None:
            return None
    day, month = one.day or two.day, one.month or two.month
    weekday = one.weekday if one.weekday is not None else two.weekday
    year = one.year or two.year
    if (weekday is not None and day is None) or (year is not None and month is None):
        return None
    if weekday is not None and month is None and ((one.day and one.weak) or "-" in gap):
        return None
    step = one.step if one.month else two.step
    return Piece("partial", _span(one, two), year, month, day, weekday, step=step if month else None)


def _month_day(gap: str, one: Piece, two: Piece) -> Piece | None:
    """ "April 1": before the figure on the other side is taken for the day ("30 April 1")."""
    month_alone = one.kind == "partial" and one.month is not None and one.day is None and one.year is None
    day_alone = two.kind == "partial" and two.day is not None and two.month is None
    fits = month_alone and day_alone and re.fullmatch(r"\.?\s*(?:the\s+)?", gap)
    return _partials(gap, one, two) if fits else None


def _part_of_frame(gap: str, one: Piece, two: Piece) -> Piece | None:
    """A day of a month, weekday of a week, month of a year that is named from today."""
    part, frame = (one, two) if one.kind == "partial" else (two, one)
    if part.kind != "partial" or frame.kind != "frame" or frame.number or not _glued(gap):
        return None
    fits = {
        "month": part.day is not None and part.month is None and part.year is None,
        "week": part.weekday is not None and part.day is None and part.step is None,
        "year": part.month is not None and part.year is None,
    }
    if not fits.get(frame.unit, False):
        return None
    if frame.weak and frame is one:
        return None
    return replace(
        part,
        span=_span(one, two),
        unit=frame.unit,
        number=frame.step or 0,
        step=None,
        weak=False,
        name="framed",
    )


def _nth_of(gap: str, one: Piece, two: Piece) -> Piece | None:
    """The first friday of something: of a month, a year, a stretch."""
    if one.kind != "nth" or one.name or not _glued(gap):
        return None
    whole = two.kind == "partial" and two.day is None and two.weekday is None
    if not whole and not (two.kind == "frame" and not two.number):
        return None
    return replace(
        one,
        span=_span(one, two),
        year=two.year,
        month=two.month,
        step=two.step,
        name=two.unit or "calendar",
        weak=False,
    )


def _edge_of(gap: str, one: Piece, two: Piece) -> Piece | None:
    """The end of a month, the week of a day."""
    if one.kind != "edge" or not re.fullmatch(r"[\s-]*(?:around\s+)?", gap):
        return None
    if one.unit == "week":
        return (
            replace(two, span=_span(one, two), name="week", weak=False)
            if two.kind in ("partial", "fixed")
            else None
        )
    whole = two.kind == "partial" and two.month is not None and two.day is None
    if whole or two.kind == "frame":
        return replace(two, span=_span(one, two), number=-one.number, weak=False)
    return None


def _count_from(gap: str, one: Piece, two: Piece) -> Piece | None:
    """So long after or before a day."""
    if one.kind != "count" or one.on is not None or (two.kind in ("count", "edge", "nth") and not two.name):
        return None
    if one.name == "for" and not two.name and (_AFTER.match(gap) or _STARTING.match(gap)):
        return replace(two, span=_span(one, two), counts=one.counts, name="run", weak=False)
    way = 1 if _AFTER.match(gap) else -1 if _BEFORE.match(gap) else 0
    if not way or ((one.step or way) != way and one.step):
        return None
    return replace(
        two, span=_span(one, two), counts=tuple((n * way, unit) for n, unit in one.counts), weak=False
    )


def _lasting(gap: str, one: Piece, two: Piece) -> Piece | None:
    """ "18 December for ten days"."""
    if (
        two.kind != "count"
        or two.name != "for"
        or one.kind not in ("partial", "fixed")
        or one.name
        or gap.strip(" ,")
    ):
        return None
    return None if one.weak else replace(one, span=_span(one, two), counts=two.counts, name="run")


def _whole_of_count(gap: str, one: Piece, two: Piece) -> Piece | None:
    """ "Thanksgiving in three years", "March in a year": the one nearest to what the count says."""
    whole = one.kind == "holiday" or (
        one.kind == "partial" and one.month and not (one.day or one.year or one.weekday)
    )
    if not whole or one.name == "run" or one.counts or two.kind != "count" or not two.step or not _glued(gap):
        return None
    counts = tuple((n * (two.step or 1), unit) for n, unit in two.counts)
    return replace(one, span=_span(one, two), counts=counts, unit="near", weak=False)


def _weekday_of_count(gap: str, one: Piece, two: Piece) -> Piece | None:
    """ "In 3 days on Friday": the count says which day, the weekday agrees."""
    count, part = (one, two) if one.kind == "count" else (two, one)
    agrees = (
        count.kind == "count" and bool(count.step) and part.kind == "partial" and part.weekday is not None
    )
    if not agrees or part.day is not None or not _glued(gap):
        return None
    return replace(count, span=_span(one, two), weekday=part.weekday)


def _holiday_of(gap: str, one: Piece, two: Piece) -> Piece | None:
    """A holiday with its year."""
    if one.kind != "holiday" or not _glued(gap):
        return None
    if two.kind == "partial" and two.year is not None and two.month is None:
        return replace(one, span=_span(one, two), year=two.year)
    if two.kind == "frame" and two.unit == "year" and not two.number:
        return replace(one, span=_span(one, two), step=two.step, name=one.name, unit="year")
    if two.kind == "frame" and two.unit == "weekend":
        return replace(one, span=_span(one, two), unit="weekend")
    return None


_PASSES: tuple[tuple[Join, ...], ...] = (
    (_month_day,),
    (_partials,),
    (_part_of_frame, _nth_of, _edge_of, _holiday_of),
    (_count_from, _lasting, _whole_of_count, _weekday_of_count),
)

_TO = re.compile(
    r"[\s,]*(?:-|~|to|till|til|until|through|thru|hasta|a|al|y hasta)\s*(?:el\s+|the\s+)?(?:dia\s+)?\Z"
)
_AND = re.compile(r"[\s,]*(?:and|y|e|-|~|to|through|a)\s*(?:el\s+|the\s+)?\Z")
_BETWEEN = re.compile(r"\b(?:between|entre|from|desde|del?)\s+(?:the\s+|el\s+)?\Z")
_ONLY_BETWEEN = re.compile(r"\b(?:between|entre)\s")
_MOVES = re.compile(
    r"\b(?:mov\w*|chang\w*|switch\w*|push\w*|shift\w*|reschedul\w*|postpon\w*|bring|mover|muev\w+|cambi\w+|pasar\b|pasen\w*|paseme|instead)\b"
)


def is_stretch(plain: str, one: Piece, two: Piece) -> bool:
    """Whether the words make the two the ends of a stretch; a payment moved from one day to another has two days."""
    gap = plain[one.span[1] : two.span[0]]
    before = plain[: one.span[0]]
    spanish = plain.startswith("al ", two.span[0]) and not gap.strip()
    between = _AND.match(gap) and _ONLY_BETWEEN.search(plain[: one.span[1]], max(0, one.span[0] - 12))
    if not (spanish or between or _TO.match(gap)):
        return False
    if {one.kind, two.kind} & {"count", "edge", "nth"} - ({"nth"} if one.name or two.name else set()):
        return False
    return not _MOVES.search(before)


def lead_of(plain: str, one: Piece) -> int:
    """Where the stretch starts with its "from" or "between"."""
    lead = _BETWEEN.search(plain[: one.span[0]])
    return lead.start() if lead else one.span[0]


def share(one: Piece, two: Piece) -> tuple[Piece, Piece]:
    """Both ends of a stretch or list, each with what only the other says ("13 to 15 July")."""
    if one.kind != "partial" or two.kind != "partial":
        return one, two
    if one.month is None and one.day is not None and two.month is not None and two.weekday is None:
        one = replace(one, month=two.month, name=two.name, unit=two.unit, number=two.number, weak=False)
    elif one.day is not None and one.month is None and two.name == "framed" and two.unit == "month":
        one = replace(one, name="framed", unit="month", number=two.number, weak=False)
    if two.month is None and two.day is not None and one.month is not None and two.name != "framed":
        two = replace(two, month=one.month, weak=False)
    if (
        one.name == "framed"
        and one.unit == "week"
        and two.weekday is not None
        and two.step is None
        and not two.name
    ):
        two = replace(two, name="framed", unit="week", number=one.number, weak=False)
    elif two.name == "framed" and two.unit == "week" and one.weekday is not None and not one.name:
        one = replace(one, name="framed", unit="week", number=two.number, weak=False)
    return one, two


def shift(on: date, counts: tuple[tuple[int, str], ...]) -> date:
    """The date that many units on (or back, where negative), the longest unit first."""
    order = ("year", "month", "fortnight", "week", "workweek", "weekend", "day", "business")
    for count, unit in sorted(counts, key=lambda pair: order.index(pair[1])):
        on = _shifted(on, count, unit)
    return on


def _shifted(on: date, count: int, unit: str) -> date:
    if unit == "business":
        from ledger_core.dates import is_business_day

        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            on += step
            while not is_business_day(on):
                on += step
        return on
    if unit in ("year", "month"):
        return month_shift(on, count * (12 if unit == "year" else 1), on.day)
    return on + timedelta(days=count * {"day": 1, "fortnight": 14}.get(unit, 7))


def month_shift(on: date, months: int, day: int) -> date:
    """That day of the month so many months on, or the month's last when it is shorter."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day, (following - timedelta(days=1)).day))
