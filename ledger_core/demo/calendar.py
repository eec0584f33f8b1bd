"""A demo line's cycle dates, counted from the anchor: the day on which the demo book ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ledger_core.dates import add_months

CLOSES_BEFORE_DUE = timedelta(days=25)
FIRST_CYCLE_AT_LEAST = timedelta(days=20)
LAST_DUE_DAY = 28


@dataclass(frozen=True)
class Calendar:
    """Due and closing dates of one line; due date 0 is the first on or after the anchor."""

    anchor: date
    due_day: int

    def due(self, index: int) -> date:
        """The index-th due date: 0 is the coming one, -1 the one before it."""
        this_month = self.anchor.replace(day=self.due_day)
        months = index if this_month >= self.anchor else index + 1
        return add_months(this_month, months)

    def close(self, index: int) -> date:
        """The closing date of the statement that is due at `due(index)`."""
        return self.due(index) - CLOSES_BEFORE_DUE

    def first_close(self, opened_on: date) -> date:
        """The first closing date that leaves a line opened that day a first cycle of three weeks."""
        index = 0
        while self.close(index) - FIRST_CYCLE_AT_LEAST > opened_on:
            index -= 1
        while self.close(index) - FIRST_CYCLE_AT_LEAST < opened_on:
            index += 1
        return self.close(index)


def due_day_near(anchor: date, offset: int) -> int:
    """The day of the month, 1 to 28, nearest to `offset` days from the anchor; days 29 to 31 become 28."""
    return min((anchor + timedelta(days=offset)).day, LAST_DUE_DAY)


@dataclass(frozen=True)
class Ago:
    """So many days before the anchor; 0 is the anchor itself."""

    days: int

    def on(self, calendar: Calendar) -> date:
        """The date it names."""
        return calendar.anchor - timedelta(days=self.days)


@dataclass(frozen=True)
class Due:
    """So many days after a due date (negative: before it)."""

    index: int
    after: int = 0

    def on(self, calendar: Calendar) -> date:
        """The date it names."""
        return calendar.due(self.index) + timedelta(days=self.after)


@dataclass(frozen=True)
class Close:
    """So many days after a closing date (negative: before it)."""

    index: int
    after: int = 0

    def on(self, calendar: Calendar) -> date:
        """The date it names."""
        return calendar.close(self.index) + timedelta(days=self.after)


When = Ago | Due | Close
"""A day in a person's story, wherever the anchor falls."""
