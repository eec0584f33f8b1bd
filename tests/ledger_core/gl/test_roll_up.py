"""The roll-up: what the lines posted is in the ledger once, whatever the order, the crashes and the days."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import World as Line
from ledger_core.commands.grant_credit import grant_credit
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.errors import BooksRefused, DayNotClosed
from ledger_core.gl import roll_up as rolling
from ledger_core.gl.chart import account_of, chart
from ledger_core.gl.roll_up import roll_up
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState
from ledger_core.money import microcents_to_cents_half_up
from ledger_core.nightly import run
from ledger_core.store.postgres import make_engine, specialist, transaction
from tests.ledger_core.gl.conftest import TESTER, balances, yesterday
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, MEMBER, OPENED, World, bank_of, begin

JOURNAL = (
    "SELECT e.booked_on, e.number, e.product_id, e.kind, e.line_entries, p.position, p.account, p.side, p.amount_cents"
    "  FROM core.gl_entries e JOIN core.gl_postings p USING (booked_on, number) ORDER BY 1, 2, 6"
)
IN_LINES = (
    "SELECT s.account, sum(b.debit_cents - b.credit_cents)::bigint"
    "  FROM core.ledger_balances b JOIN core.gl_sources s ON s.source = b.account GROUP BY 1"
)
CLEARED = ("1010", "2110")
"""where the ledger books the bank's side of draws"""


async def test_the_ledger_holds_what_the_lines_hold(world: World) -> None:
    await world.pass_days(75)
    await roll_up(world.engine, world.today)
    found = await balances(world, world.today)
    in_lines = dict(await world.rows(IN_LINES))
    for account, cents in in_lines.items():
        if account not in CLEARED:
            assert found.of(str(account)) == cents, chart()[str(account)].name
    assert sum(found.of(account) for account in CLEARED) == sum(int(str(in_lines[a])) for a in CLEARED)
    assert found.of("1210") > 0


async def test_the_trial_balance_is_zero_on_every_day_for_every_product(world: World) -> None:
    await world.pass_days(45)
    for n in range(45):
        found = await balances(world, OPENED + timedelta(days=n))
        for product in found.products:
            assert sum(b.cents for b in found.balances if b.product_id == product) == 0
    assert found.products == ("cash_line_flex", "cash_line_membership")


@pytest.mark.parametrize("days", [0, 400])
async def test_a_day_that_is_not_closed_is_an_error_and_never_an_empty_answer(
    world: World, days: int
) -> None:
    await world.pass_days(3)
    with pytest.raises(DayNotClosed, match="the last closed day is 2026-03-04"):
        await balances(world, world.today + timedelta(days=days))
    with pytest.raises(DayNotClosed, match="begins on 2026-03-02"):
        await balances(world, OPENED - timedelta(days=1))


async def test_before_the_first_roll_up_the_ledger_says_that_it_is_empty(world: World) -> None:
    with pytest.raises(DayNotClosed, match="no day of the general ledger is closed yet"):
        await balances(world, OPENED)


async def test_a_second_run_of_a_closed_day_books_nothing(world: World) -> None:
    await world.pass_days(40)
    before = await world.rows(JOURNAL)
    assert await roll_up(world.engine, yesterday(world)) == ()
    assert await roll_up(world.engine, OPENED) == ()
    assert await world.rows(JOURNAL) == before


class CutOff(Exception):
    """As if the process had been killed."""


