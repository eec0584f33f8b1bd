"""Disputes: find the item, open the notice, tell how it stands, take it back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from ledger_core.commands import narratives
from ledger_core.commands import open_dispute as opening
from ledger_core.commands import withdraw_dispute as withdrawing
from ledger_core.commands.decided import Preview
from ledger_core.queries import activity, disputes
from ledger_core.refusals import Refused, refused
from tools import duties
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, Words, tool
from tools.postconditions import DISPUTE_CLOSED, DISPUTE_OPEN
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD
from tools.views import Dispute, Item

CANDIDATES_MAX: Final = 10


class FindDisputableItems(Arguments):
    line_id: Id
    amount_cents: Cents | None = None
    on: date | None = None
    text: Words | None = None


class Candidates(Result):
    items: tuple[Item, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"}, provenance={"line_id": FROM_RECORD})
async def find_disputable_items(ctx: ToolContext, args: FindDisputableItems) -> Candidates:
    """The draws, payments, fees and refunds the customer may mean, the best fit first, at most 10.

    Give what they said: an amount, a day (within five days fits), words of a memo. `duplicate_of` names the
    earlier item that one seems to repeat. Ask which one only when several fit.
    """
    found = await disputes.find_candidates(
        ctx.conn, ctx.at, args.line_id, amount_cents=args.amount_cents, on=args.on, text=args.text
    )
    return Candidates(items=tuple(Item.model_validate(item) for item in found[:CANDIDATES_MAX]))


class OpenDispute(Arguments):
    line_id: Id
    kind: Literal["unauthorized", "duplicate", "wrong_amount", "payment_not_credited", "other"]
    about_id: Id
    """the `reference_id` of a draw, payment or fee"""
    amount_cents: Cents | None = None
    """the part that is wrong; all of the item when left out"""
    narrative: Words | None = None
    """the customer's own words, kept beside the books"""


class DisputeOpened(Result):
    dispute_id: str
    kind: str
    about: str | None
    amount_cents: int
    received_on: date
    acknowledge_by: date
    resolve_by: date
    late_notice: bool
    minimum_due_cents: int


async def _preview_open(ctx: ToolContext, args: OpenDispute) -> Preview | Refused:
    preview = await opening.preview_open_dispute(
        ctx.conn,
        ctx.at,
        line_id=args.line_id,
        kind=args.kind,
        about=args.about_id,
        amount_cents=args.amount_cents,
        received_on=await _received_on(ctx),
    )
    if isinstance(preview, Refused):
        return preview
    items = await activity.activity(ctx.conn, ctx.at, args.line_id)
    about = next((i for i in items if i.reference_id == args.about_id and i.kind != "waiver"), None)
    known = {"item_kind": about.kind, "item_on": about.on} if about else {}
    return Preview({**preview.terms, **known})


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_open,
    provenance={"line_id": FROM_RECORD, "about_id": FROM_RECORD, "amount_cents": FROM_ANYWHERE_KNOWN},
    postconditions=(DISPUTE_OPEN,),
)
async def open_dispute(ctx: ToolContext, args: OpenDispute) -> DisputeOpened | Refused:
    """Opens a billing error notice on a draw, payment or fee; words in chat count as a written notice.

    The amount and its interest need not be paid meanwhile, are not past due and not reported as such. We
    confirm within 30 days and answer within two complete cycles, at the latest after 90 days; the clock
    started with the message that `record_right` recorded. A notice later than 60 days is looked at as a
    courtesy. It never counts against the customer. Lock the line first when they did not make it. Needs the
    customer's yes. Source: 12 CFR 1026.13; 12 CFR 1002.4.
    """
    narrative_id = None
    if args.narrative:
        narrative_id = await narratives.record(
            ctx.conn,
            customer_id=ctx.customer_id,
            line_id=args.line_id,
            kind="dispute",
            body=args.narrative,
        )
    done = await opening.open_dispute(
        ctx.conn,
        ctx.command,
        line_id=args.line_id,
        kind=args.kind,
        about=args.about_id,
        amount_cents=args.amount_cents,
        narrative_id=narrative_id,
        received_on=await _received_on(ctx),
    )
    return done if isinstance(done, Refused) else DisputeOpened.model_validate(done)


