"""The teams of human colleagues, and when they are there."""

from __future__ import annotations

from datetime import date, time
from typing import Final, Literal, TypeAlias

from ledger_core.dates import Moment, add_business_days, is_business_day

Queue: TypeAlias = Literal[
    "general",
    "care",
    "fraud",
    "disputes",
    "hardship",
    "credit",
    "estates",
    "bankruptcy",
    "legal",
    "servicemember",
    "credit_reporting",
    "complaints",
    "contact_preferences",
]

DAY_AND_NIGHT: Final = frozenset({"care", "fraud"})
OPENS: Final = time(8)
CLOSES: Final = time(20)
"""Eastern, on business days (policy Complaints and how we contact you, 2.1)"""

_EN: Final = {
    "always": "Someone is there day and night.",
    "open": "They are here until 8 pm Eastern today.",
    "later": "They are here from 8 am Eastern today.",
    "next": "They are back on {day} at 8 am Eastern.",
    "day": "{month} {day}",
    "months": "January February March April May June July August September October November December",
}
_ES: Final = {
    "always": "Hay alguien a toda hora.",
    "open": "Están aquí hoy hasta las 8 pm, hora del Este.",
    "later": "Están aquí hoy desde las 8 am, hora del Este.",
    "next": "Vuelven el {day} a las 8 am, hora del Este.",
    "day": "{day} de {month}",
    "months": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def hours(queue: str, at: Moment, language: str) -> str:
    """A sentence that says when somebody of the team is there; no wait is promised."""
    words = _ES if language == "es" else _EN
    if queue in DAY_AND_NIGHT:
        return words["always"]
    if is_business_day(at.on) and at.at < CLOSES:
        return words["open"] if at.at >= OPENS else words["later"]
    return words["next"].format(day=_day(add_business_days(at.on, 1), words))


def _day(on: date, words: dict[str, str]) -> str:
    return words["day"].format(month=words["months"].split()[on.month - 1], day=on.day)
