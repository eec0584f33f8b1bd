"""Servicing dates, the clock that is passed in, and the bank's business days.

The servicing day is New York's. The bank's holidays are the Federal Reserve's; one that falls on a Saturday
is not moved to the Friday, one that falls on a Sunday moves to the Monday.
Source: Federal Reserve Financial Services, holiday schedule (frbservices.org).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
CUTOFF = time(20, 0)
"""8 pm Eastern: what is asked for later counts as the next business day's."""

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


class Clock(Protocol):
    """The wall clock, passed to whatever needs the time."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock: the one place that asks for the time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and for replaying a day."""

    def __init__(self, at: datetime) -> None:
        assert at.tzinfo is not None, "a clock without a time zone tells no time"
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        assert by >= timedelta(0), "time does not run backwards"
        self._at += by


@dataclass(frozen=True, order=True)
class Moment:
    """A point in servicing time: the date `on`, and the wall time `at` in New York."""

    on: date
    at: time


def eastern(instant: datetime) -> Moment:
    """The servicing date and New York wall time of an aware instant."""
    assert instant.tzinfo is not None
    local = instant.astimezone(EASTERN)
    return Moment(local.date(), local.time())


def eastern_instant(moment: Moment) -> datetime:
    """The UTC instant of a moment; in the hour that repeats in autumn, the first of the two."""
    return datetime.combine(moment.on, moment.at, EASTERN).astimezone(UTC)


@lru_cache(maxsize=256)
def federal_reserve_holidays(year: int) -> frozenset[date]:
    """The days of a year on which the Federal Reserve Banks are closed, weekends apart."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= 2022:
        fixed.append(date(year, 6, 19))
    floating = {
        _nth_weekday(year, 1, _MONDAY, 3),
        _nth_weekday(year, 2, _MONDAY, 3),
        _last_weekday(year, 5, _MONDAY),
        _nth_weekday(year, 9, _MONDAY, 1),
        _nth_weekday(year, 10, _MONDAY, 2),
        _nth_weekday(year, 11, _THURSDAY, 4),
    }
    observed = {day + timedelta(days=1) if day.weekday() == _SUNDAY else day for day in fixed}
    return frozenset(day for day in floating | observed if day.weekday() != _SATURDAY)


def is_business_day(on: date) -> bool:
    """Whether the bank settles on that date: no weekend, no Federal Reserve holiday."""
    return on.weekday() < _SATURDAY and on not in federal_reserve_holidays(on.year)


def on_or_after(on: date) -> date:
    """The date itself when it is a business day, else the next one."""
    return _walk(on, timedelta(days=1), is_business_day)


def on_or_before(on: date) -> date:
    """The date itself when it is a business day, else the one before."""
    return _walk(on, timedelta(days=-1), is_business_day)


def add_business_days(on: date, count: int) -> date:
    """The count-th business day after `on`, or before it when count is negative; `on` itself for 0.

    A start on a closed day counts from there: one business day after a Saturday is the Monday.
    """
    step = timedelta(days=1 if count >= 0 else -1)
    day = on
    for _ in range(abs(count)):
        day = _walk(day + step, step, is_business_day)
    return day


def business_days_between(start: date, end: date) -> int:
    """How many business days lie after start, up to and including end; negative when end is earlier."""
    if end < start:
        return -business_days_between(end, start)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if is_business_day(day))


def business_date(moment: Moment) -> date:
    """The business day a request counts for: today before the cut-off of a business day, else the next."""
    if is_business_day(moment.on) and moment.at < CUTOFF:
        return moment.on
    return add_business_days(moment.on, 1)


def add_months(on: date, months: int, *, day: int | None = None) -> date:
    """The same day (or `day`) some months on, held to the month's last day where that is shorter."""
    index = on.year * 12 + on.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day or on.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """How many days that month has."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return (first_of_next - timedelta(days=1)).day


def _walk(day: date, step: timedelta, until: Callable[[date], bool]) -> date:
    while not until(day):
        day += step
    return day


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_weekday(year: int, month: int, weekday: int) -> date:
    last = date(year, month, days_in_month(year, month))
    return last - timedelta(days=(last.weekday() - weekday) % 7)
