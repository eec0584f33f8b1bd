"""How often and how much, promises of an act, and how long records are kept: all of it data."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from ledger_core.store.postgres import system, transaction
from tests.tools.desk import desk_of, open_desk
from tests.tools.test_more_tools import pending_account
from tools import quotas, retention
from tools.contract import Confirm, Effect, Postcondition
from tools.outcomes import Done, Failed, NeedsConfirmation, Refused
from tools.registry import ALL_TOOLS, CUSTOMER_TOOLS, by_name
from tools.rules import PerDay, rules


@pytest.fixture
def with_rules(monkeypatch):
    """Other limits for one test."""

    def change(**customer):
        now = rules()
        other = now.model_copy(update={"customer": now.customer.model_copy(update=customer)})
        monkeypatch.setattr(quotas, "rules", lambda: other)

    return change


def code(outcome):
    assert isinstance(outcome, Refused), outcome
    return outcome.reasons[0].code, dict(outcome.reasons[0].facts)


async def pay(desk, cents):
    desk.say(amount_cents=cents)
    given = {"line_id": desk.book.line_id, "bank_account_id": desk.book.bank_account_id}
    proposed = await desk.call("make_payment", amount_cents=cents, **given)
    return await desk.confirm(proposed.proposal.id) if isinstance(proposed, NeedsConfirmation) else proposed


async def test_payments_of_a_day_are_counted_and_added_up_over_conversations(engine, clock, with_rules):
    with_rules(per_day={"make_payment": PerDay(count=3, amount_cents=10_000)})
    desk = await open_desk(engine, clock)
    assert isinstance(await pay(desk, 3_000), Done)
    other = desk_of(desk.book, clock, conversation_id="conv_two")
    await other.look_around()
    assert isinstance(await pay(other, 2_000), Done)
    assert code(await pay(other, 5_001)) == ("too_much_today", {"most_cents": 10_000, "left_cents": 5_000})
    assert isinstance(await pay(desk, 1_000), Done)
    assert code(await pay(desk, 100)) == ("too_many_today", {"most": 3})
    clock.advance(timedelta(hours=25))
    await desk.book.go_to(desk.book.at.on + timedelta(days=1))
    assert isinstance(await pay(desk, 100), Done)


async def test_a_limit_reached_in_the_meantime_stands_against_the_yes(engine, clock, with_rules):
    with_rules(per_day={"make_payment": PerDay(count=1, amount_cents=10_000)})
    desk = await open_desk(engine, clock)
    waiting = (await desk.propose_payment(2_000)).proposal.id
    other = desk_of(desk.book, clock, conversation_id="conv_two")
    await other.look_around()
    assert isinstance(await pay(other, 3_000), Done)
    assert code(await desk.confirm(waiting)) == ("too_many_today", {"most": 1})
    assert await desk.events("PaymentReceived") == 1


async def test_of_many_yeses_at_once_no_more_are_taken_than_the_limit(engine, clock, with_rules):
    with_rules(per_day={"remove_bank_account": PerDay(count=2)})
    desk = await open_desk(engine, clock)
    waiting = []
    for n in range(5):
        other = desk_of(desk.book, clock, conversation_id=f"conv_{n}")
        await pending_account(other, f"bank_{n}")
        asked = await other.call("remove_bank_account", bank_account_id=f"bank_{n}")
        waiting.append((other, asked.proposal.id, await other.token(asked.proposal.id)))
    came = await asyncio.gather(
        *(other.executor.confirm(other.caller, one, token) for other, one, token in waiting)
    )
    assert sum(isinstance(outcome, Done) for outcome in came) == 2
    assert [code(outcome)[0] for outcome in came if not isinstance(outcome, Done)] == ["too_many_today"] * 3


async def test_a_no_is_no_payment(engine, clock, with_rules):
    with_rules(per_day={"make_payment": PerDay(count=1, amount_cents=10_000)})
    desk = await open_desk(engine, clock)
    await desk.executor.decline(desk.caller, (await desk.propose_payment(2_000)).proposal.id)
    assert isinstance(await pay(desk, 2_000), Done)


async def test_offers_in_an_hour_are_limited_and_rights_are_not(engine, clock, with_rules):
    with_rules(proposals_per_hour=2)
    desk = await open_desk(engine, clock)
    for _ in range(2):
        await desk.propose_payment()
    assert code(await pay(desk, 5_000)) == ("too_many_proposals", {"most": 2})
    stop = await desk.call("close_line", line_id=desk.book.line_id)
    assert isinstance(stop, NeedsConfirmation)
    for name, given in (("record_right", {"right": "complaint"}), ("hand_off", {"reason": "human"})):
        assert isinstance(await desk.call(name, **given), Done)
    assert isinstance(await desk.call("lock_line", line_id=desk.book.line_id, reason="fraud"), Done)
    clock.advance(timedelta(minutes=61))
    assert isinstance(await pay(desk, 5_000), Done)


async def test_one_conversation_moves_money_so_many_times(engine, clock, with_rules):
    with_rules(money_acts_per_conversation=1)
    desk = await open_desk(engine, clock)
    assert isinstance(await pay(desk, 2_000), Done)
    assert code(await pay(desk, 2_000)) == ("too_many_in_conversation", {"most": 1})


async def test_another_customers_acts_do_not_count(engine, clock, with_rules):
    with_rules(per_day={"make_payment": PerDay(count=1, amount_cents=10_000)})
    desk = await open_desk(engine, clock)
    assert isinstance(await pay(desk, 2_000), Done)
    stranger = await open_desk(engine, clock, name="Sam Ortiz")
    assert isinstance(await pay(stranger, 2_000), Done)


def test_the_rules_name_tools_that_there_are():
    known = {tool.name: tool for tool in ALL_TOOLS}
    limits = rules().customer
    for name in (
        *limits.per_day,
        *limits.money_tools,
        *limits.never_limited,
        *rules().step_up.from_cents,
        *rules().powers,
    ):
        assert name in known, name
    assert not set(limits.never_limited) & {*limits.per_day, *limits.money_tools}
    for name, per_day in limits.per_day.items():
        assert (per_day.amount_cents is None) or name in limits.money_tools, name


async def test_an_act_whose_promise_does_not_hold_leaves_nothing(engine, clock):
    desk = await open_desk(engine, clock)

    async def never(ctx, args, done):
        return False

    broken = Postcondition("never_holds", never)
    for name in ("make_payment", "lock_line"):
        tool = desk.executor._tools[name]
        desk.executor._tools[name] = replace(tool, postconditions=(*tool.postconditions, broken))
    proposal_id = (await desk.propose_payment()).proposal.id
    before = (await desk.book.world()).line.version
    assert await desk.confirm(proposal_id) == Failed("postcondition_failed")
    locked = await desk.call("lock_line", line_id=desk.book.line_id, reason="fraud")
    assert locked == Failed("postcondition_failed")
    world = await desk.book.world()
    assert (world.line.version, world.state.locked, len(world.state.payments)) == (before, False, 1)
    assert not [row for row in await desk.receipts() if row.tool == "lock_line" and row.outcome == "done"]
    desk.executor._tools.update({tool.name: tool for tool in CUSTOMER_TOOLS})
    assert isinstance(await desk.confirm(proposal_id), Done), "the proposal is still open"


def test_every_act_on_the_books_promises_something():
    beside_the_books = {
        "record_right", "hand_off", "add_dispute_evidence", "request_limit_increase",
        "take_handoff", "close_handoff", "discharge_duty", "hold_duty", "add_note", "erase_note",
    }  # fmt: skip
    for tool in ALL_TOOLS:
        if tool.effect is Effect.ACT:
            assert bool(tool.postconditions) == (tool.name not in beside_the_books), tool.name
        else:
            assert tool.postconditions == (), tool.name


async def test_records_are_deleted_after_thirteen_months_and_codes_after_thirty_days(
    engine, batch_engine, clock
):
    desk = await open_desk(engine, clock)
    await desk.propose_payment()
    closing = await desk.call("close_line", line_id=desk.book.line_id)
    await desk.executor.new_code(desk.caller, closing.proposal.id)
    await desk.executor.decline(desk.caller, closing.proposal.id)
    assert await retention.purge(batch_engine, clock.now()) == 0
    clock.advance(timedelta(days=31))
    assert await retention.purge(batch_engine, clock.now()) == 1
    await desk.call("get_overview")
    clock.advance(timedelta(days=30 * 12 + 10))
    assert await retention.purge(batch_engine, clock.now()) >= 6
    assert [row.tool for row in await desk.receipts()] == ["get_overview"]
    async with transaction(engine, system("test")) as conn:
        assert await conn.scalar(text("SELECT count(*) FROM servicing.proposals")) == 0


async def test_a_large_purge_goes_batch_by_batch(engine, batch_engine, clock, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    desk = await open_desk(engine, clock)
    for _ in range(3):
        await desk.call("get_overview")
    clock.advance(timedelta(days=400))
    assert await retention.purge(batch_engine, clock.now()) == 5
    assert await desk.receipts() == []


async def test_only_the_batch_role_deletes(engine, clock):
    desk = await open_desk(engine, clock)
    with contextlib.suppress(Exception):
        await retention.purge(engine, clock.now() + timedelta(days=800))
    assert len(await desk.receipts()) == 2


async def test_what_needs_a_code_is_said_by_the_tool_or_by_the_amount(engine, clock):
    always = {tool.name for tool in CUSTOMER_TOOLS if tool.confirm is Confirm.STEP_UP}
    assert always == {"close_line", "add_bank_account", "change_contact"}
    desk = await open_desk(engine, clock, draw_cents=0, limit_cents=500_000)
    limit = rules().step_up.from_cents["request_draw"]
    desk.say(amounts_cents=[limit - 1, limit])
    bank = {"line_id": desk.book.line_id, "bank_account_id": desk.book.bank_account_id}
    for cents, asked in ((limit - 1, False), (limit, True)):
        proposed = await desk.call("request_draw", amount_cents=cents, **bank)
        assert proposed.proposal.needs_code == asked
    assert by_name("request_draw").button_only
