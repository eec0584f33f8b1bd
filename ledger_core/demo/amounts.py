"""Amounts that only the books know on the day they are asked for, in cents."""

from __future__ import annotations

from ledger_core.commands.decided import World
from ledger_core.demo.acts import ForMinimum, Measure
from ledger_core.line.draws import settles_on
from ledger_core.line.payoff import quote
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up, share_half_up


def measured(world: World, measure: Measure) -> int:
    """What is billed, owed or left on the line at that moment; 0 when nothing is."""
    state = world.state
    match measure:
        case "minimum":
            return state.minimum_due_cents
        case "past_due":
            return state.past_due_cents
        case "statement":
            return _left_of_statement(world)
        case "payoff":
            return quote(world.product, state, world.at.on).total_cents
        case "available":
            return state.available_cents


def draw_for_minimum(world: World, wanted: ForMinimum) -> int:
    """The draw on an empty line, asked for now, for which the coming statement bills exactly this minimum."""
    state = world.state
    days = (state.next_close_on - settles_on("standard", world.at)).days + 1
    low, high = 0, state.limit_cents
    while low < high:
        middle = (low + high) // 2
        if _minimum(middle, state.apr_bp, days, world.product.minimum_principal_bp) < wanted.cents:
            low = middle + 1
        else:
            high = middle
    assert _minimum(low, state.apr_bp, days, world.product.minimum_principal_bp) == wanted.cents
    return low


def _minimum(principal: int, apr_bp: int, days: int, share_bp: int) -> int:
    interest = microcents_to_cents_half_up(daily_interest_microcents(principal, apr_bp) * days)
    return interest + share_half_up(principal, share_bp)


def _left_of_statement(world: World) -> int:
    statement = world.state.last_statement
    if statement is None:
        return 0
    paid = sum(
        payment.amount_cents
        for payment in world.state.payments.values()
        if payment.allocation is not None
        and payment.received_on is not None
        and payment.received_on > statement.cycle_end
    )
    return max(0, min(statement.figures.new_balance_cents - paid, world.state.payoff_base_cents))
