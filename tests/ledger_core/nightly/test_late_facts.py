"""Facts that come late, among the nights: what was accrued is corrected, and the plan lives on in the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands.credit_payment import CreditedPayment, credit_payment
from ledger_core.commands.enroll_plan import enroll_plan
from tests.ledger_core.nightly.conftest import LATE, begin


async def test_a_plan_broken_by_a_night_lives_again_when_its_payment_is_found(
    batch_engine: AsyncEngine,
) -> None:
    world = await begin(batch_engine)
    while not (await world.state(LATE)).statements:
        await world.pass_days(1)
    await world.act(enroll_plan, LATE, kind="plan_12")
    first = (await world.state(LATE)).plans[0].payments[0]
    await world.pass_days((first.due_on - world.today).days + 12)
    running = (await world.state(LATE)).plan
    assert running is not None
    assert running.status == "broken"
    done = await world.act(
        credit_payment,
        LATE,
        payment_id="payment_found",
        received_on=first.due_on - timedelta(days=1),
        amount_cents=first.amount_cents,
    )
    assert isinstance(done, CreditedPayment)
    assert done.plan_reinstated == running.plan_id
    reports = await world.pass_days(2)
    assert [report.differences for report in reports] == [[], []]
    plan = (await world.state(LATE)).plan
    assert plan is not None
    assert (plan.status, plan.cured_on) == ("active", None)
    assert await world.rows("SELECT plan_id, ended_on FROM core.plans") == [(plan.plan_id, None)]
    assert await world.rows("SELECT count(*) > 0 FROM core.accrual_corrections") == [(True,)]
