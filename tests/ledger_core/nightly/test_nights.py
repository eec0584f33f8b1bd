"""Nights over a small world: each thing on its day, once, and the same books however often they are cut off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core import nightly
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.return_payment import return_payment
from ledger_core.dates import FixedClock, Moment
from ledger_core.demo import bank_simulator
from ledger_core.nightly import catch_up, run
from ledger_core.nightly.night import IDENTITY, Night
from ledger_core.nightly.reconcile import interest_through, reconcile_all
from ledger_core.nightly.report import NightlyReport
from ledger_core.store.postgres import make_engine, transaction
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, MEMBER, OPENED, World, bank_of, begin

SAID = [
    "SELECT core.content_digest()",
    "SELECT line_id, accrued_on, bucket, microcents FROM core.accruals ORDER BY 1, 2, 3",
    "SELECT kind, state, effective_on, amount_cents FROM core.transfers ORDER BY 1, 2, 3, 4",
]


async def said(world: World) -> list[list[tuple[object, ...]]]:
    return [await world.rows(query) for query in SAID]


class CutOff(Exception):
    """As if the process had been killed."""


async def test_nights_killed_between_any_two_steps_leave_the_same_books(
    batch_engine: AsyncEngine, another: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_engine = make_engine(another)
    whole, cut = await begin(whole_engine), await begin(batch_engine)
    days = 80
    await whole.pass_days(days)

    async def die(night: Night) -> None:
        raise CutOff

    steps = nightly.run.__globals__["STEPS"]
    for day in range(days):
        at = day % (len(steps) + 1)
        with monkeypatch.context() as patch:
            patch.setitem(nightly.run.__globals__, "STEPS", (*steps[:at], die))
            with pytest.raises(CutOff):
                await run(batch_engine, cut.today + timedelta(days=1))
        await cut.pass_days(1)
    assert await said(cut) == await said(whole)
    await whole_engine.dispose()


async def test_a_night_that_is_done_is_not_done_again(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(60)
    before = await said(world)
    again = await run(batch_engine, world.today)
    assert again == NightlyReport(world.today)
    assert await said(world) == before


async def test_after_days_switched_off_each_night_is_done_once_in_order(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(2)
    back = world.today + timedelta(days=40)
    clock = FixedClock(datetime(back.year, back.month, back.day, 15, tzinfo=UTC))
    answered: list[date] = []

    async def bank(on: date) -> None:
        answered.append(on)
        await bank_simulator.tick(batch_engine, Moment(on, time(8)))

    reports = await catch_up(batch_engine, clock, after_night=bank)
    missed = [world.today + timedelta(days=n) for n in range(1, 41)]
    assert [report.business_date for report in reports] == missed == answered
    assert all(report.differences == [] for report in reports)
    assert await catch_up(batch_engine, clock) == []


async def test_nights_caught_up_leave_the_books_of_nights_in_time(
    batch_engine: AsyncEngine, another: str
) -> None:
    timely_engine = make_engine(another)
    timely, late = await begin(timely_engine), await begin(batch_engine)
    await timely.pass_days(70)
    clock = FixedClock(datetime(timely.today.year, timely.today.month, timely.today.day, 15, tzinfo=UTC))
    await late.pass_days(1)

    async def bank(on: date) -> None:
        await bank_simulator.tick(batch_engine, Moment(on, time(8)))

    await catch_up(batch_engine, clock, after_night=bank)
    assert await said(late) == await said(timely)
    await timely_engine.dispose()


async def test_autopay_pays_the_minimum_on_the_due_date(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(60)
    state = await world.state(AUTOPAY)
    first = state.statements[0]
    (payment,) = [p for p in state.payments.values() if p.received_on == first.due_on]
    assert (payment.source, payment.amount_cents) == ("autopay", first.figures.minimum_due_cents)
    assert first.paid_on == first.due_on
    assert state.days_past_due == 0


async def test_the_late_fee_comes_on_the_eleventh_day_and_once(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    due_on = (await world.state(LATE)).coming_due_on
    await world.pass_days((due_on - world.today).days + 10)
    assert (await world.state(LATE)).fees == {}
    await world.pass_days(4)
    (fee,) = (await world.state(LATE)).fees.values()
    assert (fee.kind, fee.amount_cents, fee.charged_on) == ("late", 2500, due_on + timedelta(days=11))


async def test_a_statement_is_issued_for_each_closing_day(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    closes_on = (await world.state(AUTOPAY)).next_close_on
    await world.pass_days((closes_on - world.today).days)
    assert (await world.state(AUTOPAY)).statements == ()
    await world.pass_days(1)
    (statement,) = (await world.state(AUTOPAY)).statements
    assert statement.cycle_end == closes_on
    assert await world.rows("SELECT count(*) FROM core.statements") == [(3,)]


async def test_a_scheduled_payment_is_received_on_its_day_and_settles_two_business_days_later(
    batch_engine: AsyncEngine,
) -> None:
    world = await begin(batch_engine)
    await world.pass_days(7)
    pay_on = date(2026, 3, 13)
    await world.act(make_payment, LATE, amount_cents=5000, pay_on=pay_on, bank_account_id=bank_of(LATE))
    await world.pass_days((pay_on - world.today).days)
    (payment,) = (await world.state(LATE)).payments.values()
    assert (payment.stage, payment.received_on) == ("received", pay_on)
    await world.pass_days(4)
    (payment,) = (await world.state(LATE)).payments.values()
    assert (payment.stage, payment.settled_on) == ("settled", date(2026, 3, 17))


async def test_the_set_based_accrual_equals_the_replay_to_the_micro_cent(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    reports = await world.pass_days(45)
    assert [report.differences for report in reports] == [[]] * 45
    accrued = await world.rows("SELECT line_id, sum(microcents) FROM core.accruals GROUP BY 1 ORDER BY 1")
    yesterday = world.today - timedelta(days=1)
    replayed = [(n, interest_through(await world.state(n), yesterday)) for n in (AUTOPAY, LATE)]
    assert accrued == replayed
    assert all(microcents > 0 for _, microcents in replayed)


async def test_a_returned_payment_corrects_days_already_accrued(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(10)
    paid = await world.act(
        make_payment, LATE, amount_cents=70_000, pay_on=world.today, bank_account_id=bank_of(LATE)
    )
    await world.pass_days(5)
    payment_id = paid.payment_id  # type: ignore[attr-defined]
    await world.act(return_payment, LATE, payment_id=payment_id, return_code="R01")
    reports = await world.pass_days(2)
    assert [report.differences for report in reports] == [[], []]
    (correction,) = await world.rows("SELECT line_id, microcents FROM core.accrual_corrections")
    # 70,000 cents at 25.99 % over the five nights since the receipt, less the night of the return itself
    per_day = (2 * 80_000 * 2599 * 100 + 365) // 730 - (2 * 10_000 * 2599 * 100 + 365) // 730
    assert abs(correction[1] - 5 * per_day) < per_day // 20  # type: ignore[operator]


async def test_a_night_that_runs_after_the_business_of_its_day_is_still_right(
    batch_engine: AsyncEngine,
) -> None:
    world = await begin(batch_engine)
    closes_on = (await world.state(LATE)).next_close_on
    await world.pass_days((closes_on - world.today).days)
    world.today += timedelta(days=1)
    paid = {"amount_cents": 30_000, "pay_on": world.today, "bank_account_id": bank_of(LATE)}
    await world.act(make_payment, LATE, **paid)
    report = await run(batch_engine, world.today)
    (statement,) = (await world.state(LATE)).statements
    assert report.differences == []
    assert (statement.cycle_end, statement.figures.payments_cents) == (closes_on, 0)
    assert [later.differences for later in await world.pass_days(3)] == [[]] * 3


async def test_disputed_principal_accrues_in_a_bucket_of_its_own(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    (draw_id,) = (await world.state(LATE)).draws
    await world.act(open_dispute, LATE, kind="wrong_amount", about=draw_id, amount_cents=30_000)
    reports = await world.pass_days(3)
    assert all(report.differences == [] for report in reports)
    buckets = (
        "SELECT DISTINCT bucket, principal_cents FROM core.accruals WHERE line_id = :line_id ORDER BY 1, 2"
    )
    assert await world.rows(buckets, line_id=LATE) == [
        ("disputed", 30_000),
        ("standard", 50_000),
        ("standard", 80_000),
    ]


async def test_a_difference_that_nobody_can_explain_is_reported_and_stays(
    batch_engine: AsyncEngine,
) -> None:
    world = await begin(batch_engine)
    await world.pass_days(5)
    async with transaction(batch_engine, IDENTITY) as conn:
        await conn.execute(
            text(
                "INSERT INTO core.accruals SELECT line_id, accrued_on, 'disputed', customer_id, 1, 1, 7"
                " FROM core.accruals WHERE line_id = :line_id AND accrued_on = :on"
            ),
            {"line_id": LATE, "on": OPENED + timedelta(days=3)},
        )
    night = Night(batch_engine, world.today, NightlyReport(world.today))
    await reconcile_all(night)
    await reconcile_all(night)
    found = [(d.line_id, d.about, d.written - d.replayed) for d in night.report.differences]
    assert found == [(LATE, "interest", 7), (LATE, "interest", 7)]
    kept = "SELECT line_id, about, written - replayed FROM core.reconciliation_differences"
    assert await world.rows(kept) == [(LATE, "interest", 7)]


async def test_a_line_given_up_closes_by_itself_once_it_is_paid(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    await world.act(request_closure, MEMBER)
    await world.act(
        make_payment, MEMBER, amount_cents=20_000, pay_on=world.today, bank_account_id=bank_of(MEMBER)
    )
    await world.pass_days(1)
    assert (await world.state(MEMBER)).status == "closing"
    await world.pass_days(5)
    assert (await world.state(MEMBER)).status == "closed"


async def test_a_dispute_near_its_deadline_is_in_the_report(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    (draw_id,) = (await world.state(LATE)).draws
    await world.act(open_dispute, LATE, kind="unauthorized", about=draw_id)
    reports = await world.pass_days(27)
    assert all(report.clocks == [] for report in reports[:24])
    (clock,) = reports[-1].clocks
    assert (clock.line_id, clock.what) == (LATE, "acknowledge")


async def test_the_root_of_each_day_that_ended_is_kept(batch_engine: AsyncEngine) -> None:
    world = await begin(batch_engine)
    await world.pass_days(3)
    kept = await world.rows("SELECT business_date, lines FROM core.daily_roots ORDER BY 1")
    assert kept == [(OPENED + timedelta(days=n), 3) for n in range(3)]
