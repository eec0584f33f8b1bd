"""Resolve a dispute, by a specialist with evidence."""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.credit_payment import decide_credit
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.hindsight import fees_taken_back, plan_reinstated, with_consequences
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.dispute import decide_resolve
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ResolvedDispute:
    dispute_id: str
    outcome: str
    """for_customer, partly or against_customer"""
    credited_cents: int
    owed_again_cents: int
    """of the disputed amount; asked for with the next minimum"""
    resolved_on: date
    payment_id: str | None = None
    """the payment that is credited now, as of the day it was received"""
    fees_taken_back_cents: int = 0
    """late fees that would not have been charged, waived as errors"""
    plan_reinstated: str | None = None
    """the plan that would not have been broken or ended"""


async def resolve_dispute(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    dispute_id: str,
    amount_cents: int,
    received_on: date | None = None,
) -> ResolvedDispute | Refused:
    """The dispute, resolved. What is found for the customer is taken off back to the day it was charged.

    amount_cents: the part found for the customer, from nothing to all of it. received_on: for a payment that
    was not credited, the day it came in; it is credited as of then. What the error led to is undone. Refused
    with the reasons of `line.dispute.decide_resolve`, then not_about_a_payment, then those of `credit_payment`.
    Source: 12 CFR 1026.13(e), (f).
    """
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="resolve_dispute",
        inputs={"dispute_id": dispute_id, "amount_cents": amount_cents, "received_on": received_on},
        answer=ResolvedDispute,
        decide=partial(
            _decide, dispute_id=dispute_id, amount_cents=amount_cents, received_on=received_on
        ),
    )


async def preview_resolve_dispute(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    dispute_id: str,
    amount_cents: int,
    received_on: date | None = None,
) -> Preview | Refused:
    """The terms of `resolve_dispute`, decided the same way; nothing is written."""
    decide = partial(_decide, dispute_id=dispute_id, amount_cents=amount_cents, received_on=received_on)
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World, *, dispute_id: str, amount_cents: int, received_on: date | None
) -> Decided[ResolvedDispute] | Refused:
    fact = decide_resolve(world.state, dispute_id=dispute_id, amount_cents=amount_cents)
    if isinstance(fact, Refused):
        return fact
    dispute = world.state.disputes[dispute_id]
    owed_again = dispute.amount_cents - amount_cents
    done = ResolvedDispute(dispute_id, fact.outcome, amount_cents, owed_again, world.at.on)
    if received_on is None:
        decided = Decided(done, world.at.on, (fact,), {})
    else:
        if dispute.kind != "payment_not_credited" or not amount_cents:
            return refused("not_about_a_payment", kind=dispute.kind)
        payment_id = dispute.about or new_id("payment")
        credited = decide_credit(
            world, payment_id=payment_id, received_on=received_on, amount_cents=amount_cents
        )
        if isinstance(credited, Refused):
            return credited
        follow = (replace(fact, payment_id=payment_id),)
        done = replace(done, payment_id=payment_id)
        decided = Decided(done, received_on, credited.facts, {}, follow=follow)
    decided = with_consequences(world, decided)
    cents, plan_id = fees_taken_back(decided), plan_reinstated(decided)
    terms = {"outcome": fact.outcome, "credited_cents": amount_cents, "owed_again_cents": owed_again}
    if received_on is not None:
        terms["received_on"] = received_on
    return replace(
        decided,
        done=replace(done, fees_taken_back_cents=cents, plan_reinstated=plan_id),
        terms=terms | {"fees_taken_back_cents": cents, "plan_reinstated": plan_id},
    )
