"""Who works here and how far their word goes: a grade per colleague, limits per grade (`rules.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.refusals import Reason
from ledger_core.store.postgres import named_queries
from tools import quotas
from tools.context import ToolContext
from tools.contract import Tool
from tools.outcomes import Refused
from tools.rules import Grade, Reach, rules

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "staff.sql")
_A_DAY: Final = timedelta(hours=24)


async def grade_of(conn: AsyncConnection, actor_id: str) -> Grade | None:
    """The colleague's grade; None for somebody who is none, or no longer."""
    found: Grade | None = await conn.scalar(_SQL["grade"], {"actor_id": actor_id})
    return found


async def put(conn: AsyncConnection, actor_id: str, grade: Grade) -> None:
    """Makes somebody a colleague of that grade. Under the batch role."""
    await conn.execute(_SQL["put"], {"actor_id": actor_id, "grade": grade})


async def remove(conn: AsyncConnection, actor_id: str) -> bool:
    """Takes a colleague's grade away; what they did stays theirs. False when they had none. Under the batch role."""
    return (await conn.execute(_SQL["remove"], {"actor_id": actor_id})).rowcount > 0


async def everybody(conn: AsyncConnection) -> list[tuple[str, Grade]]:
    """All colleagues and their grades, by id."""
    return [(row.actor_id, row.grade) for row in await conn.execute(_SQL["everybody"])]


def worth(tool: Tool, terms: Mapping[str, Any]) -> int:
    """What the act is worth, in cents."""
    amount: int = terms[rules().powers[tool.name].amount]
    return amount


async def reach_of(ctx: ToolContext, tool: Tool) -> Reach | Refused:
    """How far this colleague goes with this tool, or that they may not use it at all."""
    grade = await grade_of(ctx.conn, ctx.identity.actor_id)
    if grade is None:
        return Refused((Reason("not_staff"),))
    reach = rules().grades[grade].get(rules().powers[tool.name].power)
    return reach if reach is not None else Refused((Reason("beyond_grade", {"grade": grade}),))


async def may_alone(ctx: ToolContext, tool: Tool, reach: Reach, amount_cents: int) -> bool:
    """Whether this act is within what the colleague may do alone, by itself and with those of the last 24 hours."""
    if amount_cents > reach.alone_cents:
        return False
    await quotas.one_at_a_time(ctx)
    row = rules().powers[tool.name]
    alike = [name for name, other in rules().powers.items() if other == row]
    asked = {
        "actor_id": ctx.identity.actor_id,
        "tools": alike,
        "amount": row.amount,
        "since": ctx.now - _A_DAY,
    }
    spent = await ctx.conn.scalar(_SQL["spent"], asked)
    return int(spent) + amount_cents <= reach.day_cents


def most_cents(tool: Tool) -> int:
    """What the highest grade may approve: above it nobody may."""
    power = rules().powers[tool.name].power
    return max(reach[power].approves_cents for reach in rules().grades.values() if power in reach)
