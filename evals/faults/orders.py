"""The outcomes of `outcomes` in every order, or in a seeded sample of all orders."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from evals.faults.arena import Arena
from evals.faults.books import look
from evals.faults.caller import Tally
from evals.faults.outcomes import STEPS, Case, Kind, Model, draw_case, payment_case
from evals.faults.stage import IDENTITY, open_stage
from ledger_core.bank.returns import act_on_returns
from ledger_core.bank.settlement import settle_due
from ledger_core.store.postgres import transaction

_ENDS = (
    text(
        "SELECT account, stage, debit_cents - credit_cents FROM core.ledger_balances"
        " WHERE debit_cents <> credit_cents ORDER BY 1, 2"
    ),
    text("SELECT kind, reference_id, state, return_code, amount_cents FROM core.transfers ORDER BY 1, 2"),
)
_VERSION = text("SELECT max(version) FROM core.lines")
_CORE: dict[Kind, tuple[str, ...]] = {
    "payment": ("receive", "settle", "return", "the same file", "return again"),
    "draw": ("settle", "silence", "return", "fail", "return again"),
}
"""of these five, every order"""
_BEGINS: dict[Kind, str] = {"payment": "scheduled", "draw": "open"}


async def all_orders(
    arena: Arena, kind: Kind, tally: Tally, seed: int, *, core_max: int = 120, sampled: int = 80
) -> Counter[str]:
    """How often each step came to what; every order ends in the same balances, state and transfers.

    core_max: so many orders of the five main outcomes, 120 being all; sampled: orders of all outcomes together.
    """
    rng = random.Random(seed)
    came: Counter[str] = Counter()
    orders = list(itertools.permutations(_CORE[kind]))
    orders = orders if core_max >= len(orders) else rng.sample(orders, core_max)
    everything = list(STEPS[kind])
    orders += [tuple(rng.sample(everything, len(everything))) for _ in range(sampled)]
    async with arena.database() as database, arena.engine(database) as engine:
        stage = await open_stage(engine)
        case = await (payment_case(stage) if kind == "payment" else draw_case(stage))
        first: Any = None
        with arena.kept(database) as put_back:
            for order in orders:
                put_back()
                end = await _live(case, order, tally, came)
                first = first or end
                if end != first:
                    tally.said.append(f"{kind}: {', '.join(order)} ends in {end}, the first order in {first}")
    came["orders"] = len(orders)
    return came


async def _live(case: Case, order: Sequence[str], tally: Tally, came: Counter[str]) -> Any:
    """Every step of an order against its model, and the next morning; how the books end."""
    model = Model(case.kind, _BEGINS[case.kind])
    for name in order:
        do, expect = STEPS[case.kind][name]
        stood, before = model.stands, await _version(case)
        expected, said = expect(model), await do(case)
        came[f"{name}: {said}"] += 1
        moved = await _version(case) != before
        if (said, moved) != (expected, model.stands != stood):
            what = f"{said} (line {'moved' if moved else 'unmoved'})"
            tally.said.append(f"{case.kind}: {', '.join(order)}: {name} was {what}, not {expected}")
    await act_on_returns(case.stage.engine, case.stage.at)
    await settle_due(case.stage.engine, case.stage.at)
    tally.said += (await look(case.stage.engine)).broken
    return await _end(case)


async def _version(case: Case) -> int:
    async with transaction(case.stage.engine, IDENTITY) as conn:
        return int((await conn.execute(_VERSION)).scalar_one())


async def _end(case: Case) -> Any:
    """Replayed and stored balances, and where every payment, draw and transfer stands."""
    state = await case.stage.state()
    replayed = (
        state.principal_cents,
        state.held_cents,
        state.owed_cents,
        state.credit_balance_cents,
        sorted((p.payment_id, p.stage) for p in state.payments.values()),
        sorted((d.draw_id, d.stage) for d in state.draws.values()),
        sorted((fee.kind, fee.amount_cents) for fee in state.fees.values()),
    )
    async with transaction(case.stage.engine, IDENTITY) as conn:
        stored = [[tuple(row) for row in await conn.execute(query)] for query in _ENDS]
    return replayed, stored
