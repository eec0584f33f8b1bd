"""Enrol in help with payments: an extension, a skip, relief, a repayment plan or a settlement."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import PlanEnrolled, PlanPayment
from ledger_core.line.plan import PlanOffer, decide_enroll, offer_of
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class EnrolledPlan:
    plan_id: str
    kind: str
    apr_bp: int | None
    """the plan's rate; None leaves the line's own"""
    payments: tuple[PlanPayment, ...]
    balance_cents: int
    interest_cents: int
    total_cents: int
    statement_number: int | None
    new_due_on: date | None
    ends_on: date
    draws_pause: bool


async def enroll_plan(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    kind: str,
    new_due_on: date | None = None,
    specialist_approved: bool = False,
    payments: int | None = None,
) -> EnrolledPlan | Refused:
    """The plan with its exact payments, from today.

    kind: extension, skip, relief, plan_12, plan_24 or settlement. new_due_on: for an extension; the longest
    when None. payments: of a settlement; one when None.
    Refused with the reasons of `line.plan.decide_enroll`. Source: policy Help with payments.
    """
    wish: dict[str, Any] = {
        "kind": kind,
        "new_due_on": new_due_on,
        "specialist_approved": specialist_approved,
        "payments": payments,
    }
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="enroll_plan",
        inputs=wish,
        answer=EnrolledPlan,
        decide=partial(_decide, **wish),
    )


async def preview_enroll_plan(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    kind: str,
    new_due_on: date | None = None,
    specialist_approved: bool = False,
    payments: int | None = None,
) -> Preview | Refused:
    """The terms of `enroll_plan`, decided the same way; nothing is written."""
    decide = partial(
        _decide,
        kind=kind,
        new_due_on=new_due_on,
        specialist_approved=specialist_approved,
        payments=payments,
    )
    return await preview(conn, at, line_id=line_id, decide=decide)


def _decide(
    world: World,
    *,
    kind: str,
    new_due_on: date | None,
    specialist_approved: bool,
    payments: int | None,
) -> Decided[EnrolledPlan] | Refused:
    offer = offer_of(world.product, world.state, kind, new_due_on=new_due_on, payments=payments)
    if isinstance(offer, Refused):
        return offer
    fact = decide_enroll(
        world.product,
        world.state,
        plan_id=new_id("plan"),
        kind=kind,
        new_due_on=new_due_on,
        payments=payments,
        specialist_approved=specialist_approved,
    )
    if isinstance(fact, Refused):
        return fact
    return Decided(enrolled(fact, offer), world.at.on, (fact,), terms_of(offer))


def enrolled(fact: PlanEnrolled, offer: PlanOffer) -> EnrolledPlan:
    """The plan that the fact starts, on the terms of the offer."""
    return EnrolledPlan(
        plan_id=fact.plan_id,
        kind=fact.kind,
        apr_bp=fact.apr_bp,
        payments=fact.payments,
        balance_cents=fact.balance_cents,
        interest_cents=fact.interest_cents,
        total_cents=offer.total_cents,
        statement_number=fact.statement_number,
        new_due_on=fact.new_due_on,
        ends_on=fact.ends_on,
        draws_pause=offer.draws_pause,
    )


def terms_of(offer: PlanOffer) -> dict[str, Any]:
    """The exact terms of an offer, flat; a schedule is told by its count, its first and its last payment."""
    first = offer.payments[0] if offer.payments else None
    last = offer.payments[-1] if offer.payments else None
    return {
        "kind": offer.kind,
        "apr_bp": offer.apr_bp,
        "balance_cents": offer.balance_cents,
        "interest_cents": offer.interest_cents,
        "total_cents": offer.total_cents,
        "payment_count": len(offer.payments),
        "payment_cents": first.amount_cents if first else 0,
        "first_payment_on": first.due_on if first else None,
        "last_payment_cents": last.amount_cents if last else 0,
        "last_payment_on": last.due_on if last else None,
        "new_due_on": offer.new_due_on,
        "done_on": offer.done_on,
        "ends_on": offer.ends_on,
        "draws_pause": offer.draws_pause,
    }
