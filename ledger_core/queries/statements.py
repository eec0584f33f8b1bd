"""Issued statements: their frozen figures, and the lines that lead from one balance to the next."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.state import StatementState
from ledger_core.line.statement_figures import StatementFigures
from ledger_core.queries.activity import ActivityItem, items
from ledger_core.queries.line import line_at


@dataclass(frozen=True, slots=True)
class StatementSummary:
    """A statement in a list."""

    number: int
    statement_id: str
    cycle_start: date
    cycle_end: date
    due_on: date
    """after an extension, the day it moved to"""
    new_balance_cents: int
    minimum_due_cents: int
    minimum_unpaid_cents: int
    interest_cents: int
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement: as printed, and what is still asked for today."""

    number: int
    statement_id: str
    cycle_start: date
    cycle_end: date
    due_on: date
    """after an extension, the day it moved to"""
    printed_due_on: date
    figures: StatementFigures
    minimum_unpaid_cents: int
    paid_on: date | None
    lines: tuple[ActivityItem, ...]
    """what happened in its cycle, oldest first, as known today"""


async def statements(conn: AsyncConnection, at: Moment, line_id: str) -> tuple[StatementSummary, ...]:
    """All statements of the line, the newest first."""
    state = (await line_at(conn, at, line_id)).state
    return tuple(_summary(statement) for statement in reversed(state.statements))


async def statement(
    conn: AsyncConnection, at: Moment, line_id: str, number: int | None = None
) -> StatementView | None:
    """One statement, the last one when no number is given; None when there is none."""
    world = await line_at(conn, at, line_id)
    found = find_statement(world, number)
    return None if found is None else await _view(conn, world, found)


def find_statement(world: World, number: int | None) -> StatementState | None:
    """The statement with that number, the last one for None; None when there is none."""
    if number is None:
        return world.state.last_statement
    return next((s for s in world.state.statements if s.number == number), None)


def _summary(statement: StatementState) -> StatementSummary:
    return StatementSummary(
        number=statement.number,
        statement_id=statement.statement_id,
        cycle_start=statement.cycle_start,
        cycle_end=statement.cycle_end,
        due_on=statement.current_due_on,
        new_balance_cents=statement.figures.new_balance_cents,
        minimum_due_cents=statement.figures.minimum_due_cents,
        minimum_unpaid_cents=statement.minimum_unpaid_cents,
        interest_cents=statement.figures.interest_cents,
        paid_on=statement.paid_on,
    )


async def _view(conn: AsyncConnection, world: World, statement: StatementState) -> StatementView:
    happened = await items(conn, world, since=statement.cycle_start, until=statement.cycle_end)
    return StatementView(
        number=statement.number,
        statement_id=statement.statement_id,
        cycle_start=statement.cycle_start,
        cycle_end=statement.cycle_end,
        due_on=statement.current_due_on,
        printed_due_on=statement.due_on,
        figures=statement.figures,
        minimum_unpaid_cents=statement.minimum_unpaid_cents,
        paid_on=statement.paid_on,
        lines=tuple(reversed(happened)),
    )
