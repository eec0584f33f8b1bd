"""The night into a business date, step by step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.nightly.accrue import accrue_and_reconcile
from ledger_core.nightly.autopay import pay_automatically
from ledger_core.nightly.close_cycles import close_cycles
from ledger_core.nightly.close_lines import close_lines, refund_credits
from ledger_core.nightly.disputes import watch_disputes
from ledger_core.nightly.holds import expire_holds
from ledger_core.nightly.late_fees import charge_late_fees
from ledger_core.nightly.night import IDENTITY, QUERIES, Night, survey
from ledger_core.nightly.payments import receive_payments, submit_files
from ledger_core.nightly.plans import follow_plans
from ledger_core.nightly.report import NightlyReport
from ledger_core.store.postgres import transaction

Step = Callable[[Night], Awaitable[None]]

STEPS: tuple[Step, ...] = (
    submit_files,
    accrue_and_reconcile,
    survey,
    close_cycles,
    receive_payments,
    pay_automatically,
    charge_late_fees,
    follow_plans,
    expire_holds,
    close_lines,
    refund_credits,
    watch_disputes,
)
"""First the day that ended, before anything of the new one, then the day that opens: what is received today
comes before what is late today. Each step may run again: it finds what it did and adds nothing."""

_FINISH = QUERIES["finish_day"].bindparams(bindparam("report", type_=JSONB))


async def run(batch_engine: AsyncEngine, business_date: date) -> NightlyReport:
    """Do the night into a business date, for all lines; a date that is done gives an empty report.

    Killed at any point and run again, it leaves the same books. Dates are run in order, each before the
    business of its day (`catch_up` sees to that); a late night is still right, and accrues touched lines by
    replay.
    """
    night = Night(batch_engine, business_date, NightlyReport(business_date))
    if await _begin(night):
        return night.report
    for step in STEPS:
        await step(night)
    await _finish(night)
    return night.report


async def _begin(night: Night) -> bool:
    """Whether the date was already done; else it is begun."""
    async with transaction(night.engine, IDENTITY) as conn:
        return (await conn.execute(QUERIES["begin_day"], night.given())).first() is not None


async def _finish(night: Night) -> None:
    async with transaction(night.engine, IDENTITY) as conn:
        await conn.execute(QUERIES["keep_root"], night.given())
        await conn.execute(_FINISH, night.given(report=night.report.to_json()))
