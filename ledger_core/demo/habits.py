"""Habits fill the months that a story leaves open: who pays how, and draws when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from ledger_core.dates import on_or_after, on_or_before
from ledger_core.demo.acts import Act, Draw, Pay
from ledger_core.demo.calendar import Calendar

_DRAW_STEP_DOLLARS = 10


@dataclass(frozen=True)
class Habit:
    """How somebody handles a usual month. Chances are in a thousand per cycle, spans are inclusive."""

    pays: Literal["minimum", "statement", "double", "nothing"] = "minimum"
    days_early: tuple[int, int] = (2, 6)
    late: int = 0
    days_late: tuple[int, int] = (2, 8)
    draws: int = 400
    draw_dollars: tuple[int, int] = (60, 240)
    first_draw_dollars: int = 0


MINIMUM_PAYER = Habit(pays="minimum", first_draw_dollars=600)
FULL_PAYER = Habit(pays="statement", draws=700, first_draw_dollars=200)
LATE_PAYER = Habit(pays="minimum", late=450, days_late=(3, 16), draws=300, first_draw_dollars=700)
IRREGULAR = Habit(pays="double", days_early=(0, 12), late=200, draws=600, first_draw_dollars=400)
BY_AUTOPAY = Habit(pays="nothing", draws=350, first_draw_dollars=800)
QUIET = Habit(pays="nothing", draws=0)
"""Does nothing of their own accord: the story says all."""


def usual_months(
    habit: Habit, calendar: Calendar, opened_on: date, until: date, random: Random
) -> Iterator[tuple[date, Act]]:
    """What the habit does from the opening up to, and not including, the day `until`; per cycle, in order.

    The same random generator gives the same life. Payments in time fall on business days.
    """
    if habit.first_draw_dollars:
        yield opened_on + timedelta(days=random.randint(1, 4)), Draw(habit.first_draw_dollars * 100)
    first_close = calendar.first_close(opened_on)
    index = 0
    while calendar.close(index) > first_close:
        index -= 1
    while calendar.close(index) < until:
        for on, act in _cycle(habit, calendar, index, random):
            if opened_on < on < until:
                yield on, act
        index += 1


def _cycle(habit: Habit, calendar: Calendar, index: int, random: Random) -> Iterator[tuple[date, Act]]:
    draws = random.randrange(1000) < habit.draws
    dollars = _draw_dollars(habit, random)
    drawn_on = calendar.close(index) + timedelta(days=random.randint(1, 24))
    if draws:
        yield drawn_on, Draw(dollars * 100)
    late = random.randrange(1000) < habit.late
    early_by, late_by = random.randint(*habit.days_early), random.randint(*habit.days_late)
    due = calendar.due(index)
    if habit.pays == "nothing":
        return
    if late:
        yield on_or_after(due + timedelta(days=late_by)), Pay("past_due")
        return
    on = on_or_before(due - timedelta(days=early_by))
    match habit.pays:
        case "minimum":
            yield on, Pay("minimum")
        case "statement":
            yield on, Pay("statement")
        case "double":
            yield on, Pay("minimum", extra=random.randrange(20, 120, 10) * 100)


def _draw_dollars(habit: Habit, random: Random) -> int:
    low, high = habit.draw_dollars
    return random.randrange(low, high + 1, _DRAW_STEP_DOLLARS)
