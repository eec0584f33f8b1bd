"""What a command may be given at all, before anything is read or decided. A mistake of the caller, not a refusal."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from ledger_core.errors import InvalidInput

WHOLE_MAX: Final = 10_000_000_000_000
"""a hundred thousand million dollars in cents: no amount, rate or number that a command takes is near it"""
CODE_MAX: Final = 200
"""characters of an id, a code or a key"""
WORDS_MAX: Final = 20_000
"""characters of what a person wrote"""
LIFE_DAYS_MAX: Final = 36_525
_WHOLE = ("_cents", "_bp", "_day", "_version")
_LAYOUT = frozenset("\n\r\t")
_CODES: Final[Mapping[tuple[str, str], re.Pattern[str]]] = {
    ("open_line", "state_code"): re.compile("[A-Z]{2}"),
    ("request_draw", "speed"): re.compile("standard|instant"),
    ("make_payment", "source"): re.compile("customer|autopay|plan"),
    ("lock_line", "reason"): re.compile("fraud|customer|specialist|identity"),
    ("charge_fee", "kind"): re.compile("late|returned_payment|membership"),
    ("waive_fee", "reason"): re.compile("courtesy|error|dispute"),
    ("fail_draw", "code"): re.compile("R[0-9]{2}|[a-z_]+"),
    ("return_payment", "return_code"): re.compile("R[0-9]{2}"),
    ("open_dispute", "kind"): re.compile(
        "unauthorized|duplicate|wrong_amount|payment_not_credited|other",
    ),
}


def check_inputs(command: str, line_id: str, key: str, inputs: Mapping[str, Any]) -> None:
    """Raises InvalidInput, with nothing written, for what is no amount, day, code or id at all.

    Amounts, rates, days of the month and versions are whole numbers within `WHOLE_MAX`, days are dates, ids and
    codes are short and printable; where a command knows a few codes only, it is one of them.
    """
    _code("line_id", line_id)
    _code("key", key)
    if not key:
        raise InvalidInput("an empty key names nothing")
    for name, value in inputs.items():
        if value is None:
            continue
        if name.endswith(_WHOLE):
            _whole(name, value)
        elif name.endswith("_on"):
            _day(name, value)
        elif isinstance(value, str) or name.endswith("_id"):
            _code(name, value)
        elif not isinstance(value, bool):
            _whole(name, value)
        known = _CODES.get((command, name))
        if known is not None and not known.fullmatch(value):
            raise InvalidInput(f"{command} knows no {name} {value[:40]!r}")


def check_day(on: date, opened_on: date) -> None:
    """Raises InvalidInput for a servicing date before the line was, or a hundred years after: no clock says so."""
    if not 0 <= (on - opened_on).days <= LIFE_DAYS_MAX:
        raise InvalidInput(f"{on} is no day of a line opened on {opened_on}")


def check_words(name: str, words: str) -> None:
    """The same for what a person wrote: of some length at most, no control characters but those of layout."""
    _text(name, words, WORDS_MAX, _LAYOUT)


def is_code(value: str) -> bool:
    """Whether something can be an id, a code or a key at all."""
    try:
        _code("", value)
    except InvalidInput:
        return False
    return True


def _whole(name: str, value: object) -> None:
    if type(value) is not int:
        raise InvalidInput(f"{name} is a whole number, not a {type(value).__name__}")
    if abs(value) > WHOLE_MAX:
        raise InvalidInput(f"{name} is far beyond any amount")


def _day(name: str, value: object) -> None:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidInput(f"{name} is a date, not a {type(value).__name__}")


def _code(name: str, value: object) -> None:
    _text(name, value, CODE_MAX, frozenset())


def _text(name: str, value: object, most: int, allowed: frozenset[str]) -> None:
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is a text, not a {type(value).__name__}")
    if len(value) > most:
        raise InvalidInput(f"{name} has {len(value)} characters, at most {most} are taken")
    if value.isascii() and value.isprintable():
        return
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in value):
        raise InvalidInput(f"{name} holds characters that are no text")
