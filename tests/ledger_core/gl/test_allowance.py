"""The allowance for expected losses: booked as it changes, released when a line is charged off, and reconciled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands.place_overlay import place_overlay
from ledger_core.gl import allowance
from ledger_core.gl.allowance import rates_on
from ledger_core.gl.reconciliation import reconcile
from ledger_core.products import load
from ledger_core.store.postgres import transaction
from tests.ledger_core.gl.conftest import TESTER, balances, yesterday
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, OPENED, World

BOOKED = (
    "SELECT e.booked_on, p.account, p.side, sum(p.amount_cents)::bigint"
    "  FROM core.gl_entries e JOIN core.gl_postings p USING (booked_on, number)"
    " WHERE e.kind = 'allowance_changed' GROUP BY 1, 2, 3 ORDER BY 1, 2"
)


async def held(world: World, on: date | None = None) -> dict[tuple[str, int], allowance.Bucket]:
    """What is set aside at the end of the day, by product and bucket."""
    async with transaction(world.engine, TESTER) as conn:
        found = await allowance.allowance(conn, on or yesterday(world))
    return {(b.product_id, b.from_days): b for b in found}


async def test_what_is_owed_is_set_aside_for_by_its_days_past_due_and_released_on_charge_off(
    world: World,
) -> None:
    await world.pass_days(5)
    await world.act(place_overlay, AUTOPAY, kind="bankruptcy", chapter=7, since_on=world.today)
    await world.pass_days(59)
    before = (await balances(world)).of("1280")
    owed = (await world.state(AUTOPAY)).owed_cents
    await world.pass_days(3)
    charged_off, late = await world.state(AUTOPAY), await world.state(LATE)
    assert charged_off.status == "charged_off"
    assert 0 < late.days_past_due < 30
    buckets = await held(world)
    assert {key[1] for key in buckets if key[0] == "cash_line_flex"} == {1}, "the charged-off line is in none"
    bucket = buckets["cash_line_flex", 1]
    assert (bucket.lines, bucket.exposure_cents) == (1, late.owed_cents)
    assert bucket.allowance_cents == (late.owed_cents * bucket.rate_bp + 5_000) // 10_000
    found = await balances(world)
    assert found.of("1280") == -sum(b.allowance_cents for b in buckets.values()) == -found.of("5310")
    assert found.of("1280") > before, "less is set aside once the loss is booked"
    assert -found.of("1290") == found.of("5210") == charged_off.owed_cents >= owed
    assert found.total_cents == 0
    assert not (await reconcile(world.engine, yesterday(world))).differences


async def test_a_night_without_a_change_books_none_and_each_change_is_a_balanced_entry(world: World) -> None:
    await world.pass_days(9)
    rows = await world.rows(BOOKED)
    days = {row[0] for row in rows}
    assert days == {OPENED + timedelta(days=1)}, "the day on which the draws settled"
    assert [(row[1], row[2]) for row in rows] == [("1280", "credit"), ("5310", "debit")]
    assert rows[0][3] == rows[1][3] == sum(b.allowance_cents for b in (await held(world)).values())


async def test_an_allowance_that_was_changed_is_found_by_the_reconciliation(
    world: World, owner_engine: AsyncEngine
) -> None:
    await world.pass_days(4)
    async with transaction(owner_engine, TESTER) as conn:
        await conn.execute(text("ALTER TABLE core.gl_allowances DISABLE TRIGGER no_change"))
        await conn.execute(text("UPDATE core.gl_allowances SET exposure_cents = exposure_cents + 100_000"))
    found = {
        (check.name, difference.what)
        for check, difference in (await reconcile(world.engine, yesterday(world))).differences
    }
    assert found == {("expected_losses", "owed"), ("expected_losses", "allowance")}


@pytest.mark.parametrize("product_id", ["cash_line_flex", "cash_line_membership"])
def test_every_product_has_rates_that_rise_with_the_days_past_due(product_id: str) -> None:
    rates = rates_on(load(product_id).effective_on)[product_id]
    assert [rate.from_days for rate in rates] == [0, 1, 30, 60, 90, 120], "the buckets of the policy"
    assert [rate.rate_bp for rate in rates] == sorted(rate.rate_bp for rate in rates)


async def test_a_line_of_a_product_without_rates_stops_the_roll_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_core.gl.roll_up.rows_on", lambda day: [])
    with pytest.raises(Exception, match="from_days"):
        await world.pass_days(4)
