"""What the clients of `bench posting` do: one process of it, phase by phase, in step with the others.

Each round runs three phases one after the other, so that noise meets all alike: real commands, the floor (the appends
that these commands made, written to twins of their lines without reading or deciding), and the peer. A batch ends it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as clock_time
from typing import Any

import psycopg
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands import run as shell
from ledger_core.commands.context import CommandContext
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.open_line import open_line
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.retry import with_retries
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.dates import Moment, add_business_days
from ledger_core.ids import new_id
from ledger_core.store.append import Append, append_many, send
from ledger_core.store.following import Following
from ledger_core.store.postgres import customer, make_engine, system, transaction
from ledger_core.store.tables import bank_accounts, customers

OPENED_ON = date(2026, 1, 5)
_TEN = clock_time(10, 0)
_SYSTEM = system("evals")
_PEER_ACCOUNTS = 10_000


@dataclass(frozen=True)
class Load:
    """One process's share."""

    app_dsn: str
    batch_dsn: str
    clients: int
    lines_per_client: int
    rounds: int
    batch_lines: int


@dataclass(frozen=True)
class Phase:
    """What one process did in one phase: how much, when on the shared monotonic clock, and how long each took."""

    name: str
    done: int
    begun: float
    ended: float
    took_ms: tuple[float, ...] = ()
    legs: int = 0
    """postings: the legs of the entries that it wrote"""


@dataclass(frozen=True)
class Written:
    """The append of one command, and what follows from it."""

    append: Append
    following: Following


@dataclass
class Life:
    """A customer's line, and its twin, to which the same is written."""

    customer_id: str
    line_id: str
    twin_id: str
    bank_account_id: str
    on: date = OPENED_ON
    written: list[Written] = field(default_factory=list)
    """since the twin caught up"""
    history: list[Append] = field(default_factory=list)
    """all that was written, in order"""


def work(load: Load, in_step: Callable[[], Any], report: Callable[[list[Phase]], Any]) -> None:
    """Run all phases; `in_step` waits for the other processes."""
    report(asyncio.run(_work(load, in_step)))


async def _work(load: Load, in_step: Callable[[], Any]) -> list[Phase]:
    app = make_engine(load.app_dsn, pool_size=load.clients)
    batch = make_engine(load.batch_dsn, pool_size=2)
    shares = [[_life() for _ in range(load.lines_per_client)] for _ in range(load.clients)]
    everybody = [life for share in shares for life in share]
    with _Recording(everybody):
        await _settle_in(app, batch, everybody)
        phases: list[Phase] = []
        for _ in range(load.rounds):
            for name, client in (("ours", _command), ("floor", _write_twin)):
                in_step()
                phase = await _phase(name, [_each(client, app, share) for share in shares])
                phases.append(replace(phase, legs=_legs(everybody)))
            in_step()
            phase = await _phase("peer", [_transfer(load, 4 * len(share)) for share in shares])
            phases.append(replace(phase, legs=2 * phase.done))
    phases += await _batches(batch, everybody[0].history, load.batch_lines, in_step)
    await app.dispose()
    await batch.dispose()
    return phases


def _legs(lives: Sequence[Life]) -> int:
    """Of what was written since the twins caught up."""
    entries = (entry for life in lives for written in life.written for entry in written.append.entries)
    return sum(len(entry.postings) for entry in entries)


def _life() -> Life:
    return Life(new_id("cus"), new_id("line"), new_id("line"), new_id("bank"))


