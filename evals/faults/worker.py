"""A process that works through a seeded list of commands, or through nights, and tells of each that is committed.

`python -m evals.faults.worker URL SEED commands N | nights DATE N`. Killed and started again, it sends everything from
the beginning under the same keys; so what it tells can be compared with what the books hold.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from evals.faults.caller import Tally, send_until_heard
from evals.faults.stage import OPENED_ON, Command, Stage
from ledger_core import nightly
from ledger_core.commands.grant_credit import grant_credit
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.dates import Moment
from ledger_core.refusals import Refused
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.tables import bank_accounts, lines

_TEN = time(10)


async def stages(engine: AsyncEngine) -> list[Stage]:
    """All lines of the database, by id, on the day they were opened."""
    query = select(lines.c.customer_id, lines.c.line_id, bank_accounts.c.bank_account_id)
    query = query.join(bank_accounts, bank_accounts.c.customer_id == lines.c.customer_id).order_by(
        lines.c.line_id
    )
    async with transaction(engine, system("worker")) as conn:
        rows = (await conn.execute(query)).all()
    return [Stage(engine, *row, Moment(OPENED_ON, _TEN)) for row in rows]


async def work(engine: AsyncEngine, seed: int, count: int) -> None:
    """The commands of a seed, in order, each sent until it is heard."""
    rng = random.Random(seed)
    everybody = await send_until_heard(lambda: stages(engine), Tally())
    open_draws: dict[str, list[str]] = {stage.line_id: [] for stage in everybody}
    open_payments: dict[str, list[str]] = {stage.line_id: [] for stage in everybody}
    for number in range(count):
        stage = rng.choice(everybody)
        stage.at = Moment(OPENED_ON + timedelta(days=number // 12), _TEN)
        draws, payments = open_draws[stage.line_id], open_payments[stage.line_id]
        key, kind, cents = f"work-{number}", rng.randrange(6), rng.randrange(5_000, 6_000)
        command, asked = _drawn(kind, number, cents, stage, draws, payments)

        async def send(
            stage: Stage = stage, command: Any = command, key: str = key, asked: Any = asked
        ) -> Any:
            return await stage.ask(command, key, **asked)

        answer = await send_until_heard(send, Tally(), sends_max=400)
        if isinstance(answer, Refused):
            raise AssertionError(f"{key} was refused: {answer.codes}")
        if command is request_draw:
            draws.append(answer.draw_id)
        elif command is receive_payment:
            payments.append(answer.payment_id)
        print(f"{stage.line_id} {key}", flush=True)


def _drawn(
    kind: int, number: int, cents: int, stage: Stage, draws: list[str], payments: list[str]
) -> tuple[Command, dict[str, Any]]:
    """The command that the dice mean, given what came of the earlier ones; never one that is refused."""
    if kind == 0 and draws:
        return settle_draw, {"draw_id": draws.pop(0)}
    if kind == 1 and payments:
        return settle_payment, {"payment_id": payments.pop(0)}
    if kind == 2 and payments:
        return return_payment, {"payment_id": payments.pop(), "return_code": "R01"}
    if kind == 3:
        return receive_payment, {"payment_id": f"payment_{number}", "amount_cents": cents // 2}
    if kind == 4:
        return grant_credit, {"amount_cents": cents // 100, "reason": "goodwill"}
    return request_draw, {"amount_cents": cents, "memo": "again", "bank_account_id": stage.bank_account_id}


async def nights(engine: AsyncEngine, first: date, count: int) -> None:
    """So many nights from a date on, each told when it is done."""
    for number in range(count):
        on = first + timedelta(days=number)
        await send_until_heard(lambda on=on: nightly.run(engine, on), Tally(), sends_max=400)  # type: ignore[misc]
        print(f"night {on}", flush=True)


async def _main(url: str, seed: str, what: str, *more: str) -> None:
    engine = make_engine(url, pool_size=2)
    try:
        if what == "commands":
            await work(engine, int(seed), int(more[0]))
        else:
            await nights(engine, date.fromisoformat(more[0]), int(more[1]))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
