"""Running a tool whose call was admitted: look up, act, or store the terms that wait for a yes."""

from __future__ import annotations

from ledger_core.errors import CashLineError
from ledger_core.refusals import Reason
from ledger_core.refusals import Refused as LawfulNo
from tools import approvals, checks, proposals, quotas, staff, step_up, wording
from tools.checks import Admitted
from tools.context import ToolContext
from tools.contract import Confirm
from tools.outcomes import Done, NeedsConfirmation, Outcome, Refused


class PostconditionFailed(CashLineError):
    """A tool ran, and what it promises does not hold in the books: its transaction is rolled back."""

    code = "postcondition_failed"


async def decide(ctx: ToolContext, admitted: Admitted) -> Outcome:
    """What the call comes to: its result, a refusal, or a proposal when it needs a yes.

    A refusal gives no value back that the call brought: whatever id was sent, nothing of it is said again.
    """
    outcome = await _decide(ctx, admitted)
    if not isinstance(outcome, Refused):
        return outcome
    brought = {value for value in admitted.plain.values() if isinstance(value, str)}
    return Refused(tuple(_without(reason, brought) for reason in outcome.reasons))


def _without(reason: Reason, brought: set[str]) -> Reason:
    facts = {
        name: fact for name, fact in reason.facts.items() if not name.endswith("_id") or fact not in brought
    }
    return Reason(reason.code, facts)


async def _decide(ctx: ToolContext, admitted: Admitted) -> Outcome:
    no = await may_run(ctx, admitted)
    if no is not None:
        return no
    match admitted.tool.confirm:
        case Confirm.NONE:
            limited = await quotas.before_acting(ctx, admitted.tool, admitted.plain)
            return limited or await run_tool(ctx, admitted)
        case Confirm.CUSTOMER | Confirm.STEP_UP:
            terms = await terms_of(ctx, admitted)
            if isinstance(terms, Refused):
                return terms
            limited = await quotas.before_proposing(ctx, admitted.tool, terms)
            return limited or await propose(ctx, admitted, terms)
        case Confirm.SECOND_PERSON:
            return await _alone_or_by_two(ctx, admitted)


async def _alone_or_by_two(ctx: ToolContext, admitted: Admitted) -> Outcome:
    """Runs it when the colleague may do that alone; else the terms wait for a second person."""
    tool = admitted.tool
    reach = await staff.reach_of(ctx, tool)
    if isinstance(reach, Refused):
        return reach
    terms = await terms_of(ctx, admitted)
    if isinstance(terms, Refused):
        return terms
    amount_cents = staff.worth(tool, terms)
    if await staff.may_alone(ctx, tool, reach, amount_cents):
        return await run_tool(ctx, admitted)
    if amount_cents > staff.most_cents(tool):
        return Refused((Reason("beyond_everyone", {"most_cents": staff.most_cents(tool)}),))
    waiting = await request_approval(ctx, admitted, terms, requested_by=ctx.identity.actor_id)
    return NeedsConfirmation(waiting)


async def may_run(ctx: ToolContext, admitted: Admitted) -> Refused | None:
    """Why it may not run now: what it names is not this customer's, or a precondition does not hold."""
    if admitted.tool.staff_only and await staff.grade_of(ctx.conn, ctx.identity.actor_id) is None:
        return Refused((Reason("not_staff"),))
    return await checks.ownership(ctx, admitted.args) or await checks.preconditions(ctx, admitted)


async def run_tool(ctx: ToolContext, admitted: Admitted) -> Done | Refused:
    """The tool's result as flat data, or its lawful no. Raises PostconditionFailed when a promise does not hold."""
    result = await admitted.tool.fn(ctx, admitted.args)
    if isinstance(result, LawfulNo):
        return Refused(result.reasons)
    for promised in admitted.tool.postconditions:
        if not await promised.check(ctx, admitted.args, result):
            raise PostconditionFailed(f"{admitted.tool.name}: {promised.name}")
    return Done(result.model_dump(mode="json"))


async def terms_of(ctx: ToolContext, admitted: Admitted) -> dict[str, object] | Refused:
    """The exact terms the tool would act on now, or its lawful no."""
    assert admitted.tool.preview is not None
    preview = await admitted.tool.preview(ctx, admitted.args)
    if isinstance(preview, LawfulNo):
        return Refused(preview.reasons)
    return wording.plain(preview.terms)


async def propose(
    ctx: ToolContext, admitted: Admitted, terms: dict[str, object], *, replaces: str | None = None
) -> NeedsConfirmation:
    """Stores the terms as the conversation's open proposal; the one that was open is superseded."""
    proposal, superseded = await proposals.add(ctx.conn, _draft(ctx, admitted, terms), ctx.now)
    return NeedsConfirmation(proposal, replaces or superseded)


async def request_approval(
    ctx: ToolContext, admitted: Admitted, terms: dict[str, object], *, requested_by: str
) -> proposals.Proposal:
    """Stores the terms for a second person, who is never `requested_by`."""
    return await approvals.add(ctx.conn, _draft(ctx, admitted, terms), requested_by, ctx.now)


def _draft(ctx: ToolContext, admitted: Admitted, terms: dict[str, object]) -> proposals.Draft:
    words = wording.of(admitted.tool.name, terms, ctx.language)
    return proposals.Draft(
        customer_id=ctx.customer_id,
        conversation_id=ctx.conversation_id,
        turn_id=ctx.turn_id,
        tool=admitted.tool.name,
        arguments=admitted.plain,
        terms=terms,
        summary=words.summary,
        rows=words.rows,
        language=ctx.language,
        needs_code=step_up.needs_code(admitted.tool, terms),
    )
