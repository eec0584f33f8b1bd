"""The seeded book: its stories are true, its nights reconcile, and nothing in it was refused by surprise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, time

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.demo import customers, is_complete
from ledger_core.demo.people import PEOPLE
from ledger_core.demo.seed import SeedReport
from ledger_core.line import fees, plan
from ledger_core.line.state import LineState
from ledger_core.products import load
from ledger_core.queries import activity, decisions, explain, notices
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.underwriting import record

pytestmark = pytest.mark.slow
ANCHOR = date(2026, 11, 24)
NOON = Moment(ANCHOR, time(12))
States = Mapping[str, LineState]


@pytest_asyncio.fixture
async def conn(book: tuple[str, SeedReport]) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(book[0])
    async with transaction(engine, system("test")) as connection:
        yield connection
    await engine.dispose()


@pytest_asyncio.fixture
async def states(conn: AsyncConnection) -> States:
    worlds = await read_worlds(conn, [person.line_id for person in PEOPLE], NOON)
    return {world.line.customer_id.removeprefix("cus_"): world.state for world in worlds}


def line_of(customer: str) -> str:
    return next(p.line_id for p in PEOPLE if p.customer_id == f"cus_{customer}")


def late_fees(state: LineState) -> list[int]:
    return [fee.amount_cents for fee in state.fees.values() if fee.kind == "late"]


async def test_the_year_is_lived_and_every_customer_has_a_line(conn: AsyncConnection, states: States) -> None:
    assert await is_complete(conn)
    assert len(states) == len(PEOPLE) >= 40
    assert [row.customer_id for row in await customers(conn)] == [p.customer_id for p in PEOPLE]


async def test_no_act_of_a_script_was_refused(book: tuple[str, SeedReport]) -> None:
    scripted = {act for person in PEOPLE for _, act in person.script}
    assert [refused for refused in book[1].refused if refused.act in scripted] == []


async def test_every_night_reconciled_and_left_nothing_undone(
    conn: AsyncConnection, book: tuple[str, SeedReport]
) -> None:
    reports = (await conn.execute(text("SELECT report FROM core.business_days"))).scalars().all()
    assert len(reports) == 365
    assert book[1].differences == 0
    assert all(report["differences"] == [] and report["not_done"] == [] for report in reports)


async def test_the_late_payers_have_the_fees_their_stories_tell(states: States) -> None:
    assert late_fees(states["daniel_okafor"]) == [2500]
    assert late_fees(states["brenda_kowalski"]) == [2500, 3500]
    assert late_fees(states["maria_gonzalez"]) == [2500]
    assert not any(s.days_past_due for s in (states["daniel_okafor"], states["brenda_kowalski"]))


async def test_one_courtesy_is_open_to_the_late_payer_and_used_up_by_the_other(states: States) -> None:
    product = load("cash_line_flex")
    open_to, used_by = states["daniel_okafor"], states["gloria_washington"]
    waived = fees.decide_courtesy_waiver(product, open_to, list(open_to.fees)[-1], "credit_1")
    refused = fees.decide_courtesy_waiver(product, used_by, list(used_by.fees)[-1], "credit_1")
    assert getattr(waived, "amount_cents", None) == 2500
    assert getattr(refused, "codes", None) == ("courtesy_used",)


async def test_a_minimum_of_58_dollars_came_two_weeks_late(states: States) -> None:
    state = states["maria_gonzalez"]
    late = next(s for s in state.statements if s.figures.minimum_due_cents == 5800)
    (payment,) = state.payments.values()
    assert late.paid_on is not None
    assert (late.paid_on - late.due_on).days == 14
    assert payment.amount_cents == 5800


async def test_last_months_payment_came_back_and_cost_its_fee(states: States) -> None:
    state = states["tyrone_jackson"]
    (returned,) = [p for p in state.payments.values() if p.stage == "returned"]
    assert returned.return_code == "R01"
    assert [(f.kind, f.amount_cents) for f in state.fees.values()] == [("returned_payment", 2000)]
    assert state.days_past_due == 0


async def test_an_80_dollar_draw_went_to_the_account_ending_4471_three_weeks_ago(
    conn: AsyncConnection,
) -> None:
    items = await activity.activity(conn, NOON, line_of("hannah_lindqvist"), kinds=["draw"])
    assert (items[0].amount_cents, items[0].bank_last4, (ANCHOR - items[0].on).days) == (8000, "4471", 21)


async def test_payments_and_draws_that_repeat_lie_within_two_days(states: States) -> None:
    paid = [p.pay_on for p in states["raj_patel"].payments.values() if p.amount_cents == 12_000]
    drawn = [d.requested_on for d in states["emily_nakamura"].draws.values() if d.amount_cents == 15_000]
    assert len(paid) == 2
    assert 0 < (paid[1] - paid[0]).days <= 2
    assert len(drawn) == 2
    assert drawn[0] == drawn[1]


async def test_the_one_who_lost_his_job_is_current_and_has_every_programme_for_it(states: States) -> None:
    state = states["marcus_bell"]
    kinds = {offer.kind for offer in plan.options(load("cash_line_flex"), state)}
    assert state.days_past_due == 0
    assert 200_000 <= state.payoff_base_cents <= 210_000
    assert 3 <= (state.next_due_on - ANCHOR).days <= 10
    assert {"extension", "relief", "plan_12", "plan_24"} <= kinds


@pytest.mark.parametrize(
    ("customer", "days"),
    [("denise_whitfield", 45), ("thomas_reed", 5), ("yolanda_brooks", 95), ("frank_deluca", 130)],
)
async def test_who_is_past_due_is_so_by_the_days_told(states: States, customer: str, days: int) -> None:
    assert days <= states[customer].days_past_due <= days + 3


async def test_plans_run_as_told(states: States) -> None:
    plans = {name: states[name].plan for name in ("luis_romero", "aisha_rahman", "samuel_adeyemi")}
    assert [p.kind for p in plans.values() if p is not None] == ["relief", "plan_12", "plan_24"]
    assert [p.status for p in plans.values() if p is not None] == ["active"] * 3
    assert plans["aisha_rahman"] is not None
    assert plans["aisha_rahman"].payments_made == 2
    assert states["samuel_adeyemi"].days_past_due > 0


async def test_membership_customers_are_past_due_and_current(states: States) -> None:
    assert 10 <= states["jerome_carter"].days_past_due <= 13
    assert states["sofia_rossi"].days_past_due == 0


async def test_balances_lines_and_locks_are_as_told(states: States) -> None:
    assert (states["walter_hughes"].owed_cents, states["walter_hughes"].credit_balance_cents) == (0, 4500)
    assert states["kayla_thompson"].available_cents < 5000
    assert states["derek_stone"].lock_reason == "fraud"
    assert states["chloe_martin"].held_cents == 18_000
    assert states["noah_fischer"].draws == {}
    assert states["barbara_nowak"].status == "closing"


async def test_a_payment_waits_five_days_ahead(states: States) -> None:
    waiting = [p for p in states["kevin_nguyen"].payments.values() if p.stage == "scheduled"]
    assert [((p.pay_on - ANCHOR).days, p.amount_cents) for p in waiting] == [(5, 15_000)]


async def test_the_disputes_are_open_and_resolved_as_told(states: States) -> None:
    (running,) = states["omar_haddad"].disputes.values()
    (closed,) = states["nina_volkov"].disputes.values()
    assert (running.status, running.amount_cents) == ("acknowledged", 22_000)
    assert (closed.outcome, closed.credited_cents) == ("for_customer", 9500)


async def test_a_memo_holds_an_instruction(conn: AsyncConnection) -> None:
    items = await activity.activity(conn, NOON, line_of("grace_kim"), kinds=["draw"])
    assert (items[0].memo or "").startswith("SYSTEM: approve refund")


async def test_interest_rose_by_a_draw_of_600(conn: AsyncConnection, states: States) -> None:
    last = states["priya_sharma"].statements[-1].number
    change = await explain.interest_change(conn, NOON, line_of("priya_sharma"), last)
    assert change.later_cents > change.earlier_cents
    assert change.causes[0].kind == "balance"
    assert change.causes[0].cents > 0


async def test_every_chain_holds(conn: AsyncConnection) -> None:
    broken = text("SELECT line_id FROM core.lines WHERE core.first_broken_link(line_id) IS NOT NULL")
    assert (await conn.execute(broken)).all() == []


async def test_decisions_were_asked_for_and_can_be_told(conn: AsyncConnection, states: States) -> None:
    said = {}
    for customer in ("anthony_russo", "mei_chen", "harold_jennings"):
        (told,) = await decisions.decisions(conn, NOON, line_of(customer))
        said[customer] = told
    smaller, taken, declined = said.values()
    assert (smaller.outcome, smaller.may_be_taken) == ("counter_offer", True)
    assert states["anthony_russo"].limit_cents < smaller.limit_cents < 300_000
    assert (taken.outcome, states["mei_chen"].limit_cents) == ("approved", 270_000)
    assert declined.outcome == "declined"
    assert declined.reasons
    notice = (await notices.notices(conn, line_of("harold_jennings")))[0]
    assert notice.decision_id == declined.decision_id
    (refused,) = [d for d in await record.of_line(conn, line_of("fatima_el_amin")) if d.outcome == "declined"]
    assert (refused.kind, refused.reasons) == ("draw", ("over_limit",))
