"""Files of the bank come in here: taken whole or refused whole, and acted on once.

A file is known by its bytes and each answer in it by the bank's own trace, so neither the same file nor the same
answer in another file changes anything. Taking a file records all its answers in one transaction; acting on them
is one transaction each, which a repeat after a crash goes on with.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import numbers
from ledger_core.bank.change_codes import CORRECTING, NOT_ABOUT_THE_ACCOUNT, corrected
from ledger_core.bank.files import QUERIES, individual_id
from ledger_core.bank.nacha import Addenda, Batch, Entry, NachaFile
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator
from ledger_core.bank.return_codes import RETURN_CODES, allowed_through
from ledger_core.bank.returns import IDENTITY, act_on_returns
from ledger_core.commands.retry import with_retries
from ledger_core.dates import Moment
from ledger_core.errors import BankFileRefused
from ledger_core.refusals import Fact, Reason
from ledger_core.store.tables import bank_receipts

_CODE = {"99": re.compile(r"R[0-9]{2}\Z"), "98": re.compile(r"C[0-9]{2}\Z")}
_CHANGES = "COR"

Answer = tuple[Entry, Addenda]


@dataclass(frozen=True, slots=True)
class Received:
    """What a file brought."""

    sha256: str
    is_new: bool
    """False: these bytes came before"""
    answers: int
    """entries in it"""
    kept: Mapping[str, int]
    """answers new to us by what became of them: waiting, applied, quarantined"""
    acted_on: int
    """returns booked by this call, also such as waited from before"""


@dataclass(frozen=True, slots=True)
class _Came:
    """The file that answers stand in: whether they came in time is by the day on which the bank wrote it."""

    sha256: str
    sent_on: date
    received_on: date


async def receive(batch_engine: AsyncEngine, data: bytes, at: Moment, originator: Originator) -> Received:
    """Take a file of returns and notifications of change, and act on all that waits.

    Raises BankFileRefused, and then nothing of it was done: with the reasons of `nacha_read.read`, or else, in
    the order of its entries, of not_for_us, answer_missing, class_contradicted, code_malformed, trace_unknown,
    direction_differs, amount_differs, individual_differs, rdfi_differs, correction_malformed. A code that we do
    not know is no reason: its answer is kept apart for a human.
    """
    file = read(data)
    sha256 = hashlib.sha256(data).hexdigest()
    take = partial(_take, file=file, sha256=sha256, at=at, originator=originator)
    kept: Counter[str] | None = await with_retries(batch_engine, IDENTITY, take)
    acted_on = await act_on_returns(batch_engine, at)
    answers = sum(len(batch.entries) for batch in file.batches)
    return Received(sha256, kept is not None, answers, kept or {}, acted_on)


async def _take(
    conn: AsyncConnection, *, file: NachaFile, sha256: str, at: Moment, originator: Originator
) -> Counter[str] | None:
    """The new answers by state; None when these bytes were taken before."""
    count = sum(len(batch.entries) for batch in file.batches)
    receipt = insert(bank_receipts).values(sha256=sha256, received_on=at.on, answers=count)
    once = receipt.on_conflict_do_nothing().returning(bank_receipts.c.sha256)
    if (await conn.execute(once)).first() is None:
        return None
    ours = await _originals(conn, file)
    wrong = _not_for_us(file, originator)
    answers: list[Answer] = []
    for batch in file.batches:
        for entry in batch.entries:
            found = _reasons(batch, entry, ours)
            wrong.extend(found)
            if not found and entry.addenda is not None:
                answers.append((entry, entry.addenda))
    if wrong:
        raise BankFileRefused(tuple(wrong))
    return await _keep(conn, answers, ours, _Came(sha256, file.created_on, at.on))


async def _originals(conn: AsyncConnection, file: NachaFile) -> Mapping[str, Row[Any]]:
    """Our entries by trace, of those that the file's answers name."""
    traces = sorted({e.addenda.original_trace for b in file.batches for e in b.entries if e.addenda})
    rows = await conn.execute(QUERIES["originals"], {"traces": traces})
    return {row.trace: row for row in rows}


