"""The second person's yes or no: never the first one's, and within the second one's own reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ledger_core.refusals import Reason
from tools import acting, approvals, checks, staff
from tools.approvals import Approval
from tools.checks import Admitted
from tools.confirming import Decision
from tools.context import ToolContext
from tools.contract import Tool
from tools.outcomes import Done, Failed, Fixable, NeedsConfirmation, Outcome, Refused

_OVER: Final = {
    "approved": "already_decided",
    "rejected": "already_decided",
    "void": "approval_void",
    "expired": "approval_expired",
}


async def approve(ctx: ToolContext, tools: Mapping[str, Tool], approval_id: str) -> Decision:
    """Acts on the terms, when they still are the terms. The row is locked: of two at once, one acts."""
    stored = await approvals.find(ctx.conn, approval_id, lock=True)
    if stored is None:
        return Decision(Failed("not_found"))
    if stored.result is not None:
        return Decision(Done(stored.result), stored.shown.kind, again=True)
    tool = tools[stored.shown.kind]
    no = await _not_open(ctx, stored) or await _not_theirs(ctx, stored, tool)
    if no is not None:
        return Decision(no, tool.name)
    admitted = checks.validate(tool, stored.arguments)
    assert not isinstance(admitted, Fixable), "it was checked when it was requested"
    return Decision(await _act(about(ctx, stored), stored, admitted), tool.name, stored.arguments)


async def reject(ctx: ToolContext, approval_id: str) -> Decision:
    """Drops it. Who asked for it may take it back by this too."""
    stored = await approvals.find(ctx.conn, approval_id, lock=True)
    if stored is None:
        return Decision(Failed("not_found"))
    rejected = Done({"rejected": True, "approval_id": approval_id, "kind": stored.shown.kind})
    if stored.status == "rejected":
        return Decision(rejected, stored.shown.kind, again=True)
    no = await _not_open(ctx, stored)
    if no is None and await staff.grade_of(ctx.conn, ctx.identity.actor_id) is None:
        no = Refused((Reason("not_staff"),))
    if no is not None:
        return Decision(no, stored.shown.kind)
    own = stored.requested_by == ctx.identity.actor_id
    decided_by = None if own else ctx.identity.actor_id
    ending: approvals.Ending = "void" if own else "rejected"
    await approvals.close(ctx.conn, approval_id, ending, ctx.now, decided_by=decided_by)
    return Decision(rejected, stored.shown.kind, stored.arguments)


def about(ctx: ToolContext, stored: Approval) -> ToolContext:
    """The call as one about the customer whose line it is."""
    caller = replace(
        ctx.caller,
        customer_id=stored.customer_id,
        conversation_id=stored.conversation_id,
        turn_id=stored.turn_id,
    )
    return replace(ctx, caller=caller)


async def _act(ctx: ToolContext, stored: Approval, admitted: Admitted) -> Outcome:
    terms = await acting.may_run(ctx, admitted) or await acting.terms_of(ctx, admitted)
    if isinstance(terms, Refused):
        await approvals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return terms
    if terms != stored.shown.terms:
        await approvals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        anew = await acting.request_approval(ctx, admitted, terms, requested_by=stored.requested_by)
        return NeedsConfirmation(anew, stored.shown.id)
    outcome = await acting.run_tool(ctx, admitted)
    if isinstance(outcome, Refused):
        await approvals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return outcome
    by = ctx.identity.actor_id
    await approvals.close(
        ctx.conn, stored.shown.id, "approved", ctx.now, decided_by=by, result=outcome.result
    )
    return outcome


async def _not_open(ctx: ToolContext, stored: Approval) -> Outcome | None:
    if stored.status != "open":
        return Failed(_OVER[stored.status])
    if stored.shown.expires_at <= ctx.now:
        await approvals.close(ctx.conn, stored.shown.id, "expired", ctx.now)
        return Failed("approval_expired")
    return None


async def _not_theirs(ctx: ToolContext, stored: Approval, tool: Tool) -> Refused | None:
    """Why this colleague may not approve it: it is their own, or above their reach."""
    if stored.requested_by == ctx.identity.actor_id:
        return Refused((Reason("four_eyes"),))
    reach = await staff.reach_of(ctx, tool)
    if isinstance(reach, Refused):
        return reach
    if staff.worth(tool, stored.shown.terms) > reach.approves_cents:
        return Refused((Reason("beyond_grade", {"most_cents": reach.approves_cents}),))
    return None
