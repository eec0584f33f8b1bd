"""The bank's work of a day, on a schedule: files leave at the cut-off, answers are read, silence settles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.bank import files
from ledger_core.bank.incoming import receive
from ledger_core.bank.inquiry import IDENTITY, FileBank, InstantBank, deliver, pay_out_instantly
from ledger_core.bank.originator import Originator
from ledger_core.bank.settlement import settle_due
from ledger_core.dates import CUTOFF, Moment
from ledger_core.errors import BankFileRefused
from ledger_core.refusals import Reason
from ledger_core.store.postgres import transaction


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that the bank has for us."""

    name: str
    data: bytes


class Bank(FileBank, Protocol):
    """A bank on the other side: it takes our files and has files for us."""

    @property
    def instant(self) -> InstantBank | None:
        """Its payouts at once; None where it takes files only: an instant draw then ends with its hold."""
        ...

    async def arrived(self, at: Moment) -> Sequence[Arrived]:
        """Files not filed away yet, the oldest first."""
        ...

    async def file_away(self, arrived: Arrived, refused: Sequence[Reason]) -> None:
        """The file was taken, or refused with these reasons. Not told again: taking a file twice changes nothing."""
        ...


@dataclass(slots=True)
class Exchanged:
    """What one exchange did."""

    delivered: int = 0
    """files brought to the bank"""
    paid_out: int = 0
    """instant draws whose outcome is known"""
    returned: int = 0
    """returns booked"""
    refused: tuple[str, ...] = ()
    """names of files that were refused"""
    settled: int = 0

    @property
    def moved(self) -> int:
        """How much happened in all."""
        return self.delivered + self.paid_out + self.returned + len(self.refused) + self.settled


async def cut_when_due(batch_engine: AsyncEngine, originator: Originator, at: Moment) -> None:
    """From 8 pm on, the file of the day, once. What is agreed later waits for the night, which cuts what is left."""
    if at.at < CUTOFF:
        return
    async with transaction(batch_engine, IDENTITY) as conn:
        if not await files.is_cut(conn, at.on):
            await files.cut_file(conn, at.on, originator)


async def exchange(batch_engine: AsyncEngine, bank: Bank, originator: Originator, at: Moment) -> Exchanged:
    """Bring what was cut, pay out what goes at once, read what came, then settle what nobody sent back.

    Cut off anywhere and repeated, it goes on where it was. A file that is refused keeps no other from being
    read; what it may hold can still come back after it settled. Raises BankDisagrees.
    """
    done = Exchanged(delivered=len(await deliver(batch_engine, bank, at)))
    if bank.instant is not None:
        done.paid_out = await pay_out_instantly(batch_engine, bank.instant, at)
    for arrived in await bank.arrived(at):
        try:
            done.returned += (await receive(batch_engine, arrived.data, at, originator)).acted_on
        except BankFileRefused as refusal:
            done.refused += (arrived.name,)
            await bank.file_away(arrived, refusal.reasons)
        else:
            await bank.file_away(arrived, ())
    done.settled = await settle_due(batch_engine, at)
    return done