async def _received_on(ctx: ToolContext) -> date | None:
    """The day of the notice: when this conversation recorded the right; today when it did not."""
    duty = await duties.of_conversation(ctx.conn, ctx.conversation_id, ctx.customer_id, "dispute_open")
    return duty.started_on if duty else None


class DisputeStatus(Arguments):
    line_id: Id
    dispute_id: Id | None = None


class Disputes(Result):
    disputes: tuple[Dispute, ...]


@tool(
    effect=Effect.READ,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD, "dispute_id": FROM_RECORD},
)
async def dispute_status(ctx: ToolContext, args: DisputeStatus) -> Disputes:
    """How a dispute stands, or all disputes of the line, the latest first.

    Its dates, and what was credited.
    """
    found = await disputes.status(ctx.conn, ctx.at, args.line_id, args.dispute_id)
    return Disputes(disputes=tuple(Dispute.model_validate(dispute) for dispute in found))


class AddEvidence(Arguments):
    line_id: Id
    dispute_id: Id
    words: Annotated[Words, StringConstraints(min_length=1)]
    """the customer's own words, kept beside the books"""


class EvidenceAdded(Result):
    dispute_id: str
    evidence_id: str
    resolve_by: date


@tool(effect=Effect.ACT, provenance={"line_id": FROM_RECORD, "dispute_id": FROM_RECORD})
async def add_dispute_evidence(ctx: ToolContext, args: AddEvidence) -> EvidenceAdded | Refused:
    """Adds what the customer tells about a dispute that is open: a date, a receipt they describe, what happened.

    Their own words, not yours. Nothing is asked first and nothing else changes: the clock runs on, `resolve_by` is
    the day we answer by. Documents are sent by the customer to the disputes team; `hand_off` to it when they have
    some. Refused for a dispute that is closed: a new fact is then a new notice. Source: 12 CFR 1026.13.
    """
    [*found] = await disputes.status(ctx.conn, ctx.at, args.line_id, args.dispute_id)
    if not found:
        return refused("dispute_unknown", dispute_id=args.dispute_id)
    if found[0].closed_on is not None:
        return refused("dispute_closed", closed_on=found[0].closed_on)
    kept = await narratives.record(
        ctx.conn, customer_id=ctx.customer_id, line_id=args.line_id, kind="evidence", body=args.words
    )
    await narratives.refer(ctx.conn, args.line_id, kept, args.dispute_id)
    return EvidenceAdded(dispute_id=args.dispute_id, evidence_id=kept, resolve_by=found[0].resolve_by)


class WithdrawDispute(Arguments):
    line_id: Id
    dispute_id: Id


class DisputeWithdrawn(Result):
    dispute_id: str
    amount_cents: int
    withdrawn_on: date


async def _preview_withdraw(ctx: ToolContext, args: WithdrawDispute) -> Preview | Refused:
    return await withdrawing.preview_withdraw_dispute(
        ctx.conn, ctx.at, line_id=args.line_id, dispute_id=args.dispute_id
    )


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_withdraw,
    provenance={"line_id": FROM_RECORD, "dispute_id": FROM_RECORD},
    postconditions=(DISPUTE_CLOSED,),
)
async def withdraw_dispute(ctx: ToolContext, args: WithdrawDispute) -> DisputeWithdrawn | Refused:
    """Takes a dispute back at the customer's own wish: the amount is owed again on the usual terms.

    Never suggest it. Needs the customer's yes.
    """
    done = await withdrawing.withdraw_dispute(
        ctx.conn, ctx.command, line_id=args.line_id, dispute_id=args.dispute_id
    )
    return done if isinstance(done, Refused) else DisputeWithdrawn.model_validate(done)