class _Recording:
    """Keeps each append that the commands make, and what follows from it."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self._lives = {life.line_id: life for life in lives}

    def __enter__(self) -> None:
        async def keep_and_send(conn: Any, a: Append, following: Following) -> None:
            self._lives[a.line_id].written.append(Written(a, following))
            await send(conn, a, following)

        shell.send = keep_and_send

    def __exit__(self, *_: object) -> None:
        shell.send = send


async def _settle_in(app: AsyncEngine, batch: AsyncEngine, lives: Sequence[Life]) -> None:
    """Customers, opened lines, and a first draw and payment each; then the twins."""
    async with transaction(batch, _SYSTEM) as conn:
        for life in lives:
            await conn.execute(
                insert(customers).values(customer_id=life.customer_id, display_name="A", state="TX")
            )
            bank = {"bank_name": "Bank", "last4": "0001", "status": "verified"}
            ids = {"bank_account_id": life.bank_account_id, "customer_id": life.customer_id}
            await conn.execute(insert(bank_accounts).values(**ids, **bank))
    for life in lives:
        terms = {"product_id": "cash_line_flex", "limit_cents": 200_000, "apr_bp": 2599}
        opening = {"customer_id": life.customer_id, "due_day": 14, "state_code": "TX", **terms}
        await _act(app, life, open_line, **opening)
        await _command(app, life)
        await _write_twin(app, life)


async def _act(app: AsyncEngine, life: Life, command: Callable[..., Awaitable[Any]], **inputs: Any) -> Any:
    context = CommandContext(new_id("key"), f"customer:{life.customer_id}", Moment(life.on, _TEN))

    async def once(conn: Any) -> Any:
        return await command(conn, context, line_id=life.line_id, **inputs)

    return await with_retries(app, customer(life.customer_id), once)


async def _command(app: AsyncEngine, life: Life) -> list[float]:
    """A draw asked for and settled, a payment made and settled: four commands, and how long each took."""
    took: list[float] = []

    async def timed(command: Callable[..., Awaitable[Any]], **inputs: Any) -> Any:
        begun = time.perf_counter()
        done = await _act(app, life, command, **inputs)
        took.append((time.perf_counter() - begun) * 1000)
        return done

    bank = {"bank_account_id": life.bank_account_id}
    draw = await timed(request_draw, amount_cents=20_000, **bank)
    life.on = add_business_days(life.on, 1)
    await timed(settle_draw, draw_id=draw.draw_id)
    payment = await timed(make_payment, amount_cents=15_000, pay_on=life.on, **bank)
    await timed(settle_payment, payment_id=payment.payment_id)
    return took


async def _write_twin(app: AsyncEngine, life: Life) -> list[float]:
    """What was written to the line, written to its twin."""
    took: list[float] = []
    twins = [_of_twin(written, life.twin_id) for written in life.written]
    for written in twins:
        begun = time.perf_counter()
        async with transaction(app, customer(life.customer_id)) as conn:
            await send(conn, written.append, written.following)
        took.append((time.perf_counter() - begun) * 1000)
    life.history += [written.append for written in life.written]
    life.written.clear()
    return took


def _of_twin(written: Written, line_id: str) -> Written:
    following = Following(
        [replace(transfer, line_id=line_id) for transfer in written.following.transfers],
        [replace(step, line_id=line_id) for step in written.following.steps],
    )
    return Written(replace(written.append, line_id=line_id), following)


async def _each(
    client: Callable[[AsyncEngine, Life], Awaitable[list[float]]], app: AsyncEngine, share: Sequence[Life]
) -> list[float]:
    return [took for life in share for took in await client(app, life)]


async def _transfer(load: Load, count: int) -> list[float]:
    """Two-account transfers, each in a transaction of its own, on one connection."""
    took: list[float] = []
    drawn = random.Random(count)
    conn = await psycopg.AsyncConnection.connect(load.app_dsn, autocommit=True)
    async with conn:
        for _ in range(count):
            pair = drawn.sample(range(1, _PEER_ACCOUNTS + 1), 2)
            begun = time.perf_counter()
            cursor = await conn.execute("SELECT peer.transfer(%s, %s, %s)", (*pair, 15_000), prepare=True)
            await cursor.fetchone()
            took.append((time.perf_counter() - begun) * 1000)
    return took


async def _phase(name: str, clients: Sequence[Awaitable[list[float]]]) -> Phase:
    begun = time.monotonic()
    took = [ms for share in await asyncio.gather(*clients) for ms in share]
    return Phase(name, len(took), begun, time.monotonic(), tuple(took))


async def _batches(
    batch: AsyncEngine, history: Sequence[Append], lines: int, in_step: Callable[[], Any]
) -> list[Phase]:
    """The life of one line, written to many fresh lines at once, a batch for each of its appends."""
    ids = [new_id("line") for _ in range(lines)]
    phases: list[Phase] = []
    for a in history:
        in_step()
        begun = time.monotonic()
        async with transaction(batch, _SYSTEM) as conn:
            await append_many(conn, [replace(a, line_id=line_id) for line_id in ids])
        postings = lines * sum(len(entry.postings) for entry in a.entries)
        if postings:
            phases.append(Phase("batch", postings, begun, time.monotonic()))
    return phases
