"""The record layouts of a NACHA file, as data: each record is 94 characters of fields of fixed width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RECORD_LENGTH = 94
BLOCKING_FACTOR = 10
PADDING = "9" * RECORD_LENGTH

Kind = Literal["text", "digits", "number", "fixed"]
"""text: left, filled with spaces; digits: all digits, kept as written; number: right, filled with zeros"""


@dataclass(frozen=True, slots=True)
class Field:
    """A stretch of a record."""

    name: str
    width: int
    kind: Kind = "text"
    fixed: str = ""


class FieldsRefused(Exception):
    """The names of the fields that do not hold what they must, in the order of the record."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of one kind of record."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        assert sum(field.width for field in self.fields) == RECORD_LENGTH, self.name

    def form(self, **values: str | int) -> str:
        """The record. Raises ValueError for what does not fit, KeyError for what is missing."""
        return "".join(_formed(field, values) for field in self.fields)

    def split(self, record: str) -> dict[str, str]:
        """The texts of its fields by name, without the spaces that fill them. Raises FieldsRefused."""
        found: dict[str, str] = {}
        wrong = []
        start = 0
        for field in self.fields:
            raw = record[start : start + field.width]
            start += field.width
            if not _holds(field, raw):
                wrong.append(field.name)
            if field.kind != "fixed":
                found[field.name] = raw.rstrip()
        if wrong:
            raise FieldsRefused(tuple(wrong))
        return found


def _formed(field: Field, values: dict[str, str | int]) -> str:
    if field.kind == "fixed":
        return field.fixed
    value = values.get(field.name, "") if field.kind == "text" else values[field.name]
    text = str(value).rjust(field.width, "0") if field.kind == "number" else str(value).ljust(field.width)
    if len(text) != field.width or not _holds(field, text):
        raise ValueError(f"{field.name} does not hold {text!r}")
    return text


def _holds(field: Field, raw: str) -> bool:
    if field.kind == "fixed":
        return raw == field.fixed
    if field.kind == "text":
        return raw.isascii() and raw.isprintable()
    return raw.isascii() and raw.isdigit()


def _fixed(text: str, name: str = "record") -> Field:
    return Field(name, len(text), "fixed", text)


def _blank(width: int) -> Field:
    return _fixed(" " * width, "reserved")


FILE_HEADER = Layout(
    "file_header",
    (
        _fixed("1"),
        _fixed("01", "priority"),
        Field("destination", 10),
        Field("origin", 10),
        Field("created_on", 6, "digits"),
        Field("created_at", 4, "digits"),
        Field("modifier", 1),
        _fixed("094", "record_size"),
        _fixed("10", "blocking_factor"),
        _fixed("1", "format"),
        Field("destination_name", 23),
        Field("origin_name", 23),
        Field("reference", 8),
    ),
)
BATCH_HEADER = Layout(
    "batch_header",
    (
        _fixed("5"),
        Field("service_class", 3, "digits"),
        Field("company_name", 16),
        Field("company_discretionary", 20),
        Field("company_id", 10),
        Field("sec", 3),
        Field("description", 10),
        Field("descriptive_date", 6),
        Field("effective_on", 6, "digits"),
        Field("settlement", 3),
        Field("status", 1),
        Field("odfi", 8, "digits"),
        Field("number", 7, "number"),
    ),
)
ENTRY = Layout(
    "entry",
    (
        _fixed("6"),
        Field("transaction_code", 2, "digits"),
        Field("routing", 9, "digits"),
        Field("account", 17),
        Field("amount_cents", 10, "number"),
        Field("individual_id", 15),
        Field("name", 22),
        Field("discretionary", 2),
        Field("addenda", 1, "digits"),
        Field("trace", 15, "digits"),
    ),
)
RETURN_ADDENDA = Layout(
    "return_addenda",
    (
        _fixed("7"),
        _fixed("99", "type"),
        Field("code", 3),
        Field("original_trace", 15, "digits"),
        Field("date_of_death", 6),
        Field("original_rdfi", 8, "digits"),
        Field("text", 44),
        Field("trace", 15, "digits"),
    ),
)
CHANGE_ADDENDA = Layout(
    "change_addenda",
    (
        _fixed("7"),
        _fixed("98", "type"),
        Field("code", 3),
        Field("original_trace", 15, "digits"),
        _blank(6),
        Field("original_rdfi", 8, "digits"),
        Field("text", 29),
        _blank(15),
        Field("trace", 15, "digits"),
    ),
)
BATCH_CONTROL = Layout(
    "batch_control",
    (
        _fixed("8"),
        Field("service_class", 3, "digits"),
        Field("count", 6, "number"),
        Field("entry_hash", 10, "number"),
        Field("debit_cents", 12, "number"),
        Field("credit_cents", 12, "number"),
        Field("company_id", 10),
        Field("authentication", 19),
        _blank(6),
        Field("odfi", 8, "digits"),
        Field("number", 7, "number"),
    ),
)
FILE_CONTROL = Layout(
    "file_control",
    (
        _fixed("9"),
        Field("batches", 6, "number"),
        Field("blocks", 6, "number"),
        Field("count", 8, "number"),
        Field("entry_hash", 10, "number"),
        Field("debit_cents", 12, "number"),
        Field("credit_cents", 12, "number"),
        _blank(39),
    ),
)
ADDENDA = {"98": CHANGE_ADDENDA, "99": RETURN_ADDENDA}
