"""Conditions that tools ask for before they run, beyond what the books decide.

Open duties that stop money going out.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter_ns
from typing import Final

from ledger_core.bank import accounts
from ledger_core.commands.draw_decisions import AskedDraw, record_refused_draw
from ledger_core.queries.line import line_at
from ledger_core.refusals import Reason, Refused
from ledger_core.underwriting import draw_rules
from ledger_core.underwriting.policy import policy_on
from tools import duties
from tools.context import ToolContext
from tools.contract import Arguments, Condition

_IDENTITY: Final = ("fraud_report", "identity_theft")
_STAYED: Final = ("bankruptcy", "deceased")


async def _no_open_duty(
    ctx: ToolContext, args: Arguments, *, rights: tuple[str, ...], code: str
) -> Reason | None:
    started_on = await duties.open_since(ctx.conn, ctx.customer_id, rights)
    return Reason(code, {"since_on": started_on}) if started_on else None


NO_IDENTITY_CHECK_OPEN: Final = Condition(
    "no_identity_check_open", partial(_no_open_duty, rights=_IDENTITY, code="identity_check_open")
)
"""nobody is looking into a report of fraud or identity theft"""
NOT_WITH_ESTATE_OR_COURT: Final = Condition(
    "not_with_estate_or_court", partial(_no_open_duty, rights=_STAYED, code="with_specialist")
)
"""no death and no bankruptcy was reported (policy Bankruptcy and death)"""


async def _within_draw_rules(ctx: ToolContext, args: Arguments) -> Reason | None:
    began = perf_counter_ns()
    given = args.model_dump()
    state = (await line_at(ctx.conn, ctx.at, given["line_id"])).state
    found = draw_rules.broken(
        state,
        amount_cents=given["amount_cents"],
        bank_account_id=given["bank_account_id"],
        rules=policy_on(ctx.at.on).draws,
    )
    if not found:
        return None
    asked = AskedDraw(given["line_id"], given["amount_cents"], given["bank_account_id"], given["speed"])
    await record_refused_draw(ctx.conn, ctx.at, asked, Refused(found), began)
    return found[0]


WITHIN_DRAW_RULES: Final = Condition("within_draw_rules", _within_draw_rules)
"""not too many draws at once, none right after a returned payment, no large first draw to another account"""


async def _bank_verified(ctx: ToolContext, args: Arguments) -> Reason | None:
    bank_account_id = args.model_dump()["bank_account_id"]
    account = await accounts.find(ctx.conn, bank_account_id)
    verified = account is not None and account.is_verified
    return None if verified else Reason("bank_account_unverified", {"bank_account_id": bank_account_id})


BANK_VERIFIED: Final = Condition("bank_verified", _bank_verified)
"""the bank account named is verified"""
