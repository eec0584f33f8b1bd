"""Many lines at once: the same answers and books as one by one, and one line's trouble is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands.charge_fee import ChargedFee, charge_fee_order
from ledger_core.commands.context import CommandContext
from ledger_core.commands.grant_credit import grant_credit
from ledger_core.commands.run_many import Asked, run_many
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.errors import InvalidInput
from ledger_core.inputs import WHOLE_MAX
from ledger_core.refusals import Refused
from ledger_core.store.postgres import transaction
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, MEMBER, OPENED, SYSTEM, World, begin

LINES = [AUTOPAY, LATE, MEMBER]


async def charges(world: World, amounts: list[int], about: str = "stmt_1") -> list[Asked]:
    async with transaction(world.engine, SYSTEM) as conn:
        worlds = await read_worlds(conn, LINES, Moment(world.today, time(12)))
    return [
        Asked(
            charge_fee_order(
                line_id=found.line.line_id,
                kind="membership" if found.line.line_id == MEMBER else "late",
                amount_cents=amount,
                about=about,
            ),
            CommandContext(f"fee:{about}", "system:test", found.at),
            found,
        )
        for found, amount in zip(worlds, amounts, strict=True)
    ]


async def fees(world: World) -> list[int]:
    return [sum(f.amount_cents for f in (await world.state(n)).fees.values()) for n in LINES]


async def test_each_line_gets_its_own_answer_and_a_repeat_gets_it_again(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    batch = await charges(world, [100, 200, 300])
    first = await run_many(batch_engine, SYSTEM, batch)
    assert [answer.amount_cents for answer in first] == [100, 200, 300]
    assert await run_many(batch_engine, SYSTEM, await charges(world, [100, 200, 300])) == first
    assert await fees(world) == [100, 200, 300]
    chains = [await world.rows("SELECT core.first_broken_link(:line_id)", line_id=n) for n in LINES]
    assert chains == [[(None,)]] * 3


async def test_a_refusal_leaves_the_other_lines_alone(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    answers = await run_many(batch_engine, SYSTEM, await charges(world, [100, 0, 300]))
    assert [type(answer) for answer in answers] == [ChargedFee, Refused, ChargedFee]
    assert await fees(world) == [100, 0, 300]


async def test_what_is_no_input_at_all_stops_the_batch_with_nothing_written(
    batch_engine: AsyncEngine,
) -> None:
    world = await begin(batch_engine)
    batch = await charges(world, [100, 2 * WHOLE_MAX, 300])
    with pytest.raises(InvalidInput):
        await run_many(batch_engine, SYSTEM, batch)
    early = replace(batch[0].ctx, at=Moment(OPENED - timedelta(days=1), time(12)))
    with pytest.raises(InvalidInput):
        await run_many(batch_engine, SYSTEM, [batch[2], replace(batch[0], ctx=early)])
    assert await fees(world) == [0, 0, 0]


async def test_a_line_that_moved_on_meanwhile_is_decided_again_by_itself(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    batch = await charges(world, [100, 200, 300])
    await world.act(grant_credit, LATE, amount_cents=50, reason="goodwill")
    answers = await run_many(batch_engine, SYSTEM, batch)
    assert [answer.amount_cents for answer in answers] == [100, 200, 300]
    assert await fees(world) == [100, 200, 300]
    assert (await world.state(LATE)).owed_cents == 80_000 - 50 + 200


async def test_a_second_order_for_a_line_follows_the_first(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    world.today += timedelta(days=1)
    batch = await charges(world, [100, 200, 300]) + await charges(world, [1, 2, 3], about="stmt_2")
    answers = await run_many(batch_engine, SYSTEM, batch)
    assert [answer.amount_cents for answer in answers] == [100, 200, 300, 1, 2, 3]
    assert await fees(world) == [101, 202, 303]
