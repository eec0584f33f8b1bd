"""Close a cycle: the membership fee where there is one, and the statement with its frozen figures."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import Fact
from ledger_core.line.fees import membership_fee
from ledger_core.line.statement import close
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class IssuedStatement:
    statement_id: str
    number: int
    cycle_end: date
    due_on: date
    new_balance_cents: int
    minimum_due_cents: int
    fee_cents: int
    """the membership fee of this cycle; 0 for none"""


def issue_statement_order(
    *,
    line_id: str,
    covered: bool = False,
) -> Order[IssuedStatement]:
    """What `issue_statement` does to the line, to be run by itself or with many."""
    return Order(
        line_id, "issue_statement", {"covered": covered}, IssuedStatement, partial(_decide, covered=covered)
    )


async def issue_statement(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    covered: bool = False,
) -> IssuedStatement | Refused:
    """The statement of the oldest cycle that is over and has none, effective on its last day.

    covered: the customer is a covered borrower (32 CFR 232.3(g)), whose membership fee may have to be left
    out. Refused while the cycle runs, for a line that is closed, and after the statement of the cycle in which a line
    was charged off.
    """
    return await run_order(conn, ctx, issue_statement_order(line_id=line_id, covered=covered))


async def preview_issue_statement(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    covered: bool = False,
) -> Preview | Refused:
    """The terms of `issue_statement`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, covered=covered))


def _decide(world: World, *, covered: bool) -> Decided[IssuedStatement] | Refused:
    cycle_end = world.state.next_close_on
    if world.state.status == "closed":
        return refused("line_closed", status="closed")
    if world.state.statements_ended:
        return refused("charged_off")
    if world.at.on < cycle_end:
        return refused("cycle_not_over", next_close_on=cycle_end)
    facts: tuple[Fact, ...] = ()
    state = state_with(world, (), as_of=cycle_end)
    fee = membership_fee(world.product, state, new_id("fee"), covered=covered)
    if fee is not None:
        facts = (fee,)
        state = state_with(world, facts, effective_on=cycle_end, as_of=cycle_end)
    issued = close(world.product, state, new_id("statement"))
    done = IssuedStatement(
        statement_id=issued.statement_id,
        number=issued.number,
        cycle_end=issued.cycle_end,
        due_on=issued.due_on,
        new_balance_cents=issued.figures.new_balance_cents,
        minimum_due_cents=issued.figures.minimum_due_cents,
        fee_cents=fee.amount_cents if fee else 0,
    )
    return Decided(done, cycle_end, (*facts, issued), {"number": issued.number, "cycle_end": cycle_end})
