"""Where a sensitive value came from, and so whether a tool may use it.

A planner may combine values but not invent them: an amount, a date, an id or a plan must stand in the
customer's own words, in a typed field of their record, in a quote, or in a template of ours. Memos,
narratives and documents are never read for values, so nothing written in one can move money.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeAlias


class Provenance(StrEnum):
    """Where a value may come from."""

    CUSTOMER_WORDS = "customer_words"
    """said or typed by the customer in this conversation, as understood by our own code"""
    RECORD = "record"
    """a typed field of a tool's result in this conversation"""
    QUOTE = "quote"
    """an amount or day that a quote or an offer named"""
    TEMPLATE = "template"
    """offered by a reply template of ours"""
    COLLEAGUE = "colleague"
    """entered by a specialist's own hand at the front door"""


class Form(StrEnum):
    """What a value is; by it 15 cents and the 15th of a month are two things."""

    CENTS = "cents"
    DATE = "date"
    DAY = "day"
    ID = "id"
    CODE = "code"


Value: TypeAlias = int | str | date

_ID: Final = re.compile(r"[a-z]{2,16}_[0-9A-Za-z_]{1,48}\Z")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_CODE: Final = re.compile(r"[a-z0-9_.]{1,40}\Z")
_SKIPPED: Final = frozenset({"passages"})
"""fields that quote documents"""
_OFFER: Final = "good_through_on"
"""a result with this field is a quote"""


@dataclass(frozen=True, slots=True)
class ProvenanceLedger:
    """The values that this conversation supports now."""

    values: Mapping[tuple[Form, Value], frozenset[Provenance]] = field(default_factory=dict)

    def allows(self, form: Form, value: Value, kinds: Iterable[Provenance]) -> bool:
        """Whether the value came from one of these. A date also counts when its day of the month was said."""
        known = self.values.get((form, value), frozenset())
        if isinstance(value, date):
            said = self.values.get((Form.DAY, value.day), frozenset())
            known = known | (said & {Provenance.CUSTOMER_WORDS})
        return not known.isdisjoint(kinds)


def ledger_from(
    *,
    words: Iterable[Mapping[str, Any]] = (),
    records: Iterable[Mapping[str, Any]] = (),
    templates: Iterable[Mapping[str, Any]] = (),
    colleague: Iterable[Mapping[str, Any]] = (),
) -> ProvenanceLedger:
    """The ledger of a conversation.

    words: what our own code understood of the customer's messages: `amount_cents`, `amounts_cents`, `on`,
    `dates`, `days`, `day_of_month`, and choices by name. records: results of tools, as `Done.to_json` or
    `NeedsConfirmation.to_json` gives them. templates: values that a reply of ours offered. colleague: the arguments
    of a call that a specialist made at the front door.
    """
    values: dict[tuple[Form, Value], frozenset[Provenance]] = {}

    def add(found: Iterable[tuple[Form, Value]], source: Provenance) -> None:
        for item in found:
            values[item] = values.get(item, frozenset()) | {source}

    for said in words:
        add(_typed(said), Provenance.CUSTOMER_WORDS)
    for record in records:
        add(_typed(record), Provenance.RECORD)
        add(_quoted(record), Provenance.QUOTE)
    for offered in templates:
        add(_typed(offered), Provenance.TEMPLATE)
    for entered in colleague:
        add(_entered(entered), Provenance.COLLEAGUE)
    return ProvenanceLedger(values)


def form_of(argument: str, value: Value) -> Form:
    """The form of an argument, by its name and type."""
    if isinstance(value, date):
        return Form.DATE
    if isinstance(value, int):
        return Form.CENTS if argument.endswith("_cents") else Form.DAY
    return Form.ID if argument.endswith("_id") else Form.CODE


def _entered(arguments: Mapping[str, Any]) -> Iterator[tuple[Form, Value]]:
    """Whatever a specialist filled into a form of ours, by the form that the argument has."""
    for name, value in arguments.items():
        if isinstance(value, str) and _ISO.match(value):
            yield from _typed_text(value, "on")
        elif isinstance(value, int | str) and not isinstance(value, bool):
            yield form_of(name, value), value


def _typed(data: Any, name: str = "") -> Iterator[tuple[Form, Value]]:
    """The values of typed fields, by the names that say what they are."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key not in _SKIPPED:
                yield from _typed(value, str(key))
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _typed(value, name)
    elif isinstance(data, int) and not isinstance(data, bool):
        if name.endswith("_cents"):
            yield Form.CENTS, data
        elif name.endswith("_day") or name in ("days", "day_of_month"):
            yield Form.DAY, data
    elif isinstance(data, str):
        yield from _typed_text(data, name)


def _typed_text(text: str, name: str) -> Iterator[tuple[Form, Value]]:
    if name.endswith("_id") or name == "id":
        if _ID.match(text):
            yield Form.ID, text
    elif _ISO.match(text) and (name.endswith(("_on", "_by", "_start", "_end")) or name in ("on", "dates")):
        try:
            yield Form.DATE, date.fromisoformat(text)
        except ValueError:
            return
    elif name in _CODES and _CODE.match(text):
        yield Form.CODE, text


_CODES: Final = frozenset({"kind", "mode", "amount_kind", "choice", "looking_at", "speed"})
"""fields whose text is one of a closed set of names"""


def _quoted(data: Any) -> Iterator[tuple[Form, Value]]:
    if isinstance(data, Mapping):
        if _OFFER in data:
            yield from _typed(data)
        for value in data.values():
            yield from _quoted(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _quoted(value)
