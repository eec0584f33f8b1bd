"""Note that the holder died, is bankrupt, or serves: what the news stops, from the day it happened."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.change_rate import decide_rate
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.hindsight import with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import FeeWaived
from ledger_core.line.overlays import decide_place
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class PlacedOverlay:
    kind: str
    since_on: date
    placed_on: date
    fees_taken_back_cents: int
    """charged since that day, waived as errors"""
    owed_cents: int
    """what an estate or a court is quoted: all that is owed today, less a credit balance"""


async def place_overlay(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    kind: str,
    since_on: date,
    chapter: int | None = None,
) -> PlacedOverlay | Refused:
    """The overlay, noted today, in force since `since_on`, which may lie in the past.

    kind: deceased, bankruptcy (with its chapter), or servicemember: draws from before `since_on` bear the
    rate of the Servicemembers Civil Relief Act from then on (50 USC 3937). Refused with the reasons of
    `line.overlays.decide_place`; a specialist's act with evidence.
    """
    inputs = {"kind": kind, "since_on": since_on, "chapter": chapter}
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="place_overlay",
        inputs=inputs,
        answer=PlacedOverlay,
        decide=partial(_decide, kind=kind, since_on=since_on, chapter=chapter),
    )


async def preview_place_overlay(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    kind: str,
    since_on: date,
    chapter: int | None = None,
) -> Preview | Refused:
    """The terms of `place_overlay`, decided the same way; nothing is written."""
    decide = partial(_decide, kind=kind, since_on=since_on, chapter=chapter)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, kind: str, since_on: date, chapter: int | None
) -> Decided[PlacedOverlay] | Refused:
    if kind == "servicemember":
        return _serving(world, since_on)
    facts = decide_place(
        world.product,
        world.state,
        kind=kind,
        since_on=since_on,
        chapter=chapter,
        at=world.at,
        credit_id=lambda: new_id("credit"),
    )
    if isinstance(facts, Refused):
        return facts
    taken_back = sum(fact.amount_cents for fact in facts if isinstance(fact, FeeWaived))
    owed = max(0, state_with(world, facts).payoff_base_cents)
    done = PlacedOverlay(kind, since_on, world.at.on, taken_back, owed)
    terms = {"kind": kind, "since_on": since_on, "fees_taken_back_cents": taken_back, "owed_cents": owed}
    return with_consequences(world, Decided(done, world.at.on, facts, terms))


def _serving(world: World, since_on: date) -> Decided[PlacedOverlay] | Refused:
    if world.state.protected_apr_bp is not None:
        return refused("already_placed")
    rate = decide_rate(
        world, apr_bp=world.product.servicemember_apr_bp, reason="servicemember", from_on=since_on
    )
    if isinstance(rate, Refused):
        return rate
    owed = max(0, state_with(world, rate.facts, effective_on=since_on).payoff_base_cents)
    done = PlacedOverlay("servicemember", since_on, world.at.on, 0, owed)
    terms = {"kind": "servicemember", "since_on": since_on, "fees_taken_back_cents": 0, "owed_cents": owed}
    return Decided(done, since_on, rate.facts, terms, follow=rate.follow)
