"""Decisions that only a person takes: a dispute, a plan that needs approval, an unlocked line, news of the holder."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from ledger_core.commands import enroll_plan as enrolling
from ledger_core.commands import narratives
from ledger_core.commands import place_overlay as placing
from ledger_core.commands import resolve_dispute as resolving
from ledger_core.commands import unlock_line as unlocking
from ledger_core.commands.decided import Preview
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused, refused
from tools.conditions import NO_IDENTITY_CHECK_OPEN
from tools.context import ToolContext
from tools.contract import Arguments, Confirm, Effect, Id, Result, Words, tool
from tools.plans import PlanEnrolled, plan_enrolled
from tools.postconditions import DISPUTE_CLOSED, OVERLAY_PLACED, PLAN_RUNS, UNLOCKED
from tools.sources import FROM_COLLEAGUE, FROM_RECORD


class ResolveDispute(Arguments):
    line_id: Id
    dispute_id: Id
    found_cents: Annotated[int, Field(ge=0, le=10_000_00)]
    """the part found for the customer: 0 for none of it, the whole amount for all"""
    received_on: date | None = None
    """of a payment that was not credited: the day it came in"""
    explanation: Words | None = None
    """why not, in plain words; needed unless all of it is found for the customer"""


class DisputeResolved(Result):
    dispute_id: str
    outcome: str
    credited_cents: int
    owed_again_cents: int
    resolved_on: date
    payment_id: str | None
    fees_taken_back_cents: int
    plan_reinstated: str | None


async def _preview_resolve(ctx: ToolContext, args: ResolveDispute) -> Preview | Refused:
    no = await _explained(ctx, args)
    if no is not None:
        return no
    return await resolving.preview_resolve_dispute(
        ctx.conn,
        ctx.at,
        line_id=args.line_id,
        dispute_id=args.dispute_id,
        amount_cents=args.found_cents,
        received_on=args.received_on,
    )


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    confirm=Confirm.SECOND_PERSON,
    preview=_preview_resolve,
    provenance={
        "line_id": FROM_RECORD,
        "dispute_id": FROM_RECORD,
        "found_cents": FROM_COLLEAGUE,
        "received_on": FROM_COLLEAGUE,
    },
    postconditions=(DISPUTE_CLOSED,),
)
async def resolve_dispute(ctx: ToolContext, args: ResolveDispute) -> DisputeResolved | Refused:
    """Decides a dispute with evidence: for the customer, in part, or against.

    What is found for the customer is corrected back to the day, with its interest and fees, and what the error led to
    is undone. Not found: `explanation` is needed, in plain words, and goes to the customer in writing with what is
    owed, by when, and the right to the documents. After the last day to answer it can only be found for the customer.
    Credits above your grade's limit wait for a second person. Source: 12 CFR 1026.13(e), (f); comment 13(c)(2)-2.
    """
    if args.explanation:
        kept = await narratives.record(
            ctx.conn,
            customer_id=ctx.customer_id,
            line_id=args.line_id,
            kind="resolution",
            body=args.explanation,
            reference_id=args.dispute_id,
        )
        assert kept
    done = await resolving.resolve_dispute(
        ctx.conn,
        ctx.command,
        line_id=args.line_id,
        dispute_id=args.dispute_id,
        amount_cents=args.found_cents,
        received_on=args.received_on,
    )
    return done if isinstance(done, Refused) else DisputeResolved.model_validate(done)


async def _explained(ctx: ToolContext, args: ResolveDispute) -> Refused | None:
    dispute = (await line_at(ctx.conn, ctx.at, args.line_id)).state.disputes.get(args.dispute_id)
    whole = dispute is not None and args.found_cents >= dispute.amount_cents
    return None if dispute is None or whole or args.explanation else refused("explanation_needed")


class EnrollPlanFor(Arguments):
    line_id: Id
    kind: Literal["plan_24", "settlement"]
    payments: Annotated[int, Field(ge=1, le=3)] | None = None
    """of a settlement"""


async def _preview_plan(ctx: ToolContext, args: EnrollPlanFor) -> Preview | Refused:
    return await enrolling.preview_enroll_plan(
        ctx.conn,
        ctx.at,
        line_id=args.line_id,
        kind=args.kind,
        payments=args.payments,
        specialist_approved=True,
    )


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    confirm=Confirm.SECOND_PERSON,
    preview=_preview_plan,
    provenance={"line_id": FROM_RECORD, "kind": FROM_COLLEAGUE, "payments": FROM_COLLEAGUE},
    postconditions=(PLAN_RUNS,),
)
async def enroll_plan_for(ctx: ToolContext, args: EnrollPlanFor) -> PlanEnrolled | Refused:
    """Starts a plan that needs a colleague's approval: 24 payments above $3,000, or a settlement.

    Only after the customer heard the exact terms and agreed to them; note when and how they did. Above your grade's
    limit on the balance a second person approves. Source: policy Help with payments.
    """
    done = await enrolling.enroll_plan(
        ctx.conn,
        ctx.command,
        line_id=args.line_id,
        kind=args.kind,
        payments=args.payments,
        specialist_approved=True,
    )
    return done if isinstance(done, Refused) else plan_enrolled(done)


class UnlockLine(Arguments):
    line_id: Id


class LineUnlocked(Result):
    line_id: str
    locked: bool
    unlocked_on: date


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    provenance={"line_id": FROM_RECORD},
    preconditions=(NO_IDENTITY_CHECK_OPEN,),
    postconditions=(UNLOCKED,),
)
async def unlock_line(ctx: ToolContext, args: UnlockLine) -> LineUnlocked | Refused:
    """Unlocks a line with the customer, so that draws go out again.

    Refused while a report of fraud or identity theft is open: discharge that duty first, with what was found. Make
    sure that it is the customer: by a call to the number on record, never by what a caller knows. Source: policy
    Disputes and fraud.
    """
    done = await unlocking.unlock_line(ctx.conn, ctx.command, line_id=args.line_id)
    if isinstance(done, Refused):
        return done
    return LineUnlocked(line_id=args.line_id, locked=False, unlocked_on=done.unlocked_on)


class PlaceOverlay(Arguments):
    line_id: Id
    kind: Literal["deceased", "bankruptcy", "servicemember"]
    since_on: date
    """the day of the death, the filing, or the begin of service"""
    chapter: Literal[7, 11, 12, 13] | None = None
    """of a bankruptcy"""


class OverlayPlaced(Result):
    kind: str
    since_on: date
    placed_on: date
    fees_taken_back_cents: int
    owed_cents: int


@tool(
    effect=Effect.ACT,
    audience={"specialist"},
    provenance={"line_id": FROM_RECORD, "since_on": FROM_COLLEAGUE, "chapter": FROM_COLLEAGUE},
    postconditions=(OVERLAY_PLACED,),
)
async def place_overlay(ctx: ToolContext, args: PlaceOverlay) -> OverlayPlaced | Refused:
    """Notes, with evidence, that the holder died, is bankrupt or serves: what the news stops, from that day on.

    A death certificate, the court's notice, the orders: note what you saw. Fees charged since that day are taken
    back, autopay and payments that have not left stop, interest follows the law. Source: 11 USC 362(a); 50 USC 3937;
    policy Bankruptcy and death.
    """
    given: dict[str, Any] = {"kind": args.kind, "since_on": args.since_on, "chapter": args.chapter}
    done = await placing.place_overlay(ctx.conn, ctx.command, line_id=args.line_id, **given)
    return done if isinstance(done, Refused) else OverlayPlaced.model_validate(done)
