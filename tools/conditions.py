"""Conditions that tools ask for before they run, beyond what the books decide.

Open duties that stop money going out.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from ledger_core.refusals import Reason
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
