"""The days or stretches of days that a piece may mean, around a given day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from agent.understanding import day_joins, holidays
from agent.understanding.day_joins import month_shift
from agent.understanding.day_pieces import Piece

Found = tuple[date, date | None]
"""A day, or the first and last day of a stretch."""


def candidates(piece: Piece, today: date) -> list[Found]:
    """Days or stretches that the piece may mean, around today."""
    if piece.kind == "fixed":
        assert piece.on is not None
        return [(piece.on, piece.until)]
    if piece.kind == "count":
        way = piece.step or 1
        on = day_joins.shift(today, tuple((n * way, unit) for n, unit in piece.counts))
        if piece.weekday is not None:
            on += timedelta(days=(piece.weekday - on.weekday() + 3) % 7 - 3)
        return [(on, None)]
    if piece.kind == "frame":
        return [_frame(piece, today)]
    if piece.kind == "holiday":
        return _holidays(piece, today)
    if piece.kind == "nth":
        return _nths(piece, today)
    return _partials(piece, today)


def _frame(piece: Piece, today: date) -> Found:
    step = piece.step or 0
    if piece.number > 0:
        return _run(piece, today)
    if piece.unit in ("week", "workweek", "weekend", "fortnight"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        first, days = {"weekend": (5, 1), "workweek": (0, 4), "fortnight": (0, 13)}.get(piece.unit, (0, 6))
        return monday + timedelta(days=first), monday + timedelta(days=first + days)
    if piece.unit == "month":
        return month_shift(today, step, 1), month_shift(today, step, 31)
    if piece.unit == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    return today + timedelta(days=step), None


def _run(piece: Piece, today: date) -> Found:
    """The next or last so many units: whole days beside today, of longer units up to or from today."""
    count, ahead = piece.number, (piece.step or 1) > 0
    far = day_joins.shift(today, ((count if ahead else -count, piece.unit),))
    if piece.unit in ("day", "business"):
        return (today + timedelta(days=1), far) if ahead else (far, today - timedelta(days=1))
    return (today, far) if ahead else (far, today)


def _holidays(piece: Piece, today: date) -> list[Found]:
    years = [piece.year] if piece.year else [today.year + step for step in (-1, 0, 1)]
    if piece.unit == "year":
        years = [today.year + (piece.step or 0)]
    days = [holidays.on(piece.name, year) for year in years]
    if piece.unit == "weekend":
        return [(day - timedelta(days=2 if day.weekday() == 0 else 0), day) for day in days]
    return [(day, None) for day in days]


def _nths(piece: Piece, today: date) -> list[Found]:
    if piece.name in ("", "month"):
        first = month_shift(today, piece.step or 0, 1)
        return _nth_in(piece, first, month_shift(first, 0, 31))
    if piece.name == "year" or piece.month is None:
        year = piece.year or today.year + (piece.step or 0)
        return _nth_in(piece, date(year, 1, 1), date(year, 12, 31))
    years = [piece.year] if piece.year else [today.year - 1, today.year, today.year + 1]
    found: list[Found] = []
    for year in years:
        first = date(year, piece.month, 1)
        found += _nth_in(piece, first, month_shift(first, 0, 31))
    return found


def _nth_in(piece: Piece, first: date, last: date) -> list[Found]:
    """The nth day, weekday or week between two dates; a week belongs where its Thursday is."""
    place = piece.number
    if piece.unit == "run":
        return [_run_in(piece, first, last)]
    if piece.unit == "quincena":
        middle = first + timedelta(days=14)
        return [(first, middle) if place == 1 else (middle + timedelta(days=1), last)]
    if piece.unit == "business":
        outside = first - timedelta(days=1) if place > 0 else last + timedelta(days=1)
        return [(day_joins.shift(outside, ((place, "business"),)), None)]
    if piece.unit == "day":
        day = first + timedelta(days=place - 1) if place > 0 else last + timedelta(days=place + 1)
        return [(day, None)]
    weekday = 3 if piece.unit == "week" else piece.weekday or 0
    if place > 0:
        day = first + timedelta(days=(weekday - first.weekday()) % 7, weeks=place - 1)
    else:
        day = last - timedelta(days=(last.weekday() - weekday) % 7, weeks=-place - 1)
    if piece.unit == "week":
        return [(day - timedelta(days=3), day + timedelta(days=3))]
    return [(day, None)] if first <= day <= last else []


def _run_in(piece: Piece, first: date, last: date) -> Found:
    """The first or last so many days, weeks, months of a stretch."""
    (count, unit), *_ = piece.counts
    if piece.number < 0:
        return day_joins.shift(last + timedelta(days=1), ((-count, unit),)), last
    if unit == "week":
        first += timedelta(days=(3 - first.weekday()) % 7 - 3)
    return first, day_joins.shift(first, ((count, unit),)) - timedelta(days=1)


def _partials(piece: Piece, today: date) -> list[Found]:
    if piece.name == "framed":
        return _framed(piece, today)
    if piece.month is None and piece.day is None:
        if piece.weekday is not None:
            return _weekdays(piece, today)
        return [(date(piece.year, 1, 1), date(piece.year, 12, 31))] if piece.year else []
    if piece.month is None:
        reach = 2 if piece.weekday is None else 14
        months = [month_shift(today, step, 1) for step in range(-reach, reach + 1)]
        return _agreeing([(first.year, first.month) for first in months], piece)
    if piece.year:
        return _agreeing([(piece.year, piece.month)], replace(piece, weekday=None))
    if piece.step is not None:
        return _stepped(piece, today)
    reach = 1 if piece.weekday is None else 6
    found = _agreeing([(today.year + step, piece.month) for step in range(-reach, reach + 1)], piece)
    near = [one for one in found if piece.weekday is None or abs((one[0] - today).days) < 550]
    return near or _agreeing(
        [(today.year + step, piece.month) for step in (-1, 0, 1)], replace(piece, weekday=None)
    )


def _stepped(piece: Piece, today: date) -> list[Found]:
    """ "Last May", "this September", "next 6 April"."""
    assert piece.month is not None
    if piece.step == 0:
        years = [today.year]
    elif (piece.step or 0) < 0:
        years = [today.year if piece.month < today.month else today.year - 1]
    else:
        years = [today.year if piece.month > today.month else today.year + 1]
    return _agreeing([(year, piece.month) for year in years], piece)


def _agreeing(months: list[tuple[int, int]], piece: Piece) -> list[Found]:
    """The piece's day in each of the months that has it and, where a weekday is named, agrees; or the whole months."""
    found: list[Found] = []
    for year, month in months:
        first = date(year, month, 1)
        last = month_shift(first, 0, 31)
        if piece.day is None:
            found.append((first, last))
        elif piece.day <= last.day and piece.weekday in (None, first.replace(day=piece.day).weekday()):
            found.append((first.replace(day=piece.day), None))
    return found


def _framed(piece: Piece, today: date) -> list[Found]:
    if piece.unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=piece.number)
        return [(monday + timedelta(days=piece.weekday or 0), None)]
    if piece.unit == "month":
        return [(month_shift(today, piece.number, piece.day or 1), None)]
    return _agreeing([(today.year + piece.number, piece.month or 1)], replace(piece, weekday=None))


def _weekdays(piece: Piece, today: date) -> list[Found]:
    """This, next or last week's; without such a word the one before today and the one after."""
    assert piece.weekday is not None
    ahead = (piece.weekday - today.weekday()) % 7
    before = today - timedelta(days=(7 - ahead) % 7 or 7)
    if piece.step in (1, -2):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1 if piece.step == 1 else -1)
        return [(monday + timedelta(days=piece.weekday), None)]
    if piece.step == -1:
        return [(before, None)]
    if piece.step == 3:
        return [(today + timedelta(days=ahead or 7), None)]
    if piece.step == 0:
        return [(today + timedelta(days=ahead), None)]
    return [(before, None), (today + timedelta(days=ahead or 7), None)]
