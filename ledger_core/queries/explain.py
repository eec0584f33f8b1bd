"""Why: what a statement is made of, why interest changed, and what a fee is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.balance_change import balance_difference
from ledger_core.line.explain import Cause, interest_difference
from ledger_core.line.fees import decide_courtesy_waiver
from ledger_core.line.replay import replay
from ledger_core.line.state import FeeState, StatementState
from ledger_core.line.statement_figures import StatementFigures
from ledger_core.queries.line import line_at
from ledger_core.queries.statements import find_statement
from ledger_core.refusals import Fact, Reason, Refused, refused


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum; a negative one lowers it."""

    code: str
    cents: int


@dataclass(frozen=True, slots=True)
class StatementExplanation:
    """What is owed and why, as printed."""

    number: int
    statement_id: str
    cycle_start: date
    cycle_end: date
    due_on: date
    new_balance_cents: int
    balance_parts: tuple[Part, ...]
    """previous_balance, corrections, draws, refunds, fees, interest, payments, credits: they add up to it"""
    minimum_due_cents: int
    minimum_parts: tuple[Part, ...]
    """interest, fees, principal, past_due: they add up to it"""
    disputed_cents: int
    apr_bp: int
    days: int
    average_daily_balance_cents: int


@dataclass(frozen=True, slots=True)
class InterestChange:
    """Why the interest printed on one statement differs from the one before; the causes add up exactly."""

    earlier_number: int
    later_number: int
    earlier_cents: int
    later_cents: int
    change_cents: int
    causes: tuple[Cause, ...]
    """balance, rate, days, one_off, in this order; those of zero left out"""
    earlier_cycle_end: date
    later_cycle_end: date
    minimum_due_cents: int
    """of the later statement"""


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """Why the balance is another one than it was, or was thought to be; the causes add up exactly."""

    earlier_on: date
    later_on: date
    known_at_seq: int
    """the last fact that the earlier balance knew of"""
    earlier_cents: int
    """all that is owed, accrued interest included, less a credit balance"""
    later_cents: int
    change_cents: int
    causes: tuple[Cause, ...]
    """balance, rate, days, then one_off by day, in this order; those of zero left out"""


@dataclass(frozen=True, slots=True)
class FeeExplanation:
    fee_id: str
    kind: str
    """late, returned_payment or membership"""
    amount_cents: int
    charged_on: date
    about: str | None
    facts: Mapping[str, Fact]
    """late: minimum_due_cents, due_on, paid_on, days_late; returned_payment: payment_cents, returned_on,
    return_code; membership: none"""
    waived_cents: int
    waived_on: date | None
    waivable_as_courtesy: bool
    reasons: tuple[Reason, ...]
    """why not, when it is not"""


async def statement_explanation(
    conn: AsyncConnection, at: Moment, line_id: str, number: int | None = None
) -> StatementExplanation | Refused:
    """What that statement asks for and how it came about; the last one when no number is given."""
    found = find_statement(await line_at(conn, at, line_id), number)
    if found is None:
        return refused("statement_unknown", number=number)
    figures = found.figures
    return StatementExplanation(
        number=found.number,
        statement_id=found.statement_id,
        cycle_start=found.cycle_start,
        cycle_end=found.cycle_end,
        due_on=found.current_due_on,
        new_balance_cents=figures.new_balance_cents,
        balance_parts=_balance_parts(figures),
        minimum_due_cents=figures.minimum_due_cents,
        minimum_parts=_minimum_parts(figures),
        disputed_cents=figures.disputed_cents,
        apr_bp=figures.apr_bp,
        days=figures.days,
        average_daily_balance_cents=figures.average_daily_balance_cents,
    )


async def interest_change(
    conn: AsyncConnection, at: Moment, line_id: str, number: int | None = None, earlier_number: int | None = None
) -> InterestChange | Refused:
    """Why that statement's interest differs from an earlier one's; the last one when no number is given.

    earlier_number: the one before it when None. Refused for the first statement, which has none before it.
    """
    world = await line_at(conn, at, line_id)
    later = find_statement(world, number)
    if later is None:
        return refused("statement_unknown", number=number)
    earlier = find_statement(world, earlier_number or later.number - 1)
    if earlier is None or earlier.number >= later.number:
        return refused("no_earlier_statement", number=later.number)
    return InterestChange(
        earlier_number=earlier.number,
        later_number=later.number,
        earlier_cents=earlier.figures.interest_cents,
        later_cents=later.figures.interest_cents,
        change_cents=later.figures.interest_cents - earlier.figures.interest_cents,
        causes=interest_difference(world.state, earlier.number, later.number),
        earlier_cycle_end=earlier.cycle_end,
        later_cycle_end=later.cycle_end,
        minimum_due_cents=later.figures.minimum_due_cents,
    )


