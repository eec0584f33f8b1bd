"""Two statements side by side."""

from __future__ import annotations

from datetime import date

from ledger_core.queries import explain, statements
from ledger_core.queries.statements import StatementView
from ledger_core.refusals import Refused, refused
from tools.context import ToolContext
from tools.contract import Arguments, Effect, Id, Number, Result, tool
from tools.sources import FROM_RECORD
from tools.statements import Cause

COMPARED = (
    "previous_balance_cents", "draws_cents", "refunds_cents", "payments_cents", "credits_cents", "fees_cents",
    "interest_cents", "corrections_cents", "new_balance_cents", "minimum_due_cents", "average_daily_balance_cents",
    "apr_bp", "days",
)  # fmt: skip


class CompareStatements(Arguments):
    line_id: Id
    earlier_number: Number | None = None
    """the one before the later when left out"""
    later_number: Number | None = None
    """the last one when left out"""


class Side(Result):
    number: int
    cycle_start: date
    cycle_end: date
    due_on: date


class Row(Result):
    """One figure of both: cents, but `apr_bp` in basis points and `days` in days; `change` is later less earlier."""

    code: str
    earlier_cents: int | None = None
    later_cents: int | None = None
    change_cents: int | None = None
    earlier_count: int | None = None
    later_count: int | None = None
    earlier_bp: int | None = None
    later_bp: int | None = None


class StatementsCompared(Result):
    earlier: Side
    later: Side
    rows: tuple[Row, ...]
    interest_causes: tuple[Cause, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def compare_statements(ctx: ToolContext, args: CompareStatements) -> StatementsCompared | Refused:
    """Two statements side by side: every figure that differs, and why the interest does, to the cent.

    The last one and the one before it unless numbers are given. `rows` holds only what changed: draws, payments,
    fees, interest, balances, the minimum, the rate, the days of the cycle. A figure that is not listed is the same
    on both. `interest_causes` adds up to the change in interest, in its fixed order: balance, rate, days, one_off.
    """
    later = await statements.statement(ctx.conn, ctx.at, args.line_id, args.later_number)
    if later is None:
        return refused("statement_unknown", number=args.later_number)
    change = await explain.interest_change(ctx.conn, ctx.at, args.line_id, later.number, args.earlier_number)
    if isinstance(change, Refused):
        return change
    earlier = await statements.statement(ctx.conn, ctx.at, args.line_id, change.earlier_number)
    assert earlier is not None
    return StatementsCompared(
        earlier=_side(earlier),
        later=_side(later),
        rows=tuple(_rows(earlier, later)),
        interest_causes=tuple(
            Cause(kind=cause.kind, amount_cents=cause.cents, facts=dict(cause.facts))
            for cause in change.causes
        ),
    )


def _side(found: StatementView) -> Side:
    return Side(
        number=found.number, cycle_start=found.cycle_start, cycle_end=found.cycle_end, due_on=found.due_on
    )


def _rows(earlier: StatementView, later: StatementView) -> list[Row]:
    rows = []
    for name in COMPARED:
        before, after = getattr(earlier.figures, name), getattr(later.figures, name)
        if before == after:
            continue
        if name.endswith("_cents"):
            rows.append(Row(code=name, earlier_cents=before, later_cents=after, change_cents=after - before))
        elif name.endswith("_bp"):
            rows.append(Row(code=name, earlier_bp=before, later_bp=after))
        else:
            rows.append(Row(code=name, earlier_count=before, later_count=after))
    return rows
