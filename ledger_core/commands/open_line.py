"""Open a line: its terms are those of the product's version in force, and stay with it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.codec import decode, input_hash
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided
from ledger_core.commands.run import write
from ledger_core.errors import KeyReused
from ledger_core.inputs import check_inputs
from ledger_core.line.cycle import due_after, first_close
from ledger_core.line.events import LineOpened
from ledger_core.pricing.caps import StateUnknown
from ledger_core.pricing.offer import offered_rates
from ledger_core.products import Product, load
from ledger_core.refusals import Refused, refused
from ledger_core.store.append import NewLine
from ledger_core.store.read import LineRow, read_line
from ledger_core.store.tables import customers


@dataclass(frozen=True, slots=True)
class OpenedLine:
    line_id: str
    limit_cents: int
    apr_bp: int
    opened_on: date
    first_close_on: date
    first_due_on: date


async def open_line(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    customer_id: str,
    product_id: str,
    limit_cents: int,
    apr_bp: int,
    due_day: int,
    state_code: str,
    product_version: int | None = None,
) -> OpenedLine | Refused:
    """The new line, open from today. The caller makes the id, so that a repeat finds the same line.

    Refused for a product or a version there is not, an id that another line has, outside the product's limits,
    rates and due days, and for a customer there is not.
    """
    inputs = {
        "customer_id": customer_id,
        "product_id": product_id,
        "limit_cents": limit_cents,
        "apr_bp": apr_bp,
        "due_day": due_day,
        "state_code": state_code,
        "product_version": product_version,
    }
    check_inputs("open_line", line_id, ctx.key, inputs)
    try:
        product = load(product_id, product_version)
    except LookupError:
        return refused("product_unknown")
    hashed = input_hash("open_line", line_id, inputs)
    snapshot = await read_line(conn, line_id, key=ctx.key)
    if snapshot is not None:
        if snapshot.prior is None:
            return refused("line_exists", line_id=line_id)
        if snapshot.prior.input_hash != hashed:
            raise KeyReused(f"key {ctx.key!r} was used on line {line_id} with another input")
        return decode(OpenedLine, snapshot.prior.result)
    decided = _decide(product, line_id, ctx.at.on, limit_cents, apr_bp, due_day, state_code)
    if isinstance(decided, Refused):
        return decided
    who = select(customers.c.customer_id).where(customers.c.customer_id == customer_id)
    if (await conn.execute(who)).first() is None:
        return refused("customer_unknown")
    line = LineRow(line_id, customer_id, product_id, product.version, "open", 0, limit_cents, ctx.at.on, b"")
    new_line = NewLine(customer_id, product_id, product.version, ctx.at.on)
    await write(conn, line, product, (), decided, ctx, hashed, new_line)
    return decided.done


def _decide(
    product: Product, line_id: str, on: date, limit_cents: int, apr_bp: int, due_day: int, state_code: str
) -> Decided[OpenedLine] | Refused:
    if not product.limit_min_cents <= limit_cents <= product.limit_max_cents:
        return refused("limit_out_of_range", min=product.limit_min_cents, max=product.limit_max_cents)
    if limit_cents % product.limit_step_cents:
        return refused("limit_not_a_step", step_cents=product.limit_step_cents)
    try:
        if apr_bp not in offered_rates(product, state_code, on):
            return refused("apr_not_offered", apr_bp=apr_bp)
    except StateUnknown:
        return refused("state_unknown", state_code=state_code)
    if not 1 <= due_day <= product.due_day_max:
        return refused("due_day_out_of_range", due_day=due_day)
    closes_on = first_close(product, on, due_day)
    fact = LineOpened(
        product.product_id, product.version, limit_cents, apr_bp, due_day, closes_on, state_code
    )
    done = OpenedLine(line_id, limit_cents, apr_bp, on, closes_on, due_after(product, closes_on))
    return Decided(done, on, (fact,), {"limit_cents": limit_cents, "apr_bp": apr_bp, "due_day": due_day})
