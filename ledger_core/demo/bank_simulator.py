"""The customers' banks, simulated: they take our file of the day and answer with files of their own.

Nothing here is random: a payment comes back when its person's story says so, or when its bank account is
closed by then, two business days after its day; a draw to a closed account comes back on its day. So the same
days always bring the same answers, byte for byte, and a day that is simulated again brings nothing new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import files
from ledger_core.bank.exchange import Arrived, exchange
from ledger_core.bank.inquiry import InstantBank, Outcome
from ledger_core.bank.nacha import CREDITS_ONLY, DEBITS_ONLY, Addenda, Batch, Entry, NachaFile, write
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator, originator_of
from ledger_core.bank.settlement import payments_through
from ledger_core.dates import Moment
from ledger_core.demo.people import BY_CUSTOMER
from ledger_core.refusals import Reason
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts, bank_entries, demo_book, transfers

IDENTITY = system("bank-simulator")
CLOSED_ACCOUNT = "R02"
_WEEK = timedelta(days=7)
_FILE_HOUR = time(6)
_RETURNS_THROUGH = "99999999"
"""the invented clearing house that hands on what banks send back"""


async def tick(batch_engine: AsyncEngine, moment: Moment) -> int:
    """Take our files and answer every transfer whose outcome is due by that moment; returns how many.

    Repeating is harmless.
    """
    done = await exchange(batch_engine, SimulatedBank(batch_engine), originator_of(), moment)
    return done.paid_out + done.returned + done.settled


class SimulatedBank:
    """Takes files, pays at once and sends back; what it was given it keeps in the memory of this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._files: dict[str, str] = {}
        self._paid: dict[str, str] = {}

    @property
    def instant(self) -> InstantBank | None:
        return self

    async def arrived(self, at: Moment) -> Sequence[Arrived]:
        """The banks' return file of that day, if anything comes back."""
        back = await returns_of(self._engine, at.on, originator_of())
        return [] if back is None else [Arrived(f"{at.on:%Y%m%d}R.ach", back)]

    async def file_away(self, arrived: Arrived, refused: Sequence[Reason]) -> None:
        """What it sends back follows from the books: taken, it is not sent again."""
        assert not refused, refused

    async def file_hash(self, name: str) -> str | None:
        return self._files.get(name)

    async def take_file(self, name: str, data: bytes) -> None:
        read(data)
        self._files[name] = hashlib.sha256(data).hexdigest()

    async def outcome(self, transfer_id: str) -> Outcome:
        return self._paid.get(transfer_id, "unknown")

    async def pay_out(self, transfer_id: str, bank_account_id: str, amount_cents: int) -> None:
        status = select(bank_accounts.c.status).where(bank_accounts.c.bank_account_id == bank_account_id)
        async with transaction(self._engine, IDENTITY) as conn:
            is_closed = (await conn.execute(status)).scalar_one() == "closed"
        self._paid[transfer_id] = CLOSED_ACCOUNT if is_closed else "done"


async def returns_of(engine: AsyncEngine, today: date, originator: Originator) -> bytes | None:
    """The banks' return file of that day; None when nothing comes back."""
    async with transaction(engine, IDENTITY) as conn:
        back = await _coming_back(conn, today)
        contents = [
            await files.content(conn, file_id) for file_id in sorted({row.file_id for row, _ in back})
        ]
    if not back:
        return None
    sent = {
        entry.trace: entry for data in contents for batch in read(data).batches for entry in batch.entries
    }
    return return_file(originator, today, [(sent[row.trace], code) for row, code in back])


async def _coming_back(conn: AsyncConnection, today: date) -> list[tuple[Row[Any], str]]:
    """Entries at the bank whose return is due, with the code, by trace."""
    anchor: date | None = (await conn.execute(select(demo_book.c.anchor))).scalar()
    query = (
        select(transfers, bank_accounts.c.status, bank_entries.c.file_id, bank_entries.c.trace)
        .join(bank_accounts, bank_accounts.c.bank_account_id == transfers.c.bank_account_id)
        .join(bank_entries, bank_entries.c.transfer_id == transfers.c.transfer_id)
        .where(bank_entries.c.line_id == transfers.c.line_id, transfers.c.state == "submitted")
        .where(transfers.c.effective_on <= today)
        .order_by(bank_entries.c.trace)
    )
    through = payments_through(today)
    rows = [r for r in await conn.execute(query) if r.kind != "payment" or r.effective_on <= through]
    codes = [_return_code(r.customer_id, r.effective_on, r.kind, r.status, anchor) for r in rows]
    return [(row, code) for row, code in zip(rows, codes, strict=True) if code is not None]


def _return_code(
    customer_id: str, effective_on: date, kind: str, account_status: str, anchor: date | None
) -> str | None:
    """Why the bank sends it back, or None: it goes through."""
    person = BY_CUSTOMER.get(customer_id)
    if kind == "payment" and person is not None and anchor is not None:
        for when, code in person.returns:
            first = when.on(person.calendar(anchor))
            if first <= effective_on < first + _WEEK:
                return code
    return CLOSED_ACCOUNT if account_status == "closed" else None


def return_file(originator: Originator, today: date, back: Sequence[tuple[Entry, str]]) -> bytes:
    """As the banks send it through ours: one batch for debits, one for credits."""
    debits = [(entry, code) for entry, code in back if entry.is_debit]
    credits = [(entry, code) for entry, code in back if not entry.is_debit]
    kinds = ((DEBITS_ONLY, "WEB", "PAYMENT", debits), (CREDITS_ONLY, "PPD", "ADVANCE", credits))
    batches: list[Batch] = []
    for service_class, sec, description, chosen in kinds:
        if chosen:
            batches.append(
                Batch(
                    service_class=service_class,
                    company_name=originator.company_name,
                    company_id=originator.company_id,
                    sec=sec,
                    description=description,
                    effective_on=today,
                    odfi=originator.odfi,
                    number=len(batches) + 1,
                    entries=tuple(_returned(originator, entry, code) for entry, code in chosen),
                )
            )
    return write(
        NachaFile(
            destination=originator.company_id,
            destination_name=originator.company_name,
            origin=originator.bank_routing,
            origin_name=originator.bank_name,
            created_on=today,
            created_at=_FILE_HOUR,
            modifier="R",
            batches=tuple(batches),
        )
    )


def _returned(originator: Originator, sent: Entry, code: str) -> Entry:
    """The bank's own trace ends as ours: so it ascends, and is the same each time."""
    return Entry(
        transaction_code=sent.transaction_code[0] + ("6" if sent.is_debit else "1"),
        routing=originator.bank_routing,
        account=sent.account,
        amount_cents=sent.amount_cents,
        individual_id=sent.individual_id,
        name=sent.name,
        trace=_RETURNS_THROUGH + sent.trace[8:],
        addenda=Addenda("99", code, sent.trace, sent.routing[:8]),
    )
