"""How often and how much: limits of one customer, as data (`rules.yaml`), counted from what is kept of calls.

A limit is met where terms are about to be proposed, and again where they are confirmed. None of them touches a
right: nobody is kept from a dispute, a lock or a person by a count of money.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ledger_core.refusals import Reason
from ledger_core.store.postgres import named_queries
from tools.context import ToolContext
from tools.contract import Tool
from tools.outcomes import Refused
from tools.rules import rules

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "quotas.sql")
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(hours=24)


async def one_at_a_time(ctx: ToolContext) -> None:
    """Waits until no other act of this person is being counted: two at once would not see each other."""
    await ctx.conn.execute(_SQL["one_at_a_time"], {"actor_id": ctx.identity.actor_id})


async def before_proposing(ctx: ToolContext, tool: Tool, terms: Mapping[str, Any]) -> Refused | None:
    """Why not even terms are offered: too many offers in an hour, or what `before_acting` says."""
    if tool.name in rules().customer.never_limited:
        return None
    most = rules().customer.proposals_per_hour
    asked = {"customer_id": ctx.customer_id, "since": ctx.now - _HOUR}
    if await ctx.conn.scalar(_SQL["proposals_since"], asked) >= most:
        return _no("too_many_proposals", most=most)
    return await before_acting(ctx, tool, terms)


async def before_acting(ctx: ToolContext, tool: Tool, terms: Mapping[str, Any]) -> Refused | None:
    """Why the customer's limits stand against the act: too_many_in_conversation, too_many_today, too_much_today."""
    if ctx.identity.role != "customer":
        return None
    limits = rules().customer
    if tool.name in limits.money_tools or tool.name in limits.per_day:
        await one_at_a_time(ctx)
    if tool.name in limits.money_tools:
        whose = {"conversation_id": ctx.conversation_id, "customer_id": ctx.customer_id}
        done = await ctx.conn.scalar(_SQL["money_acts"], {**whose, "tools": list(limits.money_tools)})
        if done >= limits.money_acts_per_conversation:
            return _no("too_many_in_conversation", most=limits.money_acts_per_conversation)
    per_day = limits.per_day.get(tool.name)
    if per_day is None:
        return None
    asked = {"customer_id": ctx.customer_id, "tool": tool.name, "since": ctx.now - _DAY}
    today = (await ctx.conn.execute(_SQL["acts_since"], asked)).one()
    if today.acts >= per_day.count:
        return _no("too_many_today", most=per_day.count)
    if per_day.amount_cents is not None and today.cents + terms["amount_cents"] > per_day.amount_cents:
        left = max(0, per_day.amount_cents - int(today.cents))
        return _no("too_much_today", most_cents=per_day.amount_cents, left_cents=left)
    return None


def _no(code: str, **facts: int) -> Refused:
    return Refused((Reason(code, facts),))