async def balance_change(
    conn: AsyncConnection,
    at: Moment,
    line_id: str,
    *,
    since: date | None = None,
    until: date | None = None,
    known_at_seq: int | None = None,
) -> BalanceChange | Refused:
    """Why the balance of `until` (today when None), as known now, differs from an earlier one.

    since: the earlier day, `until` itself when None. known_at_seq: what was known of it then, by the last fact
    written; all when None. So two days are compared, or then and now about one day. Causes as in
    `line.balance_change`. Refused with date_out_of_range, then known_at_out_of_range.
    """
    world = await line_at(conn, at, line_id)
    recorded, opened_on = world.recorded, world.state.opened_on
    later_on = until or at.on
    earlier_on = since or later_on
    if not opened_on <= earlier_on <= later_on <= at.on:
        return refused("date_out_of_range", since=earlier_on, until=later_on)
    last_seq = recorded[-1].seq
    known = last_seq if known_at_seq is None else known_at_seq
    if not 1 <= known <= last_seq:
        return refused("known_at_out_of_range", known_at_seq=known, last_seq=last_seq)
    earlier = replay(world.product, recorded, as_of=earlier_on, known_at_seq=known)
    later = world.state if later_on == at.on else replay(world.product, recorded, as_of=later_on)
    return BalanceChange(
        earlier_on=earlier_on,
        later_on=later_on,
        known_at_seq=known,
        earlier_cents=earlier.payoff_base_cents,
        later_cents=later.payoff_base_cents,
        change_cents=later.payoff_base_cents - earlier.payoff_base_cents,
        causes=balance_difference(earlier, later, recorded),
    )


async def fees(conn: AsyncConnection, at: Moment, line_id: str) -> tuple[FeeExplanation, ...]:
    """All fees of the line, the latest first."""
    world = await line_at(conn, at, line_id)
    newest_first = sorted(world.state.fees.values(), key=lambda f: (f.charged_on, f.fee_id), reverse=True)
    return tuple(_fee(world, fee) for fee in newest_first)


async def fee(conn: AsyncConnection, at: Moment, line_id: str, fee_id: str) -> FeeExplanation | Refused:
    """What one fee is for, and whether it can be waived as a courtesy now."""
    world = await line_at(conn, at, line_id)
    found = world.state.fees.get(fee_id)
    return refused("fee_unknown", fee_id=fee_id) if found is None else _fee(world, found)


def _fee(world: World, fee: FeeState) -> FeeExplanation:
    courtesy = decide_courtesy_waiver(world.product, world.state, fee.fee_id, "credit_if")
    return FeeExplanation(
        fee_id=fee.fee_id,
        kind=fee.kind,
        amount_cents=fee.amount_cents,
        charged_on=fee.charged_on,
        about=fee.about,
        facts=_fee_facts(world, fee),
        waived_cents=fee.waived_cents,
        waived_on=fee.waived_on,
        waivable_as_courtesy=not isinstance(courtesy, Refused),
        reasons=courtesy.reasons if isinstance(courtesy, Refused) else (),
    )


def _fee_facts(world: World, fee: FeeState) -> Mapping[str, Fact]:
    payment = world.state.payments.get(fee.about or "")
    if payment is not None:
        return {
            "payment_id": payment.payment_id,
            "payment_cents": payment.amount_cents,
            "returned_on": payment.returned_on,
            "return_code": payment.return_code,
        }
    missed = next((s for s in world.state.statements if s.statement_id == fee.about), None)
    return {} if missed is None else _late_facts(missed, fee)


def _late_facts(missed: StatementState, fee: FeeState) -> Mapping[str, Fact]:
    until = missed.paid_on or fee.charged_on
    return {
        "statement_number": missed.number,
        "minimum_due_cents": missed.figures.minimum_due_cents,
        "due_on": missed.current_due_on,
        "paid_on": missed.paid_on,
        "days_late": (until - missed.current_due_on).days,
    }


def _balance_parts(f: StatementFigures) -> tuple[Part, ...]:
    parts = (
        Part("previous_balance", f.previous_balance_cents),
        Part("corrections", f.corrections_cents),
        Part("draws", f.draws_cents),
        Part("refunds", f.refunds_cents),
        Part("fees", f.fees_cents),
        Part("interest", f.interest_cents),
        Part("payments", -f.payments_cents),
        Part("credits", -f.credits_cents),
    )
    assert sum(part.cents for part in parts) == f.new_balance_cents
    return tuple(part for part in parts if part.cents)


def _minimum_parts(f: StatementFigures) -> tuple[Part, ...]:
    parts = (
        Part("interest", f.minimum_interest_cents),
        Part("fees", f.minimum_fees_cents),
        Part("principal", f.minimum_principal_cents),
        Part("past_due", f.past_due_cents),
    )
    return tuple(part for part in parts if part.cents)
