"""Help with payments: what a customer qualifies for, enrolling, and the end of a plan."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, TypeAlias

from ledger_core.commands import cancel_plan as cancelling
from ledger_core.commands import change_plan as changing
from ledger_core.commands import enroll_plan as enrolling
from ledger_core.commands.decided import Preview
from ledger_core.queries import plans
from ledger_core.refusals import Refused, refused
from tools.context import ToolContext
from tools.contract import Arguments, Confirm, Effect, Id, Result, tool
from tools.payments import OfLine
from tools.postconditions import PLAN_ENDED, PLAN_RUNS
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_OFFER, FROM_RECORD
from tools.views import Plan, PlanPayment

PlanKind: TypeAlias = Literal["extension", "skip", "relief", "plan_12", "plan_24"]
LastingKind: TypeAlias = Literal["relief", "plan_12", "plan_24"]


class PlanOption(Result):
    """A programme with the exact terms that enrolling today makes."""

    kind: str
    for_hardship: bool
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    payment_count: int
    first_payment_cents: int
    first_payment_on: date | None
    last_payment_cents: int
    last_payment_on: date | None
    balance_cents: int
    interest_cents: int
    total_cents: int
    new_due_on: date | None
    done_on: date
    ends_on: date
    draws_pause: bool
    needs_specialist: bool


class PlanOptions(Result):
    good_through_on: date
    options: tuple[PlanOption, ...]


class WhichOptions(OfLine):
    instead: bool = False
    """what could take the place of the plan that runs, for `change_plan`"""


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def list_plan_options(ctx: ToolContext, args: WhichOptions) -> PlanOptions:
    """Every programme the line qualifies for today, cheapest in total interest first, with exact payments,
    total cost and the day of being done. Empty when there is none, and while a plan runs, unless `instead`
    asks what could take its place.

    To a customer who mentions hardship tell all of them, in this order, and that asking does not affect
    credit reporting. Draws pause where `draws_pause`; a specialist approves where `needs_specialist`. Source:
    policy Help with payments.
    """
    look = plans.options_instead if args.instead else plans.options
    found = await look(ctx.conn, ctx.at, args.line_id)
    return PlanOptions(good_through_on=ctx.at.on, options=tuple(_option(option) for option in found))


def _option(option: plans.PlanOption) -> PlanOption:
    shown = {name: getattr(option, name) for name in PlanOption.model_fields if name != "first_payment_cents"}
    return PlanOption.model_validate({**shown, "first_payment_cents": option.payment_cents})


class EnrollPlan(Arguments):
    line_id: Id
    kind: PlanKind
    new_due_on: date | None = None
    """for an extension: up to 15 days later; the latest when left out"""


class PlanEnrolled(Result):
    plan_id: str
    kind: str
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    payment_count: int
    first_payment_cents: int
    first_payment_on: date | None
    balance_cents: int
    interest_cents: int
    total_cents: int
    new_due_on: date | None
    ends_on: date
    draws_pause: bool


async def _preview_enroll(ctx: ToolContext, args: EnrollPlan) -> Preview | Refused:
    """The terms, with the whole schedule."""
    preview = await enrolling.preview_enroll_plan(
        ctx.conn, ctx.at, line_id=args.line_id, kind=args.kind, new_due_on=args.new_due_on
    )
    if isinstance(preview, Refused):
        return preview
    if args.new_due_on is not None:
        return preview
    return _with_schedule(preview, args.kind, await plans.options(ctx.conn, ctx.at, args.line_id))


def _with_schedule(preview: Preview, kind: str, offers: tuple[plans.PlanOption, ...]) -> Preview:
    offer = next((o for o in offers if o.kind == kind), None)
    if offer is None:
        return preview
    schedule = [{"due_on": p.due_on.isoformat(), "amount_cents": p.amount_cents} for p in offer.payments]
    return Preview({**preview.terms, "payments": schedule})


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_enroll,
    provenance={"line_id": FROM_RECORD, "kind": FROM_OFFER, "new_due_on": FROM_ANYWHERE_KNOWN},
    postconditions=(PLAN_RUNS,),
)
async def enroll_plan(ctx: ToolContext, args: EnrollPlan) -> PlanEnrolled | Refused:
    """Starts a programme that `list_plan_options` offered in this conversation, on its exact terms.

    extension moves one due date, skip leaves one minimum out, relief halves three, plan_12 and plan_24 pay
    the balance off in equal payments. Above $3,000 a specialist approves plan_24. Say what happens when a
    payment is late: more than 10 days breaks the plan, and it can be cured once within 30. Needs the
    customer's yes. Source: policy Help with payments.
    """
    done = await enrolling.enroll_plan(
        ctx.conn, ctx.command, line_id=args.line_id, kind=args.kind, new_due_on=args.new_due_on
    )
    return done if isinstance(done, Refused) else plan_enrolled(done)


def plan_enrolled(done: enrolling.EnrolledPlan) -> PlanEnrolled:
    """The plan as it is told."""
    first = done.payments[0] if done.payments else None
    shown: dict[str, Any] = {
        name: getattr(done, name) for name in PlanEnrolled.model_fields if hasattr(done, name)
    }
    return PlanEnrolled.model_validate(
        {
            **shown,
            "payment_count": len(done.payments),
            "first_payment_cents": first.amount_cents if first else 0,
            "first_payment_on": first.due_on if first else None,
        }
    )


class Plans(Result):
    plans: tuple[Plan, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def plan_status(ctx: ToolContext, args: OfLine) -> Plans:
    """All plans of the line, the latest first: what is paid, what comes next, when it ends.

    status: active, broken (may still be cured), completed or cancelled.
    """
    found = await plans.status(ctx.conn, ctx.at, args.line_id)
    return Plans(plans=tuple(Plan.model_validate(plan) for plan in found))


class CancelPlan(Arguments):
    line_id: Id
    plan_id: Id


class PlanCancelled(Result):
    plan_id: str
    kind: str
    cancelled_on: date
    apr_bp: int
    minimum_due_cents: int
    past_due_cents: int


async def _runs(ctx: ToolContext, line_id: str, plan_id: str) -> bool:
    known = await plans.status(ctx.conn, ctx.at, line_id)
    return any(plan.plan_id == plan_id and plan.status in ("active", "broken") for plan in known)


async def _preview_cancel(ctx: ToolContext, args: CancelPlan) -> Preview | Refused:
    if not await _runs(ctx, args.line_id, args.plan_id):
        return refused("plan_unknown", plan_id=args.plan_id)
    return await cancelling.preview_cancel_plan(ctx.conn, ctx.at, line_id=args.line_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_cancel,
    provenance={"line_id": FROM_RECORD, "plan_id": FROM_RECORD},
    postconditions=(PLAN_ENDED,),
)
async def cancel_plan(ctx: ToolContext, args: CancelPlan) -> PlanCancelled | Refused:
    """Ends the plan that runs: the usual terms, rate and minimum return from today.

    Tell the minimum and what of it is past due then. Needs the customer's yes.
    """
    done = await cancelling.cancel_plan(ctx.conn, ctx.command, line_id=args.line_id)
    return done if isinstance(done, Refused) else PlanCancelled.model_validate(done)


class ChangePlan(Arguments):
    line_id: Id
    plan_id: Id
    """the plan that runs"""
    kind: LastingKind
    """the one to take its place"""


class PlanChanged(PlanEnrolled):
    """The plan that runs now, and which one it took the place of."""

    ended_plan_id: str
    ended_kind: str
    changed_on: date


async def _preview_change(ctx: ToolContext, args: ChangePlan) -> Preview | Refused:
    """The terms of the new plan, with the whole schedule, and which one ends."""
    if not await _runs(ctx, args.line_id, args.plan_id):
        return refused("plan_unknown", plan_id=args.plan_id)
    preview = await changing.preview_change_plan(ctx.conn, ctx.at, line_id=args.line_id, kind=args.kind)
    if isinstance(preview, Refused):
        return preview
    return _with_schedule(preview, args.kind, await plans.options_instead(ctx.conn, ctx.at, args.line_id))


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_change,
    provenance={"line_id": FROM_RECORD, "plan_id": FROM_RECORD, "kind": FROM_OFFER},
    postconditions=(PLAN_ENDED, PLAN_RUNS),
)
async def change_plan(ctx: ToolContext, args: ChangePlan) -> PlanChanged | Refused:
    """Changes to another programme in one act: the plan that runs ends and the other begins, or neither.

    For what `list_plan_options` with `instead` offered. The new plan covers what is owed once the old one has
    ended; where the line does not qualify for it, the old plan stays as it is. Above $3,000 a specialist
    approves plan_24. Needs the customer's yes. Source: policy Help with payments.
    """
    done = await changing.change_plan(ctx.conn, ctx.command, line_id=args.line_id, kind=args.kind)
    if isinstance(done, Refused):
        return done
    ended = {name: getattr(done, name) for name in ("ended_plan_id", "ended_kind", "changed_on")}
    return PlanChanged.model_validate({**plan_enrolled(done.plan).model_dump(), **ended})
