"""The background work itself, one function per duty; each is idempotent and returns how much it did."""

from __future__ import annotations

from datetime import time

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.dates import Clock, Moment
from ledger_core.demo import bank_simulator
from ledger_core.nightly.catch_up import catch_up
from ledger_core.store import outbox as outbox_store
from ledger_core.store.clock import servicing_moment
from ledger_core.store.outbox import Message
from ledger_core.store.postgres import system, transaction
from tools.proposals import expire_proposals

log = structlog.get_logger()

BANK_HOUR = time(8)
"""When the simulated bank answers on a day that is being caught up."""


async def nightly(engine: AsyncEngine, clock: Clock) -> int:
    """Catches up to the servicing date day by day, each day once, and lets the simulated bank answer in between.

    Returns how many nights were done and transfers answered.
    """
    answered = 0

    async def answer_until(moment: Moment) -> None:
        nonlocal answered
        answered += await bank_simulator.tick(engine, moment)

    nights = await catch_up(engine, clock, after_night=lambda on: answer_until(Moment(on, BANK_HOUR)))
    async with transaction(engine, system("bank_simulator")) as conn:
        now = await servicing_moment(conn, clock)
    await answer_until(now)
    return len(nights) + answered


async def expire(engine: AsyncEngine, clock: Clock) -> int:
    """Closes proposals whose time is over; returns how many."""
    async with transaction(engine, system("expiries")) as conn:
        return await expire_proposals(conn, clock.now())


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
