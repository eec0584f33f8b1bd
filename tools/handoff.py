"""Passing a conversation to a human colleague, so that nobody has to repeat themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB

from ledger_core.ids import new_id
from ledger_core.money import Money
from ledger_core.queries import overview, profile
from ledger_core.queries.overview import Overview
from ledger_core.store.postgres import named_queries
from tools.context import ToolContext
from tools.contract import Arguments, Effect, Result, Untrusted, Words, tool
from tools.queues import Queue, hours

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "handoffs.sql")
_ADD: Final = _SQL["add"].bindparams(*(bindparam(name, type_=JSONB) for name in ("open_tasks", "evidence")))


class HandOff(Arguments):
    queue: Queue = "general"
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
    """a short code: the right that asked for it, or what could not be done"""
    summary: Words = ""
    """what the colleague should know, in a few sentences; written from the records when left out"""
    open_tasks: Annotated[list[Words], Field(max_length=12, default_factory=list)]


class HandedOff(Result):
    handoff_id: str
    queue: str
    reason: str
    summary: Untrusted
    hours: str
    already_waiting: bool


@tool(effect=Effect.ACT, audience={"customer", "specialist"})
async def hand_off(ctx: ToolContext, args: HandOff) -> HandedOff:
    """Passes the conversation to a team of human colleagues with a summary, the open tasks and the evidence.

    At once when the customer wishes for a person or is in danger: no question first, no condition. Also after
    two clarifications, in distress, and for whatever no tool does. `hours` is the sentence to tell the
    customer, in their language; promise no wait that it does not name. queue: general unless a right or task
    has its own.
    """
    whose = {"conversation_id": ctx.conversation_id, "customer_id": ctx.customer_id}
    same = {**whose, "queue": args.queue, "reason": args.reason}
    waiting = (await ctx.conn.execute(_SQL["waiting"], same)).one_or_none()
    if waiting is not None:
        return _told(ctx, args, waiting.handoff_id, waiting.summary, already_waiting=True)
    evidence = await ctx.conn.execute(_SQL["evidence"], {"conversation_id": ctx.conversation_id})
    summary = args.summary or await _from_records(ctx, args.reason)
    row: dict[str, Any] = {
        **same,
        "handoff_id": new_id("handoff"),
        "turn_id": ctx.turn_id,
        "summary": summary,
        "open_tasks": args.open_tasks,
        "evidence": list(evidence.scalars()),
        "created_at": ctx.now,
    }
    await ctx.conn.execute(_ADD, row)
    return _told(ctx, args, row["handoff_id"], summary, already_waiting=False)


def _told(
    ctx: ToolContext, args: HandOff, handoff_id: str, summary: str, *, already_waiting: bool
) -> HandedOff:
    return HandedOff(
        handoff_id=handoff_id,
        queue=args.queue,
        reason=args.reason,
        summary=summary,
        hours=hours(args.queue, ctx.at, ctx.language),
        already_waiting=already_waiting,
    )


async def _from_records(ctx: ToolContext, reason: str) -> str:
    """A few facts for the colleague who takes over."""
    person = await profile.customer(ctx.conn, ctx.customer_id)
    name = person.display_name if person else "The customer"
    lines = await overview.lines_of(ctx.conn, ctx.at, ctx.customer_id)
    facts = "; ".join(_line_fact(line) for line in lines) or "no line"
    return f"{name}: {reason.replace('_', ' ')}. {facts}."


def _line_fact(line: Overview) -> str:
    parts = [f"{line.product_name}, {line.status}, owes {Money(line.owed_cents)}"]
    if line.past_due_cents:
        parts.append(f"{Money(line.past_due_cents)} past due by {line.days_past_due} days")
    if line.plan is not None:
        parts.append(f"on a plan ({line.plan.kind})")
    if line.open_disputes:
        parts.append(f"{len(line.open_disputes)} open dispute(s)")
    return ", ".join(parts)
