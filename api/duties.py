"""The background work itself, one function per duty; each is idempotent and returns how much it did."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.dates import Clock
from ledger_core.demo import bank_simulator
from ledger_core.nightly.catch_up import catch_up
from ledger_core.store import outbox as outbox_store
from ledger_core.store.clock import servicing_moment
from ledger_core.store.outbox import Message
from ledger_core.store.postgres import system, transaction
from tools.proposals import expire_proposals

log = structlog.get_logger()


async def nightly(engine: AsyncEngine, clock: Clock) -> int:
    """Catches up to the servicing date day by day, each day once; returns how many days were done."""
    return len(await catch_up(engine, clock))


async def bank(engine: AsyncEngine, clock: Clock) -> int:
    """Lets the simulated bank settle and return what is due; returns how many transfers moved."""
    async with transaction(engine, system("bank_simulator")) as conn:
        moment = await servicing_moment(conn, clock)
    return await bank_simulator.tick(engine, moment)


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
