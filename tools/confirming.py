"""The customer's yes or no to a stored proposal. The proposal's id is the key of the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tools import acting, checks, proposals
from tools.checks import Admitted
from tools.context import ToolContext
from tools.contract import Tool
from tools.outcomes import Done, Failed, Fixable, Outcome, Refused
from tools.proposals import StoredProposal

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
    ctx: ToolContext, tools: Mapping[str, Tool], proposal_id: str, token: str | None, *, typed_yes: bool
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
    says_yes = tool.takes_typed_yes if typed_yes else token is not None and stored.takes(token)
    if not says_yes:
        return Decision(Failed("confirmation_invalid"), tool.name)
    admitted = checks.validate(tool, stored.arguments)
    assert not isinstance(admitted, Fixable), "it was checked when it was proposed"
    caller = replace(ctx.caller, language=stored.language)
    outcome = await _act(replace(ctx, caller=caller), stored, admitted)
    return Decision(outcome, tool.name, stored.arguments)


async def _act(ctx: ToolContext, stored: StoredProposal, admitted: Admitted) -> Outcome:
    terms = await acting.may_run(ctx, admitted) or await acting.terms_of(ctx, admitted)
    if isinstance(terms, Refused):
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return terms
    if terms != stored.shown.terms:
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return await acting.propose(ctx, admitted, terms, replaces=stored.shown.id)
    outcome = await acting.run_tool(ctx, admitted)
    if isinstance(outcome, Refused):
        await proposals.close(ctx.conn, stored.shown.id, "void", ctx.now)
        return outcome
    await proposals.close(ctx.conn, stored.shown.id, "confirmed", ctx.now, result=outcome.result)
    return outcome


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
