"""Exact terms and the customer's yes: once, for these terms, within half an hour, by their own hand."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from ledger_core.store.postgres import customer, system, transaction
from tests.tools.desk import desk_of, open_desk
from tools.contract import Confirm
from tools.outcomes import Done, Failed, NeedsConfirmation, Refused
from tools.proposals import expire_proposals
from tools.registry import CUSTOMER_TOOLS, by_name


async def status_of(desk, proposal_id):
    query = text("SELECT status FROM servicing.proposals WHERE proposal_id = :id")
    async with transaction(desk.book.engine, system("test")) as conn:
        return await conn.scalar(query, {"id": proposal_id})


async def test_a_proposal_freezes_the_terms_in_figures_and_in_words_and_nothing_moves(engine, clock):
    desk = await open_desk(engine, clock)
    proposed = await desk.propose_payment(12_345)
    proposal = proposed.proposal
    assert proposal.summary == "Pay $123.45 on March 16, 2026 from your account ending in 4471"
    assert proposal.terms["amount_cents"] == 12_345
    assert proposal.terms["pay_on"] == "2026-03-16"
    assert ("Settles by", "March 18, 2026") in [(row.label, row.value) for row in proposal.rows]
    assert proposal.expires_at == clock.now() + timedelta(minutes=30)
    assert "confirmation_token" not in proposed.to_json()["proposal"]
    assert await desk.events("PaymentScheduled") == 0


async def test_a_proposal_in_spanish_is_worded_in_spanish(engine, clock):
    desk = await open_desk(engine, clock)
    desk.language = "es"
    proposed = await desk.propose_payment()
    assert proposed.proposal.summary == "Pagar $50.00 el 16 de marzo de 2026 desde su cuenta terminada en 4471"


async def test_the_token_confirms_once_and_a_repeat_gets_the_first_answer(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    first = await desk.executor.confirm(desk.caller, proposal_id, token)
    again = await desk.executor.confirm(desk.caller, proposal_id, token)
    late = await desk.executor.confirm(desk.caller, proposal_id, None)
    assert isinstance(first, Done)
    assert first.result["amount_cents"] == 5_000
    assert again.result == late.result == first.result
    assert await desk.events("PaymentScheduled") == 1
    assert first.receipt.effect == "act"
    assert await status_of(desk, proposal_id) == "confirmed"


async def test_a_double_click_acts_once_and_both_get_the_same_answer(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    answers = await asyncio.gather(
        *(desk.executor.confirm(desk.caller, proposal_id, token) for _ in range(5))
    )
    assert {answer.kind for answer in answers} == {"done"}
    assert len({answer.result["payment_id"] for answer in answers}) == 1
    assert await desk.events("PaymentScheduled") == 1


async def test_a_wrong_or_older_token_does_not_confirm(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    older = await desk.token(proposal_id)
    newer = await desk.token(proposal_id)
    for wrong in (None, "", "guess", "\ud800", older):
        answer = await desk.executor.confirm(desk.caller, proposal_id, wrong)
        assert answer == Failed("confirmation_invalid")
    assert isinstance(await desk.executor.confirm(desk.caller, proposal_id, newer), Done)


async def test_only_a_hash_of_the_token_is_stored(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    async with transaction(desk.book.engine, system("test")) as conn:
        row = (await conn.execute(text("SELECT * FROM servicing.proposals"))).one()
    assert token not in str(row)
    assert len(row.token_hash) == 32


async def test_a_typed_yes_confirms_a_payment_but_not_a_draw(engine, clock):
    desk = await open_desk(engine, clock)
    payment = (await desk.propose_payment()).proposal.id
    assert isinstance(await desk.executor.confirm(desk.caller, payment, None, typed_yes=True), Done)
    draw = await desk.call(
        "request_draw",
        line_id=desk.book.line_id,
        amount_cents=5_000,
        bank_account_id=desk.book.bank_account_id,
    )
    assert isinstance(draw, NeedsConfirmation)
    typed = await desk.executor.confirm(desk.caller, draw.proposal.id, None, typed_yes=True)
    assert typed == Failed("confirmation_invalid")
    assert await desk.events("DrawRequested") == 0
    assert isinstance(await desk.confirm(draw.proposal.id), Done)


async def test_after_half_an_hour_of_the_wall_clock_a_proposal_is_over(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    clock.advance(timedelta(minutes=30))
    assert await desk.executor.confirm(desk.caller, proposal_id, token) == Failed("proposal_expired")
    assert await desk.executor.confirm(desk.caller, proposal_id, token) == Failed("proposal_expired")
    assert (await desk.executor.proposal(desk.caller, proposal_id)).confirmation_token is None
    assert await desk.events("PaymentScheduled") == 0


async def test_expired_proposals_are_closed_by_the_platform(engine, clock, batch_engine):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    clock.advance(timedelta(minutes=31))
    async with transaction(batch_engine, system("expiries")) as conn:
        assert await expire_proposals(conn, clock.now()) == 1
        assert await expire_proposals(conn, clock.now()) == 0
    assert await status_of(desk, proposal_id) == "expired"


async def test_a_new_proposal_supersedes_the_open_one_of_the_conversation(engine, clock):
    desk = await open_desk(engine, clock)
    first = await desk.propose_payment(5_000)
    token = await desk.token(first.proposal.id)
    second = await desk.propose_payment(7_000)
    assert second.replaces == first.proposal.id
    assert await desk.executor.confirm(desk.caller, first.proposal.id, token) == Failed("proposal_void")
    other = desk_of(desk.book, clock, conversation_id="conv_two")
    await other.look_around()
    await other.propose_payment(9_000)
    assert await status_of(desk, second.proposal.id) == "open", "another conversation leaves it alone"


async def test_changed_terms_void_the_proposal_and_the_new_terms_are_shown(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    clock.advance(timedelta(minutes=29))
    async with transaction(desk.book.engine, system("test")) as conn:
        await conn.execute(text("UPDATE core.bank_accounts SET last4 = '9021'"))
    answer = await desk.executor.confirm(desk.caller, proposal_id, token)
    assert isinstance(answer, NeedsConfirmation)
    assert answer.replaces == proposal_id
    assert answer.proposal.terms["bank_last4"] == "9021"
    assert await desk.events("PaymentScheduled") == 0
    assert await status_of(desk, proposal_id) == "void"
    assert await desk.executor.confirm(desk.caller, proposal_id, token) == Failed("proposal_void")
    assert isinstance(await desk.confirm(answer.proposal.id), Done)


async def test_a_day_that_has_passed_is_shown_anew(engine, clock):
    desk = await open_desk(engine, clock)
    clock.advance(timedelta(hours=12, minutes=50))
    proposal_id = (await desk.propose_payment()).proposal.id
    before = (await desk.executor.proposal(desk.caller, proposal_id)).terms["pay_on"]
    clock.advance(timedelta(minutes=20))
    answer = await desk.confirm(proposal_id)
    assert isinstance(answer, NeedsConfirmation | Done)
    assert date.fromisoformat(before) >= date(2026, 3, 17), "after the cut-off it is the next business day's"


async def test_unrelated_events_on_the_line_do_not_void_a_proposal(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    await desk.call("lock_line", line_id=desk.book.line_id, reason="customer")
    await desk.book.pay(3_000)
    assert isinstance(await desk.executor.confirm(desk.caller, proposal_id, token), Done)


async def test_terms_that_are_no_longer_possible_are_refused_and_void(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amount_cents=20_000)
    draw = await desk.call(
        "request_draw",
        line_id=desk.book.line_id,
        amount_cents=20_000,
        bank_account_id=desk.book.bank_account_id,
    )
    token = await desk.token(draw.proposal.id)
    await desk.call("lock_line", line_id=desk.book.line_id, reason="fraud")
    answer = await desk.executor.confirm(desk.caller, draw.proposal.id, token)
    assert isinstance(answer, Refused)
    assert answer.reasons[0].code == "line_locked"
    assert await status_of(desk, draw.proposal.id) == "void"


async def test_a_no_drops_the_proposal_for_good(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    token = await desk.token(proposal_id)
    first = await desk.executor.decline(desk.caller, proposal_id)
    assert first.result == {"declined": True, "proposal_id": proposal_id, "kind": "make_payment"}
    assert (await desk.executor.decline(desk.caller, proposal_id)).result == first.result
    assert await desk.executor.confirm(desk.caller, proposal_id, token) == Failed("already_decided")
    assert await desk.events("PaymentScheduled") == 0


async def test_a_no_after_the_yes_changes_nothing(engine, clock):
    desk = await open_desk(engine, clock)
    proposal_id = (await desk.propose_payment()).proposal.id
    await desk.confirm(proposal_id)
    assert await desk.executor.decline(desk.caller, proposal_id) == Failed("already_decided")
    assert await desk.events("PaymentCancelled") == 0


async def test_a_proposal_that_never_was_is_not_found(engine, clock):
    desk = await open_desk(engine, clock)
    for unknown in ("prop_none", "", "'; --", "\x00", "prop_\ud800"):
        assert await desk.executor.confirm(desk.caller, unknown, "token") == Failed("not_found")
        assert await desk.executor.decline(desk.caller, unknown) == Failed("not_found")
        assert await desk.executor.proposal(desk.caller, unknown) is None
        assert await desk.executor.tool_of(desk.caller, unknown) == ""


async def test_row_level_security_hides_proposals_even_from_plain_sql(engine, clock):
    desk = await open_desk(engine, clock)
    await desk.propose_payment()
    async with transaction(engine, customer("cus_somebody_else")) as conn:
        assert await conn.scalar(text("SELECT count(*) FROM servicing.proposals")) == 0
        assert await conn.scalar(text("SELECT count(*) FROM servicing.tool_calls")) == 0


@pytest.mark.parametrize("name", [tool.name for tool in CUSTOMER_TOOLS if tool.effect == "act"])
def test_whatever_moves_money_or_terms_asks_for_a_yes(name):
    free = {
        "lock_line", "secure_account", "record_right", "hand_off", "request_limit_increase", "add_dispute_evidence",
    }  # fmt: skip
    by_button = {"request_draw", "request_refund", "close_line", "add_bank_account", "change_contact"}
    tool = by_name(name)
    assert (tool.confirm is Confirm.NONE) == (name in free)
    assert tool.takes_typed_yes == (name not in free | by_button)
