"""Read a NACHA file, or refuse it whole with every reason that can be told, in the order of the file.

A file is looked at in three passes, and a pass is begun only when the one before found nothing: its records
(length, blocks, fields, order), what they mean (dates, codes, check digits, traces, addenda), and its figures
(counts, hashes, totals).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from ledger_core.bank import nacha_records as records
from ledger_core.bank.nacha import (
    CREDITS_ONLY,
    DEBITS_ONLY,
    MIXED,
    NOTHING,
    TRANSACTION_CODES,
    Addenda,
    Batch,
    Entry,
    Figures,
    NachaFile,
    figures_of,
)
from ledger_core.bank.nacha_records import BLOCKING_FACTOR, PADDING, RECORD_LENGTH, FieldsRefused, Layout
from ledger_core.bank.routing import is_routing_number
from ledger_core.errors import BankFileRefused
from ledger_core.refusals import Reason

_MAY_FOLLOW = {"": "1", "1": "5", "5": "6", "6": "678", "7": "68", "8": "59"}
_LAYOUTS = {
    "1": records.FILE_HEADER,
    "5": records.BATCH_HEADER,
    "6": records.ENTRY,
    "8": records.BATCH_CONTROL,
    "9": records.FILE_CONTROL,
}

Row = tuple[int, str, dict[str, str]]
"""the number of the record, its type, its fields"""


def read(data: bytes) -> NachaFile:
    """The file. Raises BankFileRefused; its reasons are those of the first pass that found any.

    Records: not_ascii, empty, record_length, record_count, record_order, truncated, padding, addenda_unknown,
    field_malformed. Meaning: date_invalid, modifier_invalid, service_class_unknown, service_class_contradicted,
    transaction_code_unknown, check_digit, trace_order, addenda_missing, addenda_unexpected, addenda_trace,
    amount_missing, amount_unexpected. Figures: batch_control (of service_class, company_id, odfi, number, count,
    entry_hash, debit_cents, credit_cents) and file_control (of batches, blocks, count, entry_hash, debit_cents,
    credit_cents).
    """
    lines = _lines(data)
    rows = _rows(lines)
    file = _Meaning(rows).file()
    _check_figures(rows, file)
    return file


def _lines(data: bytes) -> list[str]:
    """The records; a line feed may follow each, with a carriage return before it or not."""
    if not data.isascii():
        raise BankFileRefused((Reason("not_ascii"),))
    lines = data.decode("ascii").replace("\r\n", "\n").removesuffix("\n").split("\n")
    if lines == [""]:
        raise BankFileRefused((Reason("empty"),))
    wrong = [
        Reason("record_length", {"record": number, "length": len(line)})
        for number, line in enumerate(lines, start=1)
        if len(line) != RECORD_LENGTH
    ]
    if len(lines) % BLOCKING_FACTOR:
        wrong.append(Reason("record_count", {"records": len(lines)}))
    _refuse(wrong)
    return lines


def _rows(lines: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    wrong = []
    before = ""
    for number, line in enumerate(lines, start=1):
        if before == "9":
            if line != PADDING:
                wrong.append(Reason("padding", {"record": number}))
            continue
        kind = line[0]
        if kind not in _MAY_FOLLOW[before]:
            wrong.append(Reason("record_order", {"record": number, "type": kind}))
            break
        before = kind
        layout = records.ADDENDA.get(line[1:3]) if kind == "7" else _LAYOUTS[kind]
        if layout is None:
            wrong.append(Reason("addenda_unknown", {"record": number, "type": line[1:3]}))
            continue
        wrong.extend(_split(rows, layout, number, kind, line))
    if before != "9" and not wrong:
        wrong.append(Reason("truncated", {"records": len(lines)}))
    _refuse(wrong)
    return rows


def _split(rows: list[Row], layout: Layout, number: int, kind: str, line: str) -> list[Reason]:
    try:
        rows.append((number, kind, layout.split(line)))
    except FieldsRefused as refused:
        return [Reason("field_malformed", {"record": number, "field": name}) for name in refused.names]
    return []


class _Meaning:
    """Values out of the fields, and the reasons against them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._wrong: list[Reason] = []

    def file(self) -> NachaFile:
        number, _, header = self._rows[0]
        modifier = header["modifier"]
        if not (modifier.isdigit() or modifier.isupper()):
            self._wrong.append(Reason("modifier_invalid", {"record": number}))
        file = NachaFile(
            destination=header["destination"].strip(),
            destination_name=header["destination_name"],
            origin=header["origin"].strip(),
            origin_name=header["origin_name"],
            created_on=self._date(number, header["created_on"]),
            created_at=self._time(number, header["created_at"]),
            modifier=modifier,
            batches=tuple(self._batches()),
            reference=header["reference"],
        )
        _refuse(self._wrong)
        return file

    def _batches(self) -> list[Batch]:
        batches: list[Batch] = []
        opened: tuple[int, dict[str, str]] = (0, {})
        entries: list[Row] = []
        for row in self._rows:
            number, kind, fields = row
            if kind == "5":
                opened, entries = (number, fields), []
            elif kind in "67":
                entries.append(row)
            elif kind == "8":
                batches.append(self._batch(*opened, entries))
        return batches

    def _batch(self, number: int, header: dict[str, str], rows: Sequence[Row]) -> Batch:
        effective_on = self._date(number, header["effective_on"])
        service_class = int(header["service_class"])
        if service_class not in (MIXED, CREDITS_ONLY, DEBITS_ONLY):
            self._wrong.append(Reason("service_class_unknown", {"record": number, "is": service_class}))
        entries: list[Entry] = []
        for n, (at, kind, fields) in enumerate(rows):
            if kind == "7":
                continue
            more = rows[n + 1] if n + 1 < len(rows) and rows[n + 1][1] == "7" else None
            entries.append(self._entry(at, fields, more))
            if len(entries) > 1 and entries[-2].trace >= entries[-1].trace:
                self._wrong.append(Reason("trace_order", {"record": at}))
            against = DEBITS_ONLY if not entries[-1].is_debit else CREDITS_ONLY
            if service_class == against:
                self._wrong.append(Reason("service_class_contradicted", {"record": at}))
        return Batch(
            service_class=service_class,
            company_name=header["company_name"],
            company_id=header["company_id"],
            sec=header["sec"],
            description=header["description"],
            effective_on=effective_on,
            odfi=header["odfi"],
            number=int(header["number"]),
            entries=tuple(entries),
            descriptive_date=header["descriptive_date"],
        )

    def _entry(self, number: int, fields: dict[str, str], more: Row | None) -> Entry:
        if fields["transaction_code"] not in TRANSACTION_CODES:
            self._wrong.append(Reason("transaction_code_unknown", {"record": number}))
        if not is_routing_number(fields["routing"]):
            self._wrong.append(Reason("check_digit", {"record": number}))
        if fields["addenda"] == "1" and more is None:
            self._wrong.append(Reason("addenda_missing", {"record": number}))
        if fields["addenda"] != "1" and more is not None:
            self._wrong.append(Reason("addenda_unexpected", {"record": more[0]}))
        addenda = self._addenda(fields["trace"], more) if more is not None else None
        amount_cents = int(fields["amount_cents"])
        if amount_cents == 0 and (addenda is None or addenda.kind == "99"):
            self._wrong.append(Reason("amount_missing", {"record": number}))
        if amount_cents and addenda is not None and addenda.kind == "98":
            self._wrong.append(Reason("amount_unexpected", {"record": number}))
        return Entry(
            transaction_code=fields["transaction_code"],
            routing=fields["routing"],
            account=fields["account"],
            amount_cents=amount_cents,
            individual_id=fields["individual_id"],
            name=fields["name"],
            trace=fields["trace"],
            discretionary=fields["discretionary"],
            addenda=addenda,
        )

    def _addenda(self, trace: str, row: Row) -> Addenda:
        number, _, fields = row
        if fields["trace"] != trace:
            self._wrong.append(Reason("addenda_trace", {"record": number}))
        death = fields.get("date_of_death")
        return Addenda(
            kind="98" if death is None else "99",
            code=fields["code"],
            original_trace=fields["original_trace"],
            original_rdfi=fields["original_rdfi"],
            text=fields["text"],
            date_of_death=death or "",
        )

    def _date(self, number: int, digits: str) -> date:
        try:
            return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
        except ValueError:
            self._wrong.append(Reason("date_invalid", {"record": number}))
            return date.max

    def _time(self, number: int, digits: str) -> time:
        try:
            return datetime.strptime(digits, "%H%M").time()  # noqa: DTZ007 - a wall time, no instant
        except ValueError:
            self._wrong.append(Reason("date_invalid", {"record": number}))
            return time()


