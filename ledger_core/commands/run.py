"""The one shell of all commands: read the line, decide, append; inside the caller's transaction."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import transfers
from ledger_core.commands.assemble import assemble
from ledger_core.commands.codec import decode, encode, input_hash
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World, world_of
from ledger_core.commands.documents import documents
from ledger_core.dates import Moment
from ledger_core.errors import KeyReused, LineNotFound
from ledger_core.inputs import check_day, check_inputs, is_code
from ledger_core.line.events import Recorded
from ledger_core.line.replay import Walk
from ledger_core.products import Product
from ledger_core.refusals import Refused
from ledger_core.store.append import NewLine, send
from ledger_core.store.following import Following
from ledger_core.store.read import LineRow, LineSnapshot, read_line
from ledger_core.underwriting.notices import notices_of
from ledger_core.underwriting.record import row_of

D = TypeVar("D")


async def run(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    command: str,
    inputs: Mapping[str, Any],
    answer: type[D],
    decide: Callable[[World], Decided[D] | Refused],
    bank_account_id: str | None = None,
) -> D | Refused:
    """The answer of the command, now in the books; or the refusal, and nothing is written.

    bank_account_id: the world to decide in has that account, if this identity may see it.

    A key that was seen with the same input returns the answer of then. Raises InvalidInput for what is no input
    or a day outside the line's life, KeyReused for another input, LineNotFound, and VersionConflict when
    somebody appended meanwhile: the caller rolls back and starts again with the same key (`commands.retry`).
    """
    check_inputs(command, line_id, ctx.key, inputs)
    hashed = input_hash(command, line_id, inputs)
    snapshot = await _read(conn, line_id, ctx.key, bank_account_id)
    if snapshot.prior is not None:
        if snapshot.prior.input_hash != hashed:
            raise KeyReused(f"key {ctx.key!r} was used on line {line_id} with another input")
        return decode(answer, snapshot.prior.result)
    check_day(ctx.at.on, snapshot.line.opened_on)
    world = world_of(snapshot, ctx.at)
    decided = decide(world)
    if isinstance(decided, Refused):
        return decided
    if decided.facts:
        await write(conn, world.line, world.product, world.recorded, decided, ctx, hashed, walk=world.walk)
    return decided.done


async def write(
    conn: AsyncConnection,
    line: LineRow,
    product: Product,
    recorded: tuple[Recorded, ...],
    decided: Decided[Any],
    ctx: CommandContext,
    hashed: str,
    new_line: NewLine | None = None,
    walk: Walk | None = None,
) -> None:
    """Append what was decided, with the transfers, documents and evidence that follow from it."""
    appended = assemble(
        line,
        product,
        recorded,
        decided,
        on=ctx.at.on,
        key=ctx.key,
        hashed=hashed,
        new_line=new_line,
        walk=walk,
    )
    decisions = [] if decided.decision is None else [decided.decision]
    following = Following(
        transfers=transfers.begun_by(line, decided.facts, decided.effective_on),
        steps=transfers.steps_of(line, decided.facts, decided.effective_on),
        statements=documents(line, decided.facts),
        decisions=[row_of(made) for made in decisions],
        notices=notices_of(decisions),
    )
    await send(conn, appended, following)


async def preview(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    decide: Callable[[World], Decided[Any] | Refused],
    bank_account_id: str | None = None,
) -> Preview | Refused:
    """The terms the command would act on now; decided by the same code, nothing written."""
    account = bank_account_id if bank_account_id and is_code(bank_account_id) else None
    decided = decide(world_of(await _read(conn, line_id, None, account), at))
    return decided if isinstance(decided, Refused) else Preview(encode(decided.terms))


async def _read(
    conn: AsyncConnection, line_id: str, key: str | None, bank_account_id: str | None
) -> LineSnapshot:
    snapshot = await read_line(conn, line_id, key=key, bank_account_id=bank_account_id)
    if snapshot is None:
        raise LineNotFound(line_id)
    return snapshot
