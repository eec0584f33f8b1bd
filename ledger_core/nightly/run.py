"""The night into a business date: its steps over a share of the lines, and all shares of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import date

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.nightly.accrue import accrue, age
from ledger_core.nightly.alone import alone
from ledger_core.nightly.autopay import pay_automatically
from ledger_core.nightly.close_cycles import close_cycles
from ledger_core.nightly.close_lines import close_lines, refund_credits
from ledger_core.nightly.disputes import watch_disputes
from ledger_core.nightly.general_ledger import close_ledger_day
from ledger_core.nightly.holds import expire_holds
from ledger_core.nightly.late_fees import charge_late_fees
from ledger_core.nightly.night import IDENTITY, QUERIES, Night, Share
from ledger_core.nightly.payments import receive_payments, submit_files
from ledger_core.nightly.plans import follow_plans
from ledger_core.nightly.reconcile import reconcile
from ledger_core.nightly.report import NightlyReport
from ledger_core.nightly.reviews import review_limits
from ledger_core.nightly.survey import survey
from ledger_core.nightly.workers import in_workers
from ledger_core.store.postgres import transaction

Step = Callable[[Night], Awaitable[None]]

STEPS: tuple[Step, ...] = (
    submit_files,
    accrue,
    reconcile,
    age,
    survey,
    close_cycles,
    receive_payments,
    pay_automatically,
    charge_late_fees,
    follow_plans,
    review_limits,
    expire_holds,
    close_lines,
    refund_credits,
    watch_disputes,
)
"""First the day that ended, before anything of the new one, then the day that opens: what is received today
comes before what is late today. Each step may run again: it finds what it did and adds nothing."""

_KEEP_STEP = QUERIES["keep_step"].bindparams(bindparam("report", type_=JSONB))
_FINISH = QUERIES["finish_day"].bindparams(bindparam("report", type_=JSONB))


async def run(batch_engine: AsyncEngine, business_date: date, *, workers: int = 1) -> NightlyReport:
    """Do the night into a business date, for all lines; a date that is done gives an empty report.

    workers: processes that share the lines out among them; one works in this process. Killed at any point and
    run again, also with another number of them, it leaves the same books. Dates are run in order, each before
    the business of its day (`catch_up` sees to that); a late night is still right, and accrues touched lines
    by replay. A night that runs already, for this date or another, is waited for.
    """
    report = NightlyReport(business_date)
    night = Night(batch_engine, business_date, report)
    async with alone(batch_engine):
        if await _begin(night):
            return report
        if workers == 1:
            report.add(await work(batch_engine, business_date, Share()))
        else:
            for done in await in_workers(batch_engine, work, business_date, workers):
                report.add(done)
        await close_ledger_day(night)
        await _finish(night)
    return report


async def work(engine: AsyncEngine, business_date: date, share: Share) -> NightlyReport:
    """All steps of the night over a share of the lines; steps that were recorded as done are not done again."""
    whole = Night(engine, business_date, NightlyReport(business_date), share)
    async with transaction(engine, IDENTITY) as conn:
        done = {row.step: row.report for row in await conn.execute(QUERIES["steps_done"], whole.given())}
    for step in STEPS:
        if step.__name__ in done:
            whole.report.add(NightlyReport.from_json(business_date, done[step.__name__]))
            continue
        part = Night(engine, business_date, NightlyReport(business_date), share, whole.due)
        begun = time.perf_counter_ns()
        await step(part)
        if step is not survey:
            await _keep_step(part, step.__name__, (time.perf_counter_ns() - begun) // 1000)
        whole.report.add(part.report)
    return whole.report


async def _begin(night: Night) -> bool:
    """Whether the date was already done; else it is begun."""
    async with transaction(night.engine, IDENTITY) as conn:
        return (await conn.execute(QUERIES["begin_day"], night.given())).first() is not None


async def _keep_step(night: Night, step: str, microseconds: int) -> None:
    given = night.given(step=step, report=night.report.to_json(), microseconds=microseconds)
    async with transaction(night.engine, IDENTITY) as conn:
        await conn.execute(_KEEP_STEP, given)


async def _finish(night: Night) -> None:
    async with transaction(night.engine, IDENTITY) as conn:
        await conn.execute(QUERIES["keep_root"], night.given())
        await conn.execute(_FINISH, night.given(report=night.report.to_json()))
