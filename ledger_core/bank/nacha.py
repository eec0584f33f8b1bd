"""A NACHA file as values, and what it takes to write one.

Entries hang in batches; control records count and add them up. Only what we send or are sent is here: consumer
entries (WEB, PPD), returns (addenda 99) and notifications of change (addenda 98, batches of class COR).
Source: Nacha Operating Rules, appendix three (record formats), which is the format banks publish.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from ledger_core.bank import nacha_records as records

CREDIT_CODES = frozenset({"22", "32"})
DEBIT_CODES = frozenset({"27", "37"})
ANSWERS_TO_CREDITS = frozenset({"21", "31"})
ANSWERS_TO_DEBITS = frozenset({"26", "36"})
TRANSACTION_CODES = CREDIT_CODES | DEBIT_CODES | ANSWERS_TO_CREDITS | ANSWERS_TO_DEBITS
MIXED, CREDITS_ONLY, DEBITS_ONLY = 200, 220, 225
_HASH_LIMIT = 10**10


@dataclass(frozen=True, slots=True)
class Addenda:
    """Why an entry came back (kind 99), or what was wrong with its account (kind 98)."""

    kind: Literal["98", "99"]
    code: str
    """R01 to R99, or C01 to C99"""
    original_trace: str
    original_rdfi: str
    """the first eight digits of the routing number that the original entry named"""
    text: str = ""
    """of a change: the corrected data, up to 29 characters; of a return: a remark, up to 44"""
    date_of_death: str = ""
    """YYMMDD, with R14 and R15"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement on one account."""

    transaction_code: str
    """22 and 32 pay in, 27 and 37 draw; 21, 26, 31, 36 answer them"""
    routing: str
    account: str
    amount_cents: int
    individual_id: str
    name: str
    trace: str
    """fifteen digits: eight of the sending bank, seven of the entry"""
    discretionary: str = ""
    addenda: Addenda | None = None

    @property
    def is_debit(self) -> bool:
        return self.transaction_code in DEBIT_CODES | ANSWERS_TO_DEBITS


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one kind with one effective date."""

    service_class: int
    company_name: str
    company_id: str
    sec: str
    """WEB, PPD, or COR for notifications of change"""
    description: str
    effective_on: date
    odfi: str
    """eight digits: the bank that sends the batch"""
    number: int
    entries: tuple[Entry, ...]
    descriptive_date: str = ""


@dataclass(frozen=True, slots=True)
class NachaFile:
    """All that goes from one bank to another in one piece."""

    destination: str
    destination_name: str
    origin: str
    origin_name: str
    created_on: date
    created_at: time
    """hour and minute"""
    modifier: str
    """A to Z, 0 to 9: tells the files of a day apart"""
    batches: tuple[Batch, ...]
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What control records say of the entries they close."""

    count: int
    """entries and addenda"""
    entry_hash: int
    debit_cents: int
    credit_cents: int

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.count + other.count,
            (self.entry_hash + other.entry_hash) % _HASH_LIMIT,
            self.debit_cents + other.debit_cents,
            self.credit_cents + other.credit_cents,
        )


NOTHING = Figures(0, 0, 0, 0)


def figures_of(entries: Sequence[Entry]) -> Figures:
    """Counted and added up; the hash is the sum of the eight-digit bank numbers, its last ten digits."""
    return Figures(
        sum(2 if entry.addenda else 1 for entry in entries),
        sum(int(entry.routing[:8]) for entry in entries) % _HASH_LIMIT,
        sum(entry.amount_cents for entry in entries if entry.is_debit),
        sum(entry.amount_cents for entry in entries if not entry.is_debit),
    )


def plain(words: str, width: int) -> str:
    """As a bank prints it: capitals without accents, cut to the width."""
    ascii_only = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return "".join(c if c.isprintable() else " " for c in ascii_only).upper()[:width].strip()


def write(file: NachaFile) -> bytes:
    """The file in records of 94 characters, blocks of ten, a line feed after each record.

    Texts are in plain ASCII and fit their fields, numbers too: a ValueError is a programmer's.
    """
    lines = [_file_header(file)]
    total = NOTHING
    for batch in file.batches:
        figures = figures_of(batch.entries)
        lines.append(_batch_header(batch))
        for entry in batch.entries:
            lines.extend(_entry(entry))
        lines.append(_batch_control(batch, figures))
        total = total + figures
    blocks = -(-(len(lines) + 1) // records.BLOCKING_FACTOR)
    lines.append(
        records.FILE_CONTROL.form(
            batches=len(file.batches),
            blocks=blocks,
            count=total.count,
            entry_hash=total.entry_hash,
            debit_cents=total.debit_cents,
            credit_cents=total.credit_cents,
        )
    )
    lines.extend([records.PADDING] * (blocks * records.BLOCKING_FACTOR - len(lines)))
    return "".join(line + "\n" for line in lines).encode("ascii")


def _file_header(file: NachaFile) -> str:
    return records.FILE_HEADER.form(
        destination=file.destination.rjust(10),
        origin=file.origin.rjust(10),
        created_on=f"{file.created_on:%y%m%d}",
        created_at=f"{file.created_at:%H%M}",
        modifier=file.modifier,
        destination_name=file.destination_name,
        origin_name=file.origin_name,
        reference=file.reference,
    )


def _batch_header(batch: Batch) -> str:
    return records.BATCH_HEADER.form(
        service_class=batch.service_class,
        company_name=batch.company_name,
        company_id=batch.company_id,
        sec=batch.sec,
        description=batch.description,
        descriptive_date=batch.descriptive_date,
        effective_on=f"{batch.effective_on:%y%m%d}",
        status="1",
        odfi=batch.odfi,
        number=batch.number,
    )


def _batch_control(batch: Batch, figures: Figures) -> str:
    return records.BATCH_CONTROL.form(
        service_class=batch.service_class,
        count=figures.count,
        entry_hash=figures.entry_hash,
        debit_cents=figures.debit_cents,
        credit_cents=figures.credit_cents,
        company_id=batch.company_id,
        odfi=batch.odfi,
        number=batch.number,
    )


def _entry(entry: Entry) -> list[str]:
    line = records.ENTRY.form(
        transaction_code=entry.transaction_code,
        routing=entry.routing,
        account=entry.account,
        amount_cents=entry.amount_cents,
        individual_id=entry.individual_id,
        name=entry.name,
        discretionary=entry.discretionary,
        addenda="1" if entry.addenda else "0",
        trace=entry.trace,
    )
    if entry.addenda is None:
        return [line]
    more = entry.addenda
    return [
        line,
        records.ADDENDA[more.kind].form(
            code=more.code,
            original_trace=more.original_trace,
            date_of_death=more.date_of_death,
            original_rdfi=more.original_rdfi,
            text=more.text,
            trace=entry.trace,
        ),
    ]
