"""Messages on a bad wire: told twice, told late, out of order, and relays that die before they note it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from evals.faults.arena import ROLE, Arena
from evals.faults.books import look
from evals.faults.caller import Tally, is_outage
from evals.faults.stage import open_stage
from ledger_core.store.embedded import SUPERUSER
from ledger_core.store.outbox import Message, first_time, relay
from ledger_core.store.postgres import driver_of, system, transaction

_IDENTITY = system("relay")
_CONSUMER = "chaos"
_LINES = 4
_DEATHS = 0.3
_REPEATS = 0.4
_RELAYS = 2
_CONSUMED = f"""
CREATE SCHEMA consumed;
CREATE TABLE consumed.effects (number bigserial, line_id text, version bigint, position bigint);
GRANT USAGE ON SCHEMA consumed TO {ROLE};
GRANT INSERT, SELECT ON consumed.effects TO {ROLE};
GRANT USAGE ON SEQUENCE consumed.effects_number_seq TO {ROLE};
"""
_DO = text("INSERT INTO consumed.effects (line_id, version, position) VALUES (:line_id, :version, :position)")
_DONE = text("SELECT line_id, version, position FROM consumed.effects ORDER BY number")
_SENT = text("SELECT line_id, version, position FROM core.outbox ORDER BY line_id, version, position")
_LEFT = text("SELECT count(*) FROM core.outbox WHERE delivered_at IS NULL")


@dataclass
class Wire:
    """Between a relay and a consumer whose effects are rows of its own, written with its inbox."""

    engine: AsyncEngine
    rng: random.Random
    came: Counter[str] = field(default_factory=Counter)
    told: list[Message] = field(default_factory=list)

    async def consume(self, message: Message) -> None:
        """One delivery: the effect, unless the inbox knows the message."""
        self.came["delivered"] += 1
        async with transaction(self.engine, _IDENTITY) as conn:
            if not await first_time(conn, _CONSUMER, message.message_id):
                self.came["repeats"] += 1
                return
            place = {"line_id": message.line_id, "version": message.version, "position": message.position}
            await conn.execute(_DO, place)

    async def deliver(self, message: Message, relaying: AsyncConnection) -> None:
        """Told, and by the dice: any earlier message once more, or the end of the relay before it notes this."""
        await self.consume(message)
        self.told.append(message)
        while self.rng.random() < _REPEATS:
            await self.consume(self.rng.choice(self.told))
        if self.rng.random() < _DEATHS:
            self.came["deaths"] += 1
            (await driver_of(relaying)).pgconn.finish()


async def deliver_badly(arena: Arena, tally: Tally, seed: int) -> Counter[str]:
    """What the deliveries came to: every message has one effect, in the order of its line, whatever happened.

    Two relays work at once. At the end all messages come once more, in any order.
    """
    async with arena.database() as database, arena.engine(database, 6) as engine:
        with psycopg.connect(arena.server.dsn(database, SUPERUSER), autocommit=True) as connection:
            connection.execute(_CONSUMED.encode())
        for _ in range(_LINES):
            stage = await open_stage(engine)
            for cents in (10_000, 20_000, 30_000):
                await stage.draw(cents, settle=cents == 10_000)
        wire = Wire(engine, random.Random(seed))
        await asyncio.gather(*(_relay_until_done(wire) for _ in range(_RELAYS)))
        late = list(wire.told)
        wire.rng.shuffle(late)
        for message in late:
            await wire.consume(message)
        await _judge(wire, tally)
        tally.said += (await look(engine)).broken
    tally.kills += wire.came["deaths"]
    tally.resends += wire.came["repeats"]
    return wire.came


async def _relay_until_done(wire: Wire) -> None:
    """A relay that is started again each time it dies."""
    while await _left(wire.engine):
        try:
            async with transaction(wire.engine, _IDENTITY) as conn:
                await relay(conn, lambda message, conn=conn: wire.deliver(message, conn), limit=2)  # type: ignore[misc]
        except (DBAPIError, psycopg.Error) as problem:
            if not is_outage(problem):
                raise


async def _left(engine: AsyncEngine) -> int:
    async with transaction(engine, _IDENTITY) as conn:
        return int((await conn.execute(_LEFT)).scalar_one())


async def _judge(wire: Wire, tally: Tally) -> None:
    async with transaction(wire.engine, _IDENTITY) as conn:
        done = [tuple(row) for row in await conn.execute(_DONE)]
        sent = [tuple(row) for row in await conn.execute(_SENT)]
    tally.lost += len(set(sent) - set(done))
    tally.doubled += len(done) - len(set(done))
    if sorted(done) != sent:
        tally.said.append(f"{len(sent)} messages had {len(done)} effects")
    for line_id in {line_id for line_id, *_ in sent}:
        if [place for place in done if place[0] == line_id] != [
            place for place in sent if place[0] == line_id
        ]:
            tally.said.append(f"messages of {line_id} had their effects out of order")
