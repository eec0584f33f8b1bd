"""What we ask the bank when we do not know: whether it has a file, and how a payout at once ended.

An unknown outcome is asked about under the name it was sent with. Nothing is ever sent again under another name.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import files, transfers
from ledger_core.bank.files import QUERIES, BankFile
from ledger_core.commands.context import CommandContext
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.retry import with_retries
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.dates import Moment
from ledger_core.errors import BankDisagrees
from ledger_core.store.postgres import system, transaction

IDENTITY = system("bank")
_ACTOR = "system:bank"


class FileBank(Protocol):
    """A bank that takes files."""

    async def file_hash(self, name: str) -> str | None:
        """The SHA-256 of the file of that name, in hexadecimal; None when it never came."""
        ...

    async def take_file(self, name: str, data: bytes) -> None:
        """Have the file, or raise; after a raise it may be there or not."""
        ...


Outcome = Literal["unknown", "in_process", "done"] | str
"""unknown: the bank never heard of it; or the code with which it came back"""


class InstantBank(Protocol):
    """A bank that pays out at once, around the clock."""

    async def outcome(self, transfer_id: str) -> Outcome:
        """How the payout of that name stands."""
        ...

    async def pay_out(self, transfer_id: str, bank_account_id: str, amount_cents: int) -> None:
        """Pay, or raise; after a raise it may be paid or not."""
        ...


async def deliver(batch_engine: AsyncEngine, bank: FileBank, at: Moment) -> tuple[BankFile, ...]:
    """Bring each file that the bank is not known to have, and note that it has it; returns those files.

    The bank is asked first: a file that did arrive before somebody could note it is not brought again. Raises
    BankDisagrees when it has another file under that name.
    """
    async with transaction(batch_engine, IDENTITY) as conn:
        waiting = await files.undelivered(conn)
    for file in waiting:
        found = await bank.file_hash(file.name)
        if found is None:
            async with transaction(batch_engine, IDENTITY) as conn:
                data = await files.content(conn, file.file_id)
            if hashlib.sha256(data).hexdigest() != file.sha256:
                raise BankDisagrees(f"file {file.name} would not be written as it was")
            await bank.take_file(file.name, data)
        elif found != file.sha256:
            raise BankDisagrees(f"the bank has another file under the name {file.name}")
        async with transaction(batch_engine, IDENTITY) as conn:
            await files.delivered(conn, file.file_id, at.on)
    return waiting


async def pay_out_instantly(batch_engine: AsyncEngine, bank: InstantBank, at: Moment) -> int:
    """Send each instant draw that has not gone out, and record how it ended; returns how many ended.

    It is submitted before it is sent. Found submitted, it may have been sent: the bank is asked, and only one
    that it never heard of is sent.
    """
    async with transaction(batch_engine, IDENTITY) as conn:
        waiting = (await conn.execute(QUERIES["instant"], {"today": at.on})).all()
    ended = 0
    for row in waiting:
        async with transaction(batch_engine, IDENTITY) as conn:
            await transfers.submit(conn, row.line_id, "draw", row.reference_id, at.on)
        outcome = await bank.outcome(row.transfer_id)
        if outcome == "unknown":
            await bank.pay_out(row.transfer_id, row.bank_account_id, row.amount_cents)
            outcome = await bank.outcome(row.transfer_id)
        if outcome in ("unknown", "in_process"):
            continue
        ctx = CommandContext(f"bank:draw:{row.reference_id}", _ACTOR, at)
        record = partial(_record, ctx=ctx, line_id=row.line_id, draw_id=row.reference_id, outcome=outcome)
        await with_retries(batch_engine, IDENTITY, record)
        ended += 1
    return ended


async def _record(
    conn: AsyncConnection, *, ctx: CommandContext, line_id: str, draw_id: str, outcome: Outcome
) -> object:
    if outcome == "done":
        return await settle_draw(conn, ctx, line_id=line_id, draw_id=draw_id)
    return await fail_draw(conn, ctx, line_id=line_id, draw_id=draw_id, code=outcome)
