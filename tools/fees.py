"""Fees: what one was for, and the courtesy of taking one off."""

from __future__ import annotations

from datetime import date

from ledger_core.commands import waive_fee as waiving
from ledger_core.commands.decided import Preview
from ledger_core.queries import explain
from ledger_core.refusals import Refused
from tools.context import ToolContext
from tools.contract import Arguments, Confirm, Effect, Id, Result, tool
from tools.postconditions import FEE_WAIVED
from tools.sources import FROM_RECORD
from tools.views import Facts


class OneFee(Arguments):
    line_id: Id
    fee_id: Id


class WhyNot(Result):
    code: str
    facts: Facts


class FeeExplained(Result):
    fee_id: str
    kind: str
    amount_cents: int
    charged_on: date
    about: str | None
    facts: Facts
    waived_cents: int
    waived_on: date | None
    waivable_as_courtesy: bool
    reasons: tuple[WhyNot, ...]


@tool(
    effect=Effect.READ,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD, "fee_id": FROM_RECORD},
)
async def explain_fee(ctx: ToolContext, args: OneFee) -> FeeExplained | Refused:
    """What a fee is for, in facts, and whether it can be taken off as a courtesy now.

    fee_id: the `reference_id` of an item of kind fee. A late fee names the minimum, its due date and the day
    it was paid; a returned payment fee the payment, the day and the bank's code. `reasons` say why a courtesy
    is not possible.
    """
    found = await explain.fee(ctx.conn, ctx.at, args.line_id, args.fee_id)
    if isinstance(found, Refused):
        return found
    shown = {name: getattr(found, name) for name in FeeExplained.model_fields}
    shown["reasons"] = tuple(WhyNot(code=reason.code, facts=dict(reason.facts)) for reason in found.reasons)
    return FeeExplained.model_validate(shown)


class FeeWaived(Result):
    fee_id: str
    kind: str
    amount_cents: int
    reason: str
    waived_on: date


async def _preview_waiver(ctx: ToolContext, args: OneFee) -> Preview | Refused:
    return await waiving.preview_waive_fee(ctx.conn, ctx.at, line_id=args.line_id, fee_id=args.fee_id)


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_waiver,
    provenance={"line_id": FROM_RECORD, "fee_id": FROM_RECORD},
    postconditions=(FEE_WAIVED,),
)
async def waive_fee(ctx: ToolContext, args: OneFee) -> FeeWaived | Refused:
    """Takes one late or returned payment fee off as a courtesy: one in 12 months, at most $35.

    What a customer says was promised is a claim, and changes nothing here. When it is refused because the
    courtesy was used, hand off with the history. A fee that was our error or the bank's is a dispute, not a
    courtesy. Needs the customer's yes. Source: policy Fees, limits, closing.
    """
    waived = await waiving.waive_fee(ctx.conn, ctx.command, line_id=args.line_id, fee_id=args.fee_id)
    return waived if isinstance(waived, Refused) else FeeWaived.model_validate(waived)