def _check_figures(rows: Sequence[Row], file: NachaFile) -> None:
    wrong: list[Reason] = []
    total = NOTHING
    controls = [row for row in rows if row[1] == "8"]
    for batch, (number, _, said) in zip(file.batches, controls, strict=True):
        figures = figures_of(batch.entries)
        total = total + figures
        is_: dict[str, str | int] = {
            "service_class": str(batch.service_class),
            "company_id": batch.company_id,
            "odfi": batch.odfi,
            "number": batch.number,
            **_said_as(figures),
        }
        wrong.extend(_differences("batch_control", number, said, is_))
    number, _, said = rows[-1]
    lines = number + -number % BLOCKING_FACTOR
    counted = {"batches": len(file.batches), "blocks": lines // BLOCKING_FACTOR, **_said_as(total)}
    wrong.extend(_differences("file_control", number, said, counted))
    _refuse(wrong)


def _said_as(figures: Figures) -> dict[str, int]:
    return {
        "count": figures.count,
        "entry_hash": figures.entry_hash,
        "debit_cents": figures.debit_cents,
        "credit_cents": figures.credit_cents,
    }


def _differences(code: str, number: int, said: dict[str, str], is_: Mapping[str, str | int]) -> list[Reason]:
    return [
        Reason(code, {"record": number, "field": name})
        for name, value in is_.items()
        if (int(said[name]) if isinstance(value, int) else said[name]) != value
    ]


def _refuse(reasons: Sequence[Reason]) -> None:
    if reasons:
        raise BankFileRefused(tuple(reasons))
