"""Nights over lines whose rate changes by itself, and over lines under an overlay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands.grant_promotion import grant_promotion
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.place_overlay import place_overlay
from ledger_core.nightly.night import Night
from ledger_core.nightly.reconcile import reconcile_all
from ledger_core.nightly.report import NightlyReport
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, World, bank_of, begin


async def _explained(world: World) -> None:
    """Every line's interest and accounts are what the replay says."""
    night = Night(world.engine, world.today, NightlyReport(world.today))
    await reconcile_all(night)
    assert night.report.differences == []


async def test_a_promotion_begins_and_ends_by_itself_and_the_nights_know(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(10)
    starts_on = world.today + timedelta(days=3)
    await world.act(
        grant_promotion, LATE, apr_bp=499, starts_on=starts_on, ends_on=starts_on + timedelta(days=8)
    )
    await world.act(
        grant_promotion,
        AUTOPAY,
        apr_bp=999,
        starts_on=world.today - timedelta(days=4),
        ends_on=world.today + timedelta(days=2),
    )
    reports = await world.pass_days(30)
    assert [r.differences for r in reports] == [[]] * 30
    await _explained(world)


async def test_a_bankruptcy_heard_late_is_corrected_and_charged_off_in_its_time(
    batch_engine: AsyncEngine,
) -> None:
    world = await begin(batch_engine)
    await world.pass_days(50)
    filed_on = world.today - timedelta(days=20)
    await world.act(place_overlay, LATE, kind="bankruptcy", since_on=filed_on, chapter=7)
    reports = await world.pass_days(60)
    assert [r.differences for r in reports] == [[]] * 60
    assert [n for n, r in enumerate(reports, 1) if r.counts.get("charge_off")] == [60]
    assert sum(r.counts.get("late_fee", 0) for r in reports) == 0
    await _explained(world)
    await _statements_end_and_what_is_paid_is_recovered(world)


async def _statements_end_and_what_is_paid_is_recovered(world: World) -> None:
    charged_off_on = world.today
    await world.pass_days(31)
    state = await world.state(LATE)
    assert [s.cycle_end >= charged_off_on for s in state.statements[-2:]] == [False, True]
    await world.act(
        make_payment, LATE, amount_cents=12_300, pay_on=world.today, bank_account_id=bank_of(LATE)
    )
    reports = await world.pass_days(31)
    assert [(r.not_done, r.differences) for r in reports] == [([], [])] * 31
    later = await world.state(LATE)
    assert len(later.statements) == len(state.statements)
    assert later.account_totals["recovery_income"] == -12_300
    looked_for = "SELECT next_close_on FROM core.line_projection WHERE line_id = :line_id"
    assert await world.rows(looked_for, line_id=LATE) == [(None,)]
    await _explained(world)
