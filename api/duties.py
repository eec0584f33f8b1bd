"""The background work itself, one function per duty; each is idempotent and returns how much it did."""

from __future__ import annotations

from datetime import date, time

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.bank.exchange import Bank, cut_when_due, exchange
from ledger_core.bank.originator import originator_of
from ledger_core.dates import Clock, Moment
from ledger_core.nightly.catch_up import catch_up, is_done
from ledger_core.store import outbox as outbox_store
from ledger_core.store.clock import servicing_moment
from ledger_core.store.outbox import Message
from ledger_core.store.postgres import system, transaction
from tools.approvals import expire_approvals
from tools.proposals import expire_proposals
from tools.retention import purge

log = structlog.get_logger()

BANK_HOUR = time(8)
"""When the bank answers on a day that is being caught up."""


async def nightly(engine: AsyncEngine, clock: Clock, bank: Bank | None) -> int:
    """Catches up to the servicing date day by day, each day once, and exchanges with the bank after each night.

    Returns how many nights were done.
    """

    async def after_night(on: date) -> None:
        await _exchange(engine, bank, Moment(on, BANK_HOUR))

    return len(await catch_up(engine, clock, after_night=after_night))


async def bank_work(engine: AsyncEngine, clock: Clock, bank: Bank | None) -> int:
    """Cuts the file of the day once it is due, and exchanges with the bank; returns how much moved.

    Nothing happens while a night is to be done, nor without a bank: files wait and silence settles nothing.
    """
    async with transaction(engine, system("bank")) as conn:
        now = await servicing_moment(conn, clock)
        if not await is_done(conn, now.on):
            return 0
    if bank is not None:
        await cut_when_due(engine, originator_of(), now)
    return await _exchange(engine, bank, now)


async def _exchange(engine: AsyncEngine, bank: Bank | None, at: Moment) -> int:
    if bank is None:
        return 0
    done = await exchange(engine, bank, originator_of(), at)
    for name in done.refused:
        log.error("a file of the bank was refused", file=name)
    return done.moved


async def expire(engine: AsyncEngine, clock: Clock) -> int:
    """Closes proposals and requests for approval whose time is over; returns how many."""
    async with transaction(engine, system("expiries")) as conn:
        now = clock.now()
        return await expire_proposals(conn, now) + await expire_approvals(conn, now)


async def forget(engine: AsyncEngine, clock: Clock) -> int:
    """Deletes receipts, decided proposals and codes that are older than they are kept; returns how many."""
    return await purge(engine, clock.now())


async def outbox(engine: AsyncEngine) -> int:
    """Hands what the books have to say to its consumers; returns how many messages left."""
    delivered = 0
    while True:
        async with transaction(engine, system("outbox")) as conn:
            batch = await outbox_store.relay(conn, _deliver)
        delivered += batch
        if batch == 0:
            return delivered


async def _deliver(message: Message) -> None:
    """The structured log is the first consumer; a broker would be the next. Payloads hold references only."""
    log.debug("event", message_id=message.message_id, topic=message.topic)
