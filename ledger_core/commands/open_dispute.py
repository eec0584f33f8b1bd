"""A billing error notice: the disputed amount need not be paid while we look. Source: 12 CFR 1026.13."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands import narratives
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.foresee import state_with
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.dispute import decide_open
from ledger_core.line.state import LineState
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class OpenedDispute:
    dispute_id: str
    kind: str
    about: str | None
    amount_cents: int
    received_on: date
    acknowledge_by: date
    resolve_by: date
    late_notice: bool
    """later than 60 days: looked at as a courtesy"""
    minimum_due_cents: int
    """still asked for, the disputed part left out"""


async def open_dispute(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    kind: str,
    about: str | None,
    amount_cents: int | None = None,
    narrative_id: str | None = None,
    received_on: date | None = None,
) -> OpenedDispute | Refused:
    """The dispute with its clocks.

    kind: unauthorized, duplicate, wrong_amount, payment_not_credited or other. about: a draw, payment or fee
    id. amount_cents: the disputed part; all of the item when None. narrative_id: the customer's words, kept
    before (`commands.narratives`). received_on: the day of the notice, today when None.
    Refused with the reasons of `line.dispute.decide_open`, never for the customer's standing.
    """
    done = await run(
        conn,
        ctx,
        line_id=line_id,
        command="open_dispute",
        inputs={
            "kind": kind,
            "about": about,
            "amount_cents": amount_cents,
            "received_on": received_on,
        },
        answer=OpenedDispute,
        decide=partial(_decide, kind=kind, about=about, amount_cents=amount_cents, received_on=received_on),
    )
    if narrative_id is not None and not isinstance(done, Refused):
        await narratives.refer(conn, line_id, narrative_id, done.dispute_id)
    return done


async def preview_open_dispute(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    kind: str,
    about: str | None,
    amount_cents: int | None = None,
    received_on: date | None = None,
) -> Preview | Refused:
    """The terms of `open_dispute`, decided the same way; nothing is written."""
    decide = partial(_decide, kind=kind, about=about, amount_cents=amount_cents, received_on=received_on)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, kind: str, about: str | None, amount_cents: int | None, received_on: date | None
) -> Decided[OpenedDispute] | Refused:
    fact = decide_open(
        world.product,
        world.state,
        dispute_id=new_id("dispute"),
        kind=kind,
        about=about,
        amount_cents=_whole_amount(world.state, about or "") if amount_cents is None else amount_cents,
        received_on=received_on or world.at.on,
    )
    if isinstance(fact, Refused):
        return fact
    done = OpenedDispute(
        dispute_id=fact.dispute_id,
        kind=kind,
        about=about,
        amount_cents=fact.amount_cents,
        received_on=fact.received_on,
        acknowledge_by=fact.acknowledge_by,
        resolve_by=fact.resolve_by,
        late_notice=fact.late_notice,
        minimum_due_cents=state_with(world, (fact,)).minimum_due_cents,
    )
    terms = {
        "kind": kind,
        "about": about,
        "amount_cents": done.amount_cents,
        "acknowledge_by": done.acknowledge_by,
        "resolve_by": done.resolve_by,
        "late_notice": done.late_notice,
    }
    return Decided(done, world.at.on, (fact,), terms)


def _whole_amount(state: LineState, about: str) -> int:
    """All of the draw, payment or fee; 0 for none, which is refused."""
    if about in state.draws:
        return state.draws[about].amount_cents
    if about in state.payments:
        return state.payments[about].amount_cents
    return state.fees[about].amount_cents if about in state.fees else 0
