"""The customer's yes or no to a stored proposal. The proposal's id is the key of the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tools import acting, checks, proposals, quotas, step_up
from tools.checks import Admitted
from tools.context import ToolContext
from tools.contract import Tool
from tools.outcomes import Done, Failed, Fixable, Outcome, Refused
from tools.proposals import StoredProposal
from tools.step_up import IssuedCode

_OVER: Final = {
    "declined": "already_decided",
    "confirmed": "already_decided",
    "void": "proposal_void",
    "superseded": "proposal_void",
    "expired": "proposal_expired",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the yes or no came to.

    `tool` is None when there is no such proposal; again: it was answered before.
    """

    outcome: Outcome
    tool: str | None = None
    arguments: Mapping[str, Any] | None = None
    again: bool = False


async def confirm(
    ctx: ToolContext,
    tools: Mapping[str, Tool],
    proposal_id: str,
    token: str | None,
    *,
    typed_yes: bool,
    code: str | None,
) -> Decision:
    """Acts on the proposal's terms, when they still are the terms.

    The row is locked: of two at once, one acts.
    """
    stored = await proposals.find(ctx.conn, proposal_id, ctx.customer_id, lock=True)
    if stored is None:
        return Decision(Failed("not_found"))
    if stored.result is not None:
        return Decision(Done(stored.result), stored.shown.kind, again=True)
    problem = await _not_open(ctx, stored)
    if problem is not None:
        return Decision(problem, stored.shown.kind)
    tool = tools[stored.shown.kind]
    problem = await _not_a_yes(ctx, stored, tool, token, code, typed_yes=typed_yes)
    if problem is not None:
        return Decision(problem, tool.name)
    admitted = checks.validate(tool, stored.arguments)
    assert not isinstance(admitted, Fixable), "it was checked when it was proposed"
    caller = replace(ctx.caller, language=stored.language)
    outcome = await _act(replace(ctx, caller=caller), stored, admitted)
    return Decision(outcome, tool.name, stored.arguments)


async def _not_a_yes(
    ctx: ToolContext,
    stored: StoredProposal,
    tool: Tool,
    token: str | None,
    code: str | None,
    *,
    typed_yes: bool,
) -> Failed | None:
    """Why this is no yes. The token is looked at first: without it, no guess at a code is even counted."""
    needs_code = stored.shown.needs_code
    if typed_yes:
        return None if tool.takes_typed_yes and not needs_code else Failed("confirmation_invalid")
    if token is None or not stored.takes(token):
        return Failed("confirmation_invalid")
    if not needs_code:
        return None
    why_not = await step_up.spend(ctx.conn, stored.shown.id, code, ctx.now)
    return Failed(why_not) if why_not else None


async def _act(ctx: ToolContext, stored: StoredProposal, admitted: Admitted) -> Outcome:
    terms = await acting.may_run(ctx, admitted) or await acting.terms_of(ctx, admitted)
    if isinstance(terms, Refused):
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return terms
    limited = await quotas.before_acting(ctx, admitted.tool, terms)
    if limited is not None:
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return limited
    if terms != stored.shown.terms:
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return await acting.propose(ctx, admitted, terms, replaces=stored.shown.id)
    outcome = await acting.run_tool(ctx, admitted)
    if isinstance(outcome, Refused):
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return outcome
    await proposals.close(ctx.conn, stored.shown.id, "confirmed", ctx.now, result=outcome.result)
    return outcome


async def new_code(ctx: ToolContext, proposal_id: str) -> IssuedCode | Failed:
    """A one-time code for an open proposal of this customer's that needs one."""
    stored = await proposals.find(ctx.conn, proposal_id, ctx.customer_id, lock=True)
    if stored is None:
        return Failed("not_found")
    problem = await _not_open(ctx, stored)
    if problem is not None:
        return problem
    if not stored.shown.needs_code:
        return Failed("code_not_needed")
    issued = await step_up.issue(ctx.conn, proposal_id, ctx.customer_id, ctx.now)
    return issued if isinstance(issued, IssuedCode) else Failed(issued)


async def decline(ctx: ToolContext, proposal_id: str) -> Decision:
    """Drops the proposal; nothing was changed and nothing will be."""
    stored = await proposals.find(ctx.conn, proposal_id, ctx.customer_id, lock=True)
    if stored is None:
        return Decision(Failed("not_found"))
    declined = Done({"declined": True, "proposal_id": proposal_id, "kind": stored.shown.kind})
    if stored.shown.status == "declined":
        return Decision(declined, stored.shown.kind, again=True)
    problem = await _not_open(ctx, stored)
    if problem is not None:
        return Decision(problem, stored.shown.kind)
    await proposals.close(ctx.conn, proposal_id, "declined", ctx.now)
    return Decision(declined, stored.shown.kind, stored.arguments)


async def _not_open(ctx: ToolContext, stored: StoredProposal) -> Failed | None:
    if stored.shown.status != "open":
        return Failed(_OVER[stored.shown.status])
    if stored.is_over(ctx.now):
        await proposals.close(ctx.conn, stored.shown.id, "expired", ctx.now)
        return Failed("proposal_expired")
    return None
