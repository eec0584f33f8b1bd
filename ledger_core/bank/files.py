"""Files that leave: at the cut-off one file takes all transfers that must go, each once.

A transfer is in a file exactly when it has an entry there, and it is submitted in the same transaction. The bytes
follow from the rows, so a file that may or may not have reached the bank is written again and is the same file.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import RowMapping, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import nacha
from ledger_core.bank.numbers import opened
from ledger_core.bank.originator import Originator
from ledger_core.dates import CUTOFF, add_business_days
from ledger_core.errors import NumbersMissing
from ledger_core.ids import new_id
from ledger_core.store.postgres import named_queries
from ledger_core.store.tables import bank_files

QUERIES = named_queries(Path(__file__).parent / "queries.sql")
_MODIFIERS = string.ascii_uppercase + string.digits
_CUT = QUERIES["cut"].bindparams(bindparam("originator", type_=JSONB))
_ID_WIDTH = 15


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file that left or is about to."""

    file_id: str
    cut_on: date
    modifier: str
    effective_on: date
    """the business day on which its entries settle between banks"""
    entries: int
    debit_cents: int
    credit_cents: int
    sha256: str
    delivered_on: date | None
    """the day the bank was known to have it; None when nobody asked or it has not"""

    @property
    def name(self) -> str:
        """The same for the same file: `20260316A.ach`."""
        return f"{self.cut_on:%Y%m%d}{self.modifier}.ach"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A transfer whose day has come and that is in no file."""

    line_id: str
    transfer_id: str
    kind: str
    amount_cents: int
    effective_on: date
    why: str
    """account_blocked or numbers_missing"""


@dataclass(frozen=True, slots=True)
class Total:
    """Entries of a file that moved one kind of thing and stand alike today."""

    file_id: str
    cut_on: date
    modifier: str
    kind: str
    state: str
    entries: int
    cents: int


_FILES = select(*(bank_files.c[name] for name in BankFile.__dataclass_fields__))


async def cut_file(conn: AsyncConnection, on: date, originator: Originator) -> BankFile | None:
    """The file of 8 pm on that day, under the batch role; None when nothing has to leave.

    It takes what is dated up to the next business day, which becomes the effective date of all. Cutting again
    takes only what was agreed since, under the next modifier; a day has 36 of them. Instant draws are not in
    files (`instant`), nor is what `held_back` tells.
    """
    await conn.execute(QUERIES["lock"])
    last = (await conn.execute(QUERIES["last_number"], {"on": on})).one()
    effective_on = add_business_days(on, 1)
    given = {
        "on": on,
        "last": effective_on,
        "effective_on": effective_on,
        "file_id": new_id("file"),
        "modifier": _MODIFIERS[last.files],
        "last_number": last.last_number,
        "odfi": originator.odfi,
        "originator": originator.to_json(),
    }
    file_id: str | None = (await conn.execute(_CUT, given)).scalar()
    if file_id is None:
        return None
    sha256 = hashlib.sha256(await content(conn, file_id)).hexdigest()
    await conn.execute(update(bank_files).where(bank_files.c.file_id == file_id).values(sha256=sha256))
    return await find(conn, file_id)


async def is_cut(conn: AsyncConnection, on: date) -> bool:
    """Whether that day has a file."""
    return (await conn.execute(_FILES.where(bank_files.c.cut_on == on).limit(1))).first() is not None


async def content(conn: AsyncConnection, file_id: str) -> bytes:
    """The bytes of the file; the same as ever. Raises NumbersMissing when a customer in it was erased since."""
    head = (await conn.execute(select(bank_files).where(bank_files.c.file_id == file_id))).mappings().one()
    rows = (await conn.execute(QUERIES["entries"], {"file_id": file_id})).mappings().all()
    if any(row["routing"] is None for row in rows):
        raise NumbersMissing(f"account numbers of file {file_id} were erased")
    originator = Originator(**head["originator"])
    debits = [row for row in rows if row["transaction_code"] in nacha.DEBIT_CODES]
    credits = [row for row in rows if row["transaction_code"] in nacha.CREDIT_CODES]
    kinds = (
        (nacha.DEBITS_ONLY, "WEB", "PAYMENT", debits),
        (nacha.CREDITS_ONLY, "PPD", "ADVANCE", credits),
    )
    batches = [
        nacha.Batch(
            service_class=service_class,
            company_name=originator.company_name,
            company_id=originator.company_id,
            sec=sec,
            description=description,
            effective_on=head["effective_on"],
            odfi=originator.odfi,
            number=number,
            entries=tuple(_entry(row) for row in chosen),
        )
        for number, (service_class, sec, description, chosen) in enumerate(
            (kind for kind in kinds if kind[3]), start=1
        )
    ]
    return nacha.write(
        nacha.NachaFile(
            destination=originator.bank_routing,
            destination_name=originator.bank_name,
            origin=originator.company_id,
            origin_name=originator.company_name,
            created_on=head["cut_on"],
            created_at=CUTOFF,
            modifier=head["modifier"],
            batches=tuple(batches),
        )
    )


def individual_id(transfer_id: str) -> str:
    """What names the transfer in an entry: the end of its id. The bank says it again in its answer."""
    return transfer_id[-_ID_WIDTH:].upper()


async def find(conn: AsyncConnection, file_id: str) -> BankFile:
    """The file of that id."""
    return BankFile(*(await conn.execute(_FILES.where(bank_files.c.file_id == file_id))).one())


async def undelivered(conn: AsyncConnection) -> tuple[BankFile, ...]:
    """Files of which nobody knows that the bank has them, the oldest first."""
    query = _FILES.where(bank_files.c.delivered_on.is_(None))
    rows = await conn.execute(query.order_by(bank_files.c.cut_on, bank_files.c.modifier))
    return tuple(BankFile(*row) for row in rows)


async def delivered(conn: AsyncConnection, file_id: str, on: date) -> None:
    """The bank has it; from now on silence means that an entry went through."""
    still = bank_files.c.delivered_on.is_(None)
    query = update(bank_files).where(bank_files.c.file_id == file_id, still)
    await conn.execute(query.values(delivered_on=on))


async def held_back(conn: AsyncConnection, on: date) -> tuple[HeldBack, ...]:
    """What should have left with the file of that day and did not, for a human to see to."""
    given = {"last": add_business_days(on, 1)}
    return tuple(HeldBack(*row) for row in await conn.execute(QUERIES["held_back"], given))


async def totals(conn: AsyncConnection, since: date, until: date) -> Sequence[Total]:
    """By file, kind and state: what the files cut on those days moved. To be set against the clearing accounts."""
    rows = await conn.execute(QUERIES["totals"], {"since": since, "until": until})
    return tuple(Total(*row) for row in rows)


def _entry(row: RowMapping) -> nacha.Entry:
    return nacha.Entry(
        transaction_code=row["transaction_code"],
        routing=row["routing"],
        account=opened(row["bank_account_id"], row["numbers_version"], row["key_id"], row["sealed"]),
        amount_cents=row["amount_cents"],
        individual_id=individual_id(row["transfer_id"]),
        name=nacha.plain(row["holder"], 22),
        trace=row["trace"],
        discretionary=row["payment_type"],
    )
