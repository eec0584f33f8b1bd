"""The terms of a line: its rate, its limit, its fees, what draws and payments must meet."""

from __future__ import annotations

from datetime import date

from ledger_core.queries.line import line_at
from tools.context import ToolContext
from tools.contract import Effect, Result, tool
from tools.payments import OfLine
from tools.sources import FROM_RECORD


class Terms(Result):
    """Rates in basis points a year. `late_fee_repeat_cents`: when another late fee came within six cycles."""

    product_name: str
    product_version: int
    effective_on: date
    apr_bp: int
    base_apr_bp: int
    """before the autopay discount, a promotion or a legal cap"""
    autopay_discount_bp: int
    limit_cents: int
    limit_min_cents: int
    limit_max_cents: int
    draw_minimum_cents: int
    instant_fee_cents: int
    minimum_floor_cents: int
    minimum_principal_bp: int
    late_fee_cents: int
    late_fee_repeat_cents: int
    late_fee_from_day: int
    returned_fee_cents: int
    membership_fee_cents: int
    due_day: int
    payment_days_ahead_max: int


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def get_terms(ctx: ToolContext, args: OfLine) -> Terms:
    """The terms of one line in figures: its rate now and before discounts, its limit and the range of limits, the
    smallest draw, how the minimum is made, every fee.

    For "what is my rate", "what do you charge when I am late". The figures are those of the product version the
    line was opened under, which stay with it. Why a rate is what it is, or what a rule means, is in the policies:
    `search_policies`. What is owed and due now is in `get_overview`.
    """
    world = await line_at(ctx.conn, ctx.at, args.line_id)
    product, state = world.product, world.state
    own = {name: getattr(state, name) for name in ("apr_bp", "base_apr_bp", "limit_cents", "due_day")}
    rest = set(Terms.model_fields) - set(own) - {"product_name", "product_version"}
    return Terms(
        product_name=product.name,
        product_version=product.version,
        **own,
        **{name: getattr(product, name) for name in rest},
    )
