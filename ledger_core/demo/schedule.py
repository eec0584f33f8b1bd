"""One person's whole life in the book: the script first, the habit where the script leaves room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from random import Random

from ledger_core.demo.acts import Act
from ledger_core.demo.habits import usual_months
from ledger_core.demo.person import Person

SEED = "cash line demo book 1"
"""Change it for another life with the same stories."""


def schedule(person: Person, anchor: date) -> Mapping[date, tuple[Act, ...]]:
    """What they do on which day, in order, from the day their line opens up to the anchor.

    The same person and anchor always give the same schedule.
    """
    calendar, opened_on = person.calendar(anchor), person.opened_on(anchor)
    until = min(person.habit_until.on(calendar), anchor)
    days: dict[date, list[Act]] = defaultdict(list)
    for when, act in person.script:
        days[when.on(calendar)].append(act)
    random = Random(f"{SEED}: {person.customer_id}")
    for on, act in usual_months(person.habit, calendar, opened_on, until, random):
        days[on].append(act)
    assert min(days, default=opened_on) >= opened_on, f"{person.customer_id} acts before the line opens"
    assert max(days, default=anchor) <= anchor, f"{person.customer_id} acts after the anchor"
    return {on: tuple(days[on]) for on in sorted(days)}