async def test_a_roll_up_killed_between_any_two_transactions_leaves_the_same_ledger(
    batch_engine: AsyncEngine, another: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_engine = make_engine(another)
    whole, cut = await begin(whole_engine), await begin(batch_engine)
    for world in (whole, cut):
        world.today += timedelta(days=3)
        await world.act(grant_credit, LATE, amount_cents=1000, reason="goodwill")
    await roll_up(whole_engine, whole.today)

    cuts = 0
    while await cut.rows("SELECT FROM core.gl_days") == []:
        cuts += 1
        left = cuts

        def begin_or_die(*given: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise CutOff
            return transaction(*given)

        with monkeypatch.context() as patch, suppress(CutOff):
            patch.setattr(rolling, "transaction", begin_or_die)
            await roll_up(batch_engine, cut.today, lines_per_batch=1)
    assert cuts > 3
    assert await cut.rows(JOURNAL) == await whole.rows(JOURNAL)
    await whole_engine.dispose()


async def test_a_day_left_open_by_a_crash_is_closed_before_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object) -> None:
        raise CutOff

    with monkeypatch.context() as patch:
        patch.setattr(rolling, "changes_of_unbilled", die)
        with pytest.raises(CutOff):
            await roll_up(world.engine, OPENED)
    await world.act(grant_credit, LATE, amount_cents=1000, reason="goodwill")
    closed = await roll_up(world.engine, OPENED + timedelta(days=1))
    assert [day.booked_on for day in closed] == [OPENED, OPENED + timedelta(days=1)]
    booked = await world.rows(
        "SELECT booked_on, line_entries FROM core.gl_entries WHERE kind = 'credit_granted'"
    )
    assert booked == [(OPENED, 1)]


async def test_what_is_written_late_is_booked_on_the_day_that_is_open_then(world: World) -> None:
    await world.pass_days(3)
    before = await world.rows(JOURNAL)
    context = CommandContext("late", "system:test", Moment(OPENED + timedelta(days=1), time(10)))
    async with transaction(world.engine, TESTER) as conn:
        await grant_credit(conn, context, line_id=LATE, amount_cents=700, reason="goodwill")
    await world.pass_days(1)
    rows = await world.rows(JOURNAL)
    assert rows[: len(before)] == before
    assert {row[0] for row in rows if row[3] == "credit_granted"} == {yesterday(world)}


async def test_a_line_that_runs_ahead_of_the_night_waits_in_its_own_order(world: World) -> None:
    tomorrow = OPENED + timedelta(days=1)
    for on, cents in ((OPENED, 100), (tomorrow, 200), (OPENED, 400)):
        context = CommandContext(f"credit-{cents}", "system:test", Moment(on, time(11)))
        async with transaction(world.engine, TESTER) as conn:
            await grant_credit(conn, context, line_id=LATE, amount_cents=cents, reason="goodwill")
    await roll_up(world.engine, OPENED)
    await roll_up(world.engine, tomorrow)
    booked = await world.rows(
        "SELECT booked_on, sum(amount_cents)::bigint FROM core.gl_entries JOIN core.gl_postings"
        " USING (booked_on, number) WHERE kind = 'credit_granted' AND side = 'debit' GROUP BY 1 ORDER BY 1"
    )
    assert booked == [(OPENED, 100), (tomorrow, 600)]


async def test_a_transaction_that_commits_after_a_later_one_is_not_skipped(world: World) -> None:
    async def credit(conn: AsyncConnection, line_id: str) -> None:
        context = CommandContext("credit", "system:test", Moment(OPENED, time(11)))
        await grant_credit(conn, context, line_id=line_id, amount_cents=500, reason="goodwill")

    async with transaction(world.engine, TESTER) as slow:
        await credit(slow, AUTOPAY)
        async with transaction(world.engine, TESTER) as quick:
            await credit(quick, LATE)
        await roll_up(world.engine, OPENED)
    await roll_up(world.engine, OPENED + timedelta(days=1))
    booked = await world.rows(
        "SELECT booked_on, line_entries FROM core.gl_entries WHERE kind = 'credit_granted' ORDER BY 1"
    )
    assert booked == [(OPENED, 1), (OPENED + timedelta(days=1), 1)]


async def test_two_rollers_at_once_fold_once(world: World) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(_roll_or_find_closed(world))
    assert await world.rows("SELECT sum(postings)::int FROM core.gl_folds") == [(6,)]
    assert (await balances(world, OPENED)).of("9110") == 190_000


async def _roll_or_find_closed(world: World) -> None:
    with suppress(BooksRefused):
        await roll_up(world.engine, OPENED, lines_per_batch=1)


async def test_interest_accrued_and_billed_together_are_the_income_of_every_day(world: World) -> None:
    await world.pass_days(70)
    async with transaction(world.engine, TESTER) as conn:
        lines = await read_worlds(conn, [AUTOPAY, LATE, MEMBER], Moment(world.today, time()))
    billed = 0
    for n in range(70):
        on = OPENED + timedelta(days=n)
        found = await balances(world, on)
        states = [at_the_end_of(line, on) for line in lines]
        unbilled = sum(state.interest_accrued_microcents for state in states)
        billed = -sum(state.account_totals["interest_income"] for state in states)
        assert found.of("1225") == -found.of("4120") == microcents_to_cents_half_up(unbilled), on
        assert -found.of("4110") == billed, on
    assert billed > 0


def at_the_end_of(line: Line, on: date) -> LineState:
    known = [fact for fact in line.recorded if fact.effective_on <= on]
    return replay(line.product, known, as_of=on + timedelta(days=1))


async def test_a_returned_payment_corrects_the_interest_not_yet_billed(world: World) -> None:
    await world.pass_days(10)
    paid = await world.act(
        make_payment, LATE, amount_cents=70_000, pay_on=world.today, bank_account_id=bank_of(LATE)
    )
    await world.pass_days(5)
    await world.act(return_payment, LATE, payment_id=paid.payment_id, return_code="R01")  # type: ignore[attr-defined]
    await world.pass_days(1)
    for days in (0, 30, 3):
        await world.pass_days(days)
        lines = [await world.state(line_id) for line_id in (AUTOPAY, LATE)]
        unbilled = sum(line.interest_accrued_microcents for line in lines)
        assert (await balances(world)).of("1225") == microcents_to_cents_half_up(unbilled)
    flows = await world.rows(
        "SELECT flow, microcents FROM core.gl_adjustments WHERE line_id = :line", line=LATE
    )
    assert [flow for flow, _ in flows] == ["corrected", "billed"]
    assert sum(int(str(cents)) for _, cents in flows) == 0
    assert [
        kind for (kind,) in await world.rows("SELECT kind FROM core.gl_entries WHERE kind LIKE 'accrual_c%'")
    ] == ["accrual_corrected"]


async def test_the_money_of_draws_clears_when_the_bank_has_it(world: World) -> None:
    await world.pass_days(1)
    assert (await balances(world)).of("9110") == 190_000
    await world.pass_days(5)
    found = await balances(world)
    assert (found.of("9110"), found.of("2110"), found.of("1010")) == (0, 0, -190_000)


async def test_books_adopted_late_begin_with_all_that_came_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_yet(*_: object) -> None: ...

    with monkeypatch.context() as patch:
        patch.setitem(run.__globals__, "close_ledger_day", not_yet)
        await world.pass_days(50)
    await roll_up(world.engine, yesterday(world))
    found = await balances(world)
    lines = [await world.state(line_id) for line_id in (AUTOPAY, LATE)]
    assert found.of("1225") == microcents_to_cents_half_up(sum(s.interest_accrued_microcents for s in lines))
    assert found.of(account_of()["interest_income"]) < 0


async def test_an_account_that_the_chart_lacks_stops_the_roll_up_by_name(
    world: World, owner_engine: AsyncEngine
) -> None:
    await roll_up(world.engine, OPENED - timedelta(days=1))
    async with owner_engine.begin() as conn:
        await conn.execute(text("ALTER TABLE core.gl_sources DISABLE TRIGGER no_change"))
        await conn.execute(text("DELETE FROM core.gl_sources WHERE source = 'draws_held'"))
    async with transaction(world.engine, TESTER) as conn:
        with pytest.raises(DBAPIError, match="the chart has no ledger account for draws_held"):
            await conn.execute(text("SELECT core.gl_fold(:on, '', 10)"), {"on": OPENED})


async def test_only_the_system_rolls_up_since_it_alone_sees_every_line(world: World) -> None:
    with pytest.raises(DBAPIError, match="sees all lines"):
        async with transaction(world.engine, specialist("spec_1")) as conn:
            await conn.execute(text("SELECT core.gl_fold(:on, '', 10)"), {"on": OPENED})


async def test_a_day_may_be_closed_without_any_movement(batch_engine: AsyncEngine) -> None:
    (closed,) = await roll_up(batch_engine, date(2026, 1, 1))
    assert (closed.lines, closed.postings, closed.entries) == (0, 0, 0)
