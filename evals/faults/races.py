"""Sixteen clients on one line, two nights at once, and nights that race with customers."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from evals.faults.arena import Arena
from evals.faults.books import compare, look
from evals.faults.caller import Tally
from evals.faults.stage import IDENTITY, Stage, open_stage
from evals.faults.town import found
from ledger_core import nightly
from ledger_core.commands.codec import encode
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.request_draw import request_draw
from ledger_core.errors import VersionConflict
from ledger_core.nightly.report import NightlyReport
from ledger_core.refusals import Refused
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import business_days

CLIENTS = 16
_DRAW_CENTS = 15_000
_FIT = 13
"""draws of $150 fit into a limit of $2,000"""


async def race_for_the_limit(arena: Arena, tally: Tally) -> Counter[str]:
    """As many draws as clients, three more than fit: what each came to; never over the limit.

    `conflict`: the bounded retries were not enough, and the client sends the same key again.
    """
    came: Counter[str] = Counter()
    async with arena.database() as database, arena.engine(database, CLIENTS) as engine:
        stage = await open_stage(engine)

        async def client(number: int) -> None:
            asked = {"amount_cents": _DRAW_CENTS, "bank_account_id": stage.bank_account_id}
            answer = await _ask(stage, came, request_draw, f"race-{number}", asked)
            came["refused" if isinstance(answer, Refused) else "done"] += 1

        await asyncio.gather(*(client(number) for number in range(CLIENTS)))
        state = await stage.state()
        if (came["done"], state.held_cents) != (_FIT, _FIT * _DRAW_CENTS):
            tally.said.append(f"draws raced: {dict(came)}, {state.held_cents} cents held")
        tally.said += (await look(engine)).broken
    return came


async def race_with_one_key(arena: Arena, tally: Tally) -> Counter[str]:
    """The same payment under the same key from all clients: one effect, the same answer to all."""
    came: Counter[str] = Counter()
    async with arena.database() as database, arena.engine(database, CLIENTS) as engine:
        stage = await open_stage(engine)
        asked = {"payment_id": "payment_race", "amount_cents": 5_000}
        answers = await asyncio.gather(
            *(_ask(stage, came, receive_payment, "one-key", asked) for _ in range(CLIENTS))
        )
        if len({str(encode(answer)) for answer in answers}) != 1 or isinstance(answers[0], Refused):
            tally.said.append(f"one key was answered in several ways: {answers}")
        if (await stage.state()).credit_balance_cents != 5_000:
            tally.said.append("one key had more than one effect, or none")
        tally.said += (await look(engine)).broken
    return came


async def two_nights_at_once(arena: Arena, tally: Tally, *, nights: int = 5) -> Counter[str]:
    """Each night run twice at the same time, in a twin once; the books must be the same.

    The one that comes second waits and finds the night done: its report is empty. `waited` counts these.
    """
    books, came = [], Counter[str]()
    for at_once in (False, True):
        async with arena.database() as database, arena.engine(database, CLIENTS) as engine:
            town = await found(engine)
            for _ in range(nights):
                town.today += timedelta(days=1)
                if at_once:
                    twice = (nightly.run(engine, town.today) for _ in range(2))
                    ended = await asyncio.gather(*twice, return_exceptions=True)
                    came["waited"] += sum(end == NightlyReport(town.today) for end in ended)
                    wrong = [end for end in ended if isinstance(end, BaseException)]
                    tally.said += [f"a night raced: {end!r:.200}" for end in wrong]
                await nightly.run(engine, town.today)
                await town.morning()
                await town.people()
            books.append(await look(engine))
    tally.judge("two nights at once", compare(books[1], books[0]))
    return came


async def nights_begun(engine: AsyncEngine) -> int:
    """How many nights were begun, whether they ended or not."""
    async with transaction(engine, IDENTITY) as conn:
        return int((await conn.execute(select(func.count()).select_from(business_days))).scalar_one())


async def night_against_customers(arena: Arena, tally: Tally) -> None:
    """A night, and meanwhile a payment to every line: each is there once and the accounts hold."""
    async with arena.database() as database, arena.engine(database, CLIENTS) as engine:
        town = await found(engine)
        town.today += timedelta(days=1)
        came: Counter[str] = Counter()
        paid = [
            _ask(
                stage,
                came,
                receive_payment,
                "meanwhile",
                {"payment_id": f"payment_{name}", "amount_cents": 700},
            )
            for name, stage in town.lines.items()
        ]
        await asyncio.gather(nightly.run(engine, town.today), *paid)
        after = await look(engine)
        if after.said.get("events PaymentReceived", (0, 0))[0] != len(paid):
            tally.said.append(
                f"payments during a night: {after.said.get('events PaymentReceived')} of {len(paid)}"
            )
        tally.said += after.broken


async def _ask(stage: Stage, came: Counter[str], command: Any, key: str, asked: dict[str, Any]) -> Any:
    while True:
        try:
            return await stage.ask(command, key, **asked)
        except VersionConflict:
            came["conflict"] += 1


async def all_races(arena: Arena, tally: Tally) -> dict[str, Counter[str]]:
    """All of them; what the racing clients came to."""
    came = {
        "limit": await race_for_the_limit(arena, tally),
        "one key": await race_with_one_key(arena, tally),
        "two nights": await two_nights_at_once(arena, tally),
    }
    await night_against_customers(arena, tally)
    return came