def _not_for_us(file: NachaFile, originator: Originator) -> list[Reason]:
    return [
        Reason("not_for_us", {"batch": batch.number, "company_id": batch.company_id})
        for batch in file.batches
        if batch.company_id != originator.company_id
    ]


def _reasons(batch: Batch, entry: Entry, ours: Mapping[str, Row[Any]]) -> list[Reason]:
    addenda = entry.addenda
    about: dict[str, Fact] = {"batch": batch.number, "trace": entry.trace}
    if addenda is None:
        return [Reason("answer_missing", about)]
    is_change = addenda.kind == "98"
    codes = []
    if is_change != (batch.sec == _CHANGES):
        codes.append("class_contradicted")
    if not _CODE[addenda.kind].match(addenda.code):
        codes.append("code_malformed")
    sent = ours.get(addenda.original_trace)
    if sent is None:
        return [Reason(code, about) for code in (*codes, "trace_unknown")]
    if entry.is_debit != (sent.transaction_code[1] == "7"):
        codes.append("direction_differs")
    if not is_change and entry.amount_cents != sent.amount_cents:
        codes.append("amount_differs")
    if entry.individual_id != individual_id(sent.transfer_id):
        codes.append("individual_differs")
    if sent.routing is not None and addenda.original_rdfi != sent.routing[:8]:
        codes.append("rdfi_differs")
    if addenda.code in CORRECTING and sent.routing is not None and _correction(sent, addenda) is None:
        codes.append("correction_malformed")
    return [Reason(code, about) for code in codes]


def _correction(sent: Row[Any], addenda: Addenda) -> numbers.AccountNumbers | None:
    account = numbers.opened(sent.bank_account_id, sent.numbers_version, sent.key_id, sent.sealed)
    known = numbers.AccountNumbers(sent.routing, account, sent.holder, sent.account_kind)
    return corrected(known, addenda.code, addenda.text)


async def _keep(
    conn: AsyncConnection, answers: Sequence[Answer], ours: Mapping[str, Row[Any]], came: _Came
) -> Counter[str]:
    kept: Counter[str] = Counter()
    for entry, addenda in answers:
        sent = ours[addenda.original_trace]
        state, attention = _standing(addenda, sent)
        row = {
            "line_id": sent.line_id,
            "transfer_id": sent.transfer_id,
            "customer_id": sent.customer_id,
            "answer_trace": entry.trace,
            "code": addenda.code,
            "sha256": came.sha256,
            "received_on": came.received_on,
            "sent_back_on": came.sent_on if addenda.kind == "99" else None,
            "allowed_through": allowed_through(addenda.code, sent.settled_on),
            "state": state,
            "attention": attention,
        }
        if (await conn.execute(QUERIES["keep_answer"], row)).first() is None:
            continue
        kept[state] += 1
        if attention == "account_corrected":
            await _correct(conn, sent, addenda)
    return kept


def _standing(addenda: Addenda, sent: Row[Any]) -> tuple[str, str | None]:
    """The state in which an answer is kept, and what a human should look at."""
    if addenda.kind == "99":
        return ("waiting", None) if addenda.code in RETURN_CODES else ("quarantined", "code_unknown")
    if addenda.code in NOT_ABOUT_THE_ACCOUNT:
        return "applied", "change_for_human"
    if addenda.code not in CORRECTING:
        return "quarantined", "code_unknown"
    return ("quarantined", "numbers_erased") if sent.routing is None else ("applied", "account_corrected")


async def _correct(conn: AsyncConnection, sent: Row[Any], addenda: Addenda) -> None:
    """From now on entries name what the bank told us; corrections of one account follow each other."""
    known = await numbers.find(conn, sent.bank_account_id)
    better = corrected(known, addenda.code, addenda.text) if known else None
    if better is not None:
        await numbers.keep(conn, sent.bank_account_id, sent.customer_id, better)
