"""An overlay ends: a bankruptcy is discharged or dismissed, service ends, or the news was wrong."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.change_rate import decide_rate
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import BalanceForgiven
from ledger_core.line.overlays import decide_lift
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class LiftedOverlay:
    kind: str
    outcome: str
    ended_on: date
    lifted_on: date
    forgiven_cents: int
    """discharged with the bankruptcy; else 0"""
    owed_cents: int


async def lift_overlay(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    kind: str,
    outcome: str,
    ended_on: date | None = None,
) -> LiftedOverlay | Refused:
    """The overlay, lifted today; `ended_on` (today when None) is the day of the order or of the end of service.

    kind and outcome: bankruptcy: discharged, dismissed or error; deceased: error; servicemember: ended. Interest
    runs again from today; a servicemember's old draws bear the line's own rate from `ended_on` on. Refused
    with the reasons of `line.overlays.decide_lift`; a specialist's act with evidence.
    """
    inputs = {"kind": kind, "outcome": outcome, "ended_on": ended_on}
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="lift_overlay",
        inputs=inputs,
        answer=LiftedOverlay,
        decide=partial(_decide, kind=kind, outcome=outcome, ended_on=ended_on),
    )


async def preview_lift_overlay(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    kind: str,
    outcome: str,
    ended_on: date | None = None,
) -> Preview | Refused:
    """The terms of `lift_overlay`, decided the same way; nothing is written."""
    decide = partial(_decide, kind=kind, outcome=outcome, ended_on=ended_on)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, kind: str, outcome: str, ended_on: date | None
) -> Decided[LiftedOverlay] | Refused:
    ended = ended_on or world.at.on
    if kind == "servicemember":
        return _service_ended(world, outcome, ended)
    facts = decide_lift(
        world.state,
        kind=kind,
        outcome=outcome,
        ended_on=ended,
        today=world.at.on,
        forgiveness_id=new_id("forgiveness"),
    )
    if isinstance(facts, Refused):
        return facts
    forgiven = sum(fact.amount_cents for fact in facts if isinstance(fact, BalanceForgiven))
    owed = max(0, state_with(world, facts).payoff_base_cents)
    done = LiftedOverlay(kind, outcome, ended, world.at.on, forgiven, owed)
    terms = {"kind": kind, "outcome": outcome, "ended_on": ended, "forgiven_cents": forgiven}
    return Decided(done, world.at.on, facts, terms)


def _service_ended(world: World, outcome: str, ended_on: date) -> Decided[LiftedOverlay] | Refused:
    if world.state.protected_apr_bp is None:
        return refused("overlay_not_placed", kind="servicemember")
    if outcome != "ended":
        return refused("outcome_unknown", outcome=outcome)
    if not world.state.opened_on <= ended_on <= world.at.on:
        return refused("date_out_of_range", ended_on=ended_on)
    own = state_with(world, (), as_of=ended_on).base_apr_bp
    rate = decide_rate(world, apr_bp=own, reason="service_ended", from_on=ended_on)
    if isinstance(rate, Refused):
        return rate
    owed = max(0, state_with(world, rate.facts, effective_on=ended_on).payoff_base_cents)
    done = LiftedOverlay("servicemember", outcome, ended_on, world.at.on, 0, owed)
    terms = {"kind": "servicemember", "outcome": outcome, "ended_on": ended_on, "forgiven_cents": 0}
    return Decided(done, ended_on, rate.facts, terms, follow=rate.follow)
