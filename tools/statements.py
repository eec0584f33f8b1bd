"""Statements: the document, and why it says what it says."""

from __future__ import annotations

from datetime import date

from ledger_core.queries import explain, statements
from ledger_core.refusals import Refused, refused
from tools.context import ToolContext
from tools.contract import Arguments, Effect, Id, Number, Result, tool
from tools.sources import FROM_RECORD
from tools.views import Facts, Item


class OneStatement(Arguments):
    line_id: Id
    number: Number | None = None
    """the last one when left out"""


class Figures(Result):
    """As printed; they stand even when a later correction differs."""

    previous_balance_cents: int
    draws_cents: int
    refunds_cents: int
    payments_cents: int
    credits_cents: int
    fees_cents: int
    interest_cents: int
    corrections_cents: int
    corrections_principal_cents: int
    corrections_interest_cents: int
    corrections_fees_cents: int
    new_balance_cents: int
    principal_cents: int
    fees_owed_cents: int
    interest_owed_cents: int
    credit_balance_cents: int
    disputed_cents: int
    minimum_payment_cents: int
    minimum_interest_cents: int
    minimum_fees_cents: int
    minimum_principal_cents: int
    past_due_cents: int
    minimum_due_cents: int
    apr_bp: int
    days: int
    average_daily_balance_cents: int


class Statement(Result):
    number: int
    statement_id: str
    cycle_start: date
    cycle_end: date
    due_on: date
    printed_due_on: date
    figures: Figures
    minimum_unpaid_cents: int
    paid_on: date | None
    lines: tuple[Item, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def get_statement(ctx: ToolContext, args: OneStatement) -> Statement | Refused:
    """One statement as issued: its figures, its due date, what of its minimum is unpaid, and the items of its
    cycle, oldest first. The last one when no number is given.

    `due_on` is the day it is due now, after an extension; `printed_due_on` is the day on the document.
    """
    found = await statements.statement(ctx.conn, ctx.at, args.line_id, args.number)
    if found is None:
        return refused("statement_unknown", number=args.number)
    return Statement.model_validate(found)


class Part(Result):
    """One part of a sum; a negative one lowers it."""

    code: str
    amount_cents: int


class StatementExplained(Result):
    number: int
    statement_id: str
    cycle_start: date
    cycle_end: date
    due_on: date
    new_balance_cents: int
    balance_parts: tuple[Part, ...]
    minimum_due_cents: int
    minimum_parts: tuple[Part, ...]
    disputed_cents: int
    apr_bp: int
    days: int
    average_daily_balance_cents: int


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def explain_statement(ctx: ToolContext, args: OneStatement) -> StatementExplained | Refused:
    """What a statement asks for and how it came about, in parts that add up to the cent.

    `balance_parts` lead from the previous balance to the new one: previous_balance, corrections, draws,
    refunds, fees, interest, payments, credits. `minimum_parts` make up the minimum due: interest, fees,
    principal, past_due. Tell the parts in this order, and none besides them.
    """
    found = await explain.statement_explanation(ctx.conn, ctx.at, args.line_id, args.number)
    if isinstance(found, Refused):
        return found
    shown = {name: getattr(found, name) for name in StatementExplained.model_fields}
    shown["balance_parts"] = _parts(found.balance_parts)
    shown["minimum_parts"] = _parts(found.minimum_parts)
    return StatementExplained.model_validate(shown)


def _parts(parts: tuple[explain.Part, ...]) -> tuple[Part, ...]:
    return tuple(Part(code=part.code, amount_cents=part.cents) for part in parts)


class Cause(Result):
    """One cause of a change; a positive one raised it. kind: balance, rate, days or one_off."""

    kind: str
    amount_cents: int
    facts: Facts


class InterestExplained(Result):
    earlier_number: int
    later_number: int
    earlier_cents: int
    later_cents: int
    change_cents: int
    causes: tuple[Cause, ...]
    earlier_cycle_end: date
    later_cycle_end: date
    minimum_due_cents: int


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def explain_interest(ctx: ToolContext, args: OneStatement) -> InterestExplained | Refused:
    """Why the interest of a statement differs from the one before it, cause by cause, adding up to the cent.

    The order is fixed: balance, rate, days, one-off events; a cause that moved nothing is left out, and what
    is not listed did not change. Refused for a first statement, which has none before it.
    """
    found = await explain.interest_change(ctx.conn, ctx.at, args.line_id, args.number)
    if isinstance(found, Refused):
        return found
    shown = {name: getattr(found, name) for name in InterestExplained.model_fields}
    shown["causes"] = tuple(
        Cause(kind=cause.kind, amount_cents=cause.cents, facts=dict(cause.facts)) for cause in found.causes
    )
    return InterestExplained.model_validate(shown)
