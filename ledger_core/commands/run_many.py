"""The shell of commands for a batch of lines: the same decisions as `commands.run`, written at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import transfers
from ledger_core.commands.assemble import assemble
from ledger_core.commands.codec import decode, input_hash
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, World
from ledger_core.commands.documents import keep_statements
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.retry import with_retries
from ledger_core.errors import KeyReused, StoreError
from ledger_core.inputs import check_day, check_inputs
from ledger_core.refusals import Refused
from ledger_core.store.append import append_many
from ledger_core.store.postgres import Identity, transaction
from ledger_core.store.read import PriorResult
from ledger_core.underwriting.record import record

_PRIOR = text(
    "SELECT line_id, input_hash, result FROM core.idempotency_keys"
    " WHERE (line_id, key) IN (SELECT * FROM unnest(CAST(:line_ids AS text[]), CAST(:keys AS text[])))"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An order under its key, and the line as it was found."""

    order: Order[Any]
    ctx: CommandContext
    world: World
    """as of the context's moment"""


async def run_many(engine: AsyncEngine, identity: Identity, batch: Sequence[Asked]) -> list[Any]:
    """The answer or refusal of each, in order; all of the answered are in the books.

    They are decided on the worlds given and written in one transaction. When the books refuse it, since
    somebody appended to one of the lines meanwhile, each is run by itself, so that only its own line is
    touched. A second order for a line is run by itself after the first. Raises as `commands.run.run`, of any of
    them before the first is decided for what is no input.
    """
    for asked in batch:
        check_inputs(asked.order.command, asked.order.line_id, asked.ctx.key, asked.order.inputs)
        check_day(asked.ctx.at.on, asked.world.line.opened_on)
    answers: list[Any] = [None] * len(batch)
    first: dict[str, int] = {}
    for n, asked in enumerate(batch):
        first.setdefault(asked.order.line_id, n)
    together = list(first.values())
    try:
        async with transaction(engine, identity) as conn:
            answered = await _run_together(conn, [batch[n] for n in together])
        for n, answer in zip(together, answered, strict=True):
            answers[n] = answer
    except StoreError:
        together = []
    for n in sorted(set(range(len(batch))) - set(together)):
        alone = partial(run_order, ctx=batch[n].ctx, order=batch[n].order)
        answers[n] = await with_retries(engine, identity, alone)
    return answers


async def _run_together(conn: AsyncConnection, batch: Sequence[Asked]) -> list[Any]:
    """Each to another line."""
    prior = await _prior(conn, batch)
    answers: list[Any] = []
    writes: list[tuple[Asked, Decided[Any], str]] = []
    for asked in batch:
        order = asked.order
        hashed = input_hash(order.command, order.line_id, order.inputs)
        seen = prior.get(order.line_id)
        if seen is not None:
            if seen.input_hash != hashed:
                raise KeyReused(f"key {asked.ctx.key!r} was used on line {order.line_id} with another input")
            answers.append(decode(order.answer, seen.result))
            continue
        decided = order.decide(asked.world)
        answers.append(decided if isinstance(decided, Refused) else decided.done)
        if isinstance(decided, Decided) and decided.facts:
            writes.append((asked, decided, hashed))
    if writes:
        await _write(conn, writes)
    return answers


async def _write(conn: AsyncConnection, writes: Sequence[tuple[Asked, Decided[Any], str]]) -> None:
    appends = [
        assemble(
            asked.world.line,
            asked.world.product,
            asked.world.recorded,
            decided,
            on=asked.ctx.at.on,
            key=asked.ctx.key,
            hashed=hashed,
            walk=asked.world.walk,
        )
        for asked, decided, hashed in writes
    ]
    await append_many(conn, appends)
    followed = [(asked.world.line, decided.facts, decided.effective_on) for asked, decided, _ in writes]
    await transfers.follow_many(conn, followed)
    await keep_statements(conn, [(line, facts) for line, facts, _ in followed])
    await record(conn, [decided.decision for _, decided, _ in writes if decided.decision is not None])


async def _prior(conn: AsyncConnection, batch: Sequence[Asked]) -> Mapping[str, PriorResult]:
    """By line: what its key was answered before."""
    given = {"line_ids": [a.order.line_id for a in batch], "keys": [a.ctx.key for a in batch]}
    return {row.line_id: PriorResult(row.input_hash, row.result) for row in await conn.execute(_PRIOR, given)}
