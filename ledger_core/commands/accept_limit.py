"""The customer takes up a limit that was approved or offered."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import closed_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.line.events import LimitChanged
from ledger_core.line.state import DecisionState
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class AcceptedLimit:
    decision_id: str
    limit_cents: int
    earlier_limit_cents: int
    available_cents: int
    changed_on: date


async def accept_limit(
    conn: AsyncConnection, ctx: CommandContext, *, line_id: str, decision_id: str
) -> AcceptedLimit | Refused:
    """The decided limit, from today.

    Refused with the first of: line_closed, decision_unknown, decision_declined, decision_taken, decision_expired,
    limit_moved_since, line_not_open, past_due, on_plan. What was decided on is no longer so in the last four:
    the customer may ask again.
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="accept_limit",
        inputs={"decision_id": decision_id},
        answer=AcceptedLimit,
        decide=partial(_decide, decision_id=decision_id),
    )


async def preview_accept_limit(
    conn: AsyncConnection, at: Moment, *, line_id: str, decision_id: str
) -> Preview | Refused:
    """The terms of `accept_limit`, decided the same way; nothing is written."""
    return await preview(conn, at, line_id=line_id, decide=partial(_decide, decision_id=decision_id))


def _decide(world: World, *, decision_id: str) -> Decided[AcceptedLimit] | Refused:
    decided = world.state.decisions.get(decision_id)
    no = closed_refusal(world) or _not_open(world, decided) or _changed_since(world, decided)
    if no is not None:
        return no
    assert decided is not None
    facts = (LimitChanged(decided.limit_cents, "decision", decision_id),)
    earlier = world.state.limit_cents
    available = state_with(world, facts).available_cents
    done = AcceptedLimit(decision_id, decided.limit_cents, earlier, available, world.at.on)
    terms = {
        "decision_id": decision_id,
        "limit_cents": decided.limit_cents,
        "earlier_limit_cents": earlier,
        "available_cents": available,
    }
    return Decided(done, world.at.on, facts, terms)


def _not_open(world: World, decided: DecisionState | None) -> Refused | None:
    if decided is None:
        return refused("decision_unknown")
    if decided.outcome == "declined":
        return refused("decision_declined", decided_on=decided.decided_on)
    if decided.taken_on is not None:
        return refused("decision_taken", taken_on=decided.taken_on)
    if decided.expires_on < world.at.on:
        return refused("decision_expired", expires_on=decided.expires_on)
    return None


def _changed_since(world: World, decided: DecisionState | None) -> Refused | None:
    assert decided is not None
    state = world.state
    if state.limit_changed_on is not None and state.limit_changed_on >= decided.decided_on:
        return refused("limit_moved_since", limit_cents=state.limit_cents)
    if state.status != "open":
        return refused("line_not_open", status=state.status)
    if state.past_due_cents:
        return refused("past_due", past_due_cents=state.past_due_cents)
    if state.plan is not None:
        return refused("on_plan", plan_id=state.plan.plan_id)
    return None
