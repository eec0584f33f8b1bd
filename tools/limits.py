"""Limits: ask for a higher one and get the decision with its reasons, take it up, lower it."""

from __future__ import annotations

from datetime import date
from typing import Final, Self

from pydantic import model_validator

from ledger_core.commands import accept_limit as accepting
from ledger_core.commands import change_limit as changing
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.decided import Preview
from ledger_core.queries import decisions
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused
from ledger_core.underwriting.reasons import statement
from tools.conditions import NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT
from tools.context import ToolContext
from tools.contract import Arguments, Cents, Confirm, Effect, Id, Result, tool
from tools.postconditions import LIMIT_IS
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_RECORD

__all__ = ["statement"]
"""why a reason stands, and what would help: said by replies in the customer's language"""

DECISIONS_MAX: Final = 10


class AskLimit(Arguments):
    line_id: Id
    limit_cents: Cents | None = None
    """the limit asked for"""
    raise_by_cents: Cents | None = None
    """or by how much more than now"""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.limit_cents is None) == (self.raise_by_cents is None):
            raise ValueError("give limit_cents or raise_by_cents, one of them")
        return self


class LimitDecision(Result):
    """outcome: approved, counter_offer or declined; `limit_cents` may be taken up until `expires_on`."""

    decision_id: str
    outcome: str
    asked_cents: int
    limit_cents: int
    present_cents: int
    expires_on: date
    reasons: tuple[str, ...]
    """codes of the principal reasons why not what was asked for"""
    again_from: date | None


@tool(
    effect=Effect.ACT,
    provenance={
        "line_id": FROM_RECORD,
        "limit_cents": FROM_ANYWHERE_KNOWN,
        "raise_by_cents": FROM_ANYWHERE_KNOWN,
    },
)
async def request_limit_increase(ctx: ToolContext, args: AskLimit) -> LimitDecision | Refused:
    """Decides at once whether the line may have a higher limit: approved, a smaller one offered, or declined.

    The amount is taken down to the line's step of $50. Nothing changes by the decision; `accept_limit` takes the
    limit up, within 30 days. Reasons are the exact, principal ones. Disputes, hardship and other rights never
    count. Ask only when the customer wants a higher limit: a decision is recorded. Source: policy Line changes.
    """
    world = await line_at(ctx.conn, ctx.at, args.line_id)
    asked = args.limit_cents or world.state.limit_cents + (args.raise_by_cents or 0)
    step = world.product.limit_step_cents
    done = await decide_limit(ctx.conn, ctx.command, line_id=args.line_id, limit_cents=asked // step * step)
    return done if isinstance(done, Refused) else LimitDecision.model_validate(done)


class AcceptLimit(Arguments):
    line_id: Id
    decision_id: Id


class LimitAccepted(Result):
    decision_id: str
    limit_cents: int
    earlier_limit_cents: int
    available_cents: int
    changed_on: date


async def _preview_accept(ctx: ToolContext, args: AcceptLimit) -> Preview | Refused:
    return await accepting.preview_accept_limit(
        ctx.conn, ctx.at, line_id=args.line_id, decision_id=args.decision_id
    )


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_accept,
    provenance={"line_id": FROM_RECORD, "decision_id": FROM_RECORD},
    preconditions=(NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT),
    postconditions=(LIMIT_IS,),
)
async def accept_limit(ctx: ToolContext, args: AcceptLimit) -> LimitAccepted | Refused:
    """Takes up the limit of a decision that approved or offered one. It applies from today.

    Refused once the offer has lapsed or been taken, or when the line is past due, locked or on a plan by now.
    Needs the customer's yes.
    """
    done = await accepting.accept_limit(
        ctx.conn, ctx.command, line_id=args.line_id, decision_id=args.decision_id
    )
    return done if isinstance(done, Refused) else LimitAccepted.model_validate(done)


class LowerLimit(Arguments):
    line_id: Id
    limit_cents: Cents


class LimitLowered(Result):
    limit_cents: int
    earlier_limit_cents: int
    available_cents: int
    changed_on: date


async def _preview_lower(ctx: ToolContext, args: LowerLimit) -> Preview | Refused:
    return await changing.preview_change_limit(
        ctx.conn, ctx.at, line_id=args.line_id, limit_cents=args.limit_cents
    )


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_lower,
    provenance={"line_id": FROM_RECORD, "limit_cents": FROM_ANYWHERE_KNOWN},
    postconditions=(LIMIT_IS,),
)
async def lower_limit(ctx: ToolContext, args: LowerLimit) -> LimitLowered | Refused:
    """Lowers the limit because the customer wants it lower: not below what is drawn and held, in steps of $50.

    A later increase is decided anew, six months on at the earliest. Needs the customer's yes.
    """
    done = await changing.change_limit(
        ctx.conn, ctx.command, line_id=args.line_id, limit_cents=args.limit_cents
    )
    return done if isinstance(done, Refused) else LimitLowered.model_validate(done)


class ExplainDecisions(Arguments):
    line_id: Id


class DecisionTold(Result):
    """outcome and limit as decided; `may_be_taken` says whether the limit can be taken up today."""

    decision_id: str
    kind: str
    decided_on: date
    asked_cents: int
    outcome: str
    limit_cents: int
    expires_on: date
    taken_on: date | None
    may_be_taken: bool
    reasons: tuple[str, ...]


class DecisionsTold(Result):
    decisions: tuple[DecisionTold, ...]


@tool(
    effect=Effect.READ,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD},
)
async def explain_decisions(ctx: ToolContext, args: ExplainDecisions) -> DecisionsTold:
    """Credit decisions about a line, the latest first, at most 10, each with its principal reasons.

    kind: limit_request is the customer's own, limit_review is ours. Source: 12 CFR 1002.9.
    """
    found = await decisions.decisions(ctx.conn, ctx.at, args.line_id)
    return DecisionsTold(
        decisions=tuple(DecisionTold.model_validate(_told(d)) for d in found[:DECISIONS_MAX])
    )


def _told(found: decisions.DecisionExplanation) -> dict[str, object]:
    fields = {name: getattr(found, name) for name in DecisionTold.model_fields if name != "reasons"}
    return fields | {"reasons": tuple(reason.code for reason in found.reasons)}
