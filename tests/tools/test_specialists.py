"""What human colleagues do: within their limits alone, above them by two, and never on their own behalf."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.store.postgres import customer, specialist, system, transaction
from tests.fixtures.books import open_book
from tests.tools.desk import open_desk
from tests.tools.test_catalogue import agree
from tools import staff
from tools.context import Caller
from tools.outcomes import Done, Failed, Fixable, NeedsConfirmation, Refused
from tools.provenance import ledger_from
from tools.registry import SPECIALIST_TOOLS
from tools.rules import Reach, rules

GRADES = {"spec_ana": "specialist", "spec_bo": "specialist", "spec_ben": "senior", "spec_cora": "supervisor"}
_numbers = count()


@pytest.fixture
async def desk(engine, batch_engine, clock):
    async with transaction(batch_engine, system("seed")) as conn:
        for actor_id, grade in GRADES.items():
            await staff.put(conn, actor_id, grade)
    return await open_desk(engine, clock)


def caller(desk, who="spec_ana"):
    return Caller(specialist(who), "desk_one", "turn_one", customer_id=desk.book.customer_id)


async def act(desk, name, who="spec_ana", key=None, **arguments):
    """A colleague's call, everything entered by hand."""
    number = next(_numbers)
    return await desk.executor.call(
        caller(desk, who),
        name,
        arguments,
        call_id=f"call_{number}",
        key=key or f"key_{number}",
        provenance=ledger_from(colleague=[arguments]),
    )


async def credit(desk, cents, who="spec_ana", **more):
    return await act(
        desk, "grant_goodwill_credit", who, line_id=desk.book.line_id, amount_cents=cents, **more
    )


def codes(outcome):
    assert isinstance(outcome, Refused), outcome
    return [reason.code for reason in outcome.reasons]


async def fee_of(desk):
    missed = (await desk.book.state()).last_statement
    await desk.book.act(charge_fee, kind="late", amount_cents=2_500, about=missed.statement_id)
    return list((await desk.book.state()).fees)[-1]


async def test_a_small_credit_is_given_alone_and_once_under_its_key(desk):
    first = await credit(desk, 5_000, key="one")
    again = await credit(desk, 5_000, key="one")
    assert isinstance(first, Done)
    assert again.result == first.result
    assert await desk.events("CreditGranted") == 1
    [receipt] = [row for row in await desk.receipts() if row.tool == "grant_goodwill_credit"]
    assert (receipt.actor_id, receipt.effect, receipt.outcome) == ("spec_ana", "act", "done")


async def test_a_larger_credit_waits_for_a_second_person_who_is_never_the_first(desk):
    asked = await credit(desk, 20_000, key="large")
    assert isinstance(asked, NeedsConfirmation)
    assert asked.proposal.summary == "Credit $200.00 out of goodwill"
    assert (await credit(desk, 20_000, key="large")).proposal.id == asked.proposal.id
    assert codes(await desk.executor.approve(caller(desk), asked.proposal.id)) == ["four_eyes"]
    assert await desk.events("CreditGranted") == 0
    done = await desk.executor.approve(caller(desk, "spec_bo"), asked.proposal.id)
    assert (done.result["amount_cents"], done.result["reason"]) == (20_000, "goodwill")
    again = await desk.executor.approve(caller(desk, "spec_ben"), asked.proposal.id)
    assert again.result == done.result
    assert await desk.events("CreditGranted") == 1


async def test_of_many_credits_at_once_only_what_the_day_allows_is_given_alone(
    desk, engine, clock, monkeypatch
):
    now = rules()
    reach = now.grades["specialist"] | {
        "credit": Reach(alone_cents=100, day_cents=200, approves_cents=25_000)
    }
    other = now.model_copy(update={"grades": now.grades | {"specialist": reach}})
    monkeypatch.setattr(staff, "rules", lambda: other)
    desks = [desk, *[await open_desk(engine, clock, draw_cents=0) for _ in range(3)]]
    came = await asyncio.gather(*(credit(one, 100) for one in desks))
    assert sum(isinstance(outcome, Done) for outcome in came) == 2
    assert sum(isinstance(outcome, NeedsConfirmation) for outcome in came) == 2


async def test_the_database_itself_refuses_the_first_person_as_the_second(desk, engine):
    asked = await credit(desk, 20_000)
    own = (
        "UPDATE servicing.approvals SET status = 'rejected', decided_by = requested_by, decided_at = now()"
        " WHERE approval_id = :id"
    )
    with pytest.raises(IntegrityError, match="approvals_four_eyes"):
        async with transaction(engine, specialist("spec_ana")) as conn:
            await conn.execute(text(own), {"id": asked.proposal.id})


async def test_above_two_specialists_only_a_supervisor_approves_and_above_that_nobody(desk):
    asked = await credit(desk, 30_000)
    for who in ("spec_bo", "spec_ben"):
        assert codes(await desk.executor.approve(caller(desk, who), asked.proposal.id)) == ["beyond_grade"]
    assert isinstance(await desk.executor.approve(caller(desk, "spec_cora"), asked.proposal.id), Done)
    most = rules().grades["supervisor"]["credit"].approves_cents
    assert codes(await credit(desk, most + 1)) in (["beyond_everyone"], ["more_than_line"])


async def test_small_credits_of_a_day_add_up_to_the_days_limit(desk, clock):
    for _ in range(5):
        assert isinstance(await credit(desk, 5_000), Done)
    assert isinstance(await credit(desk, 100), NeedsConfirmation)
    assert isinstance(await credit(desk, 100, "spec_bo"), Done), "each has a day of their own"
    clock.advance(timedelta(hours=25))
    assert isinstance(await credit(desk, 100), Done)


async def test_who_is_no_colleague_or_no_longer_one_can_do_nothing(desk, batch_engine):
    asked = await credit(desk, 20_000)
    assert codes(await credit(desk, 100, "spec_nobody")) == ["not_staff"]
    assert codes(await desk.executor.approve(caller(desk, "spec_nobody"), asked.proposal.id)) == ["not_staff"]
    async with transaction(batch_engine, system("seed")) as conn:
        await conn.execute(text("UPDATE servicing.staff SET active = false WHERE actor_id = 'spec_bo'"))
    assert codes(await act(desk, "add_note", "spec_bo", body="still here")) == ["not_staff"]
    assert codes(await desk.executor.approve(caller(desk, "spec_bo"), asked.proposal.id)) == ["not_staff"]


async def test_a_customer_knows_none_of_these_tools_and_approves_nothing(desk):
    for tool in SPECIALIST_TOOLS:
        outcome = await desk.call(tool.name, {"line_id": desk.book.line_id})
        assert outcome == Fixable("There is no tool of that name.")
    asked = await credit(desk, 20_000)
    assert await desk.executor.approve(desk.caller, asked.proposal.id) == Failed("not_found")
    assert await desk.executor.confirm(desk.caller, asked.proposal.id, "token") == Failed("not_found")
    async with transaction(desk.book.engine, customer(desk.book.customer_id)) as conn:
        assert await conn.scalar(text("SELECT count(*) FROM servicing.approvals")) == 0
        assert await conn.scalar(text("SELECT count(*) FROM servicing.staff")) == 0


async def test_an_amount_that_a_model_supplies_is_not_entered_by_hand(desk):
    arguments = {"line_id": desk.book.line_id, "amount_cents": 4_000}
    outcome = await desk.executor.call(
        caller(desk),
        "grant_goodwill_credit",
        arguments,
        call_id="call_model",
        key="model",
        provenance=ledger_from(records=[{"line_id": desk.book.line_id, "amount_cents": 4_000}]),
    )
    assert isinstance(outcome, Fixable)
    assert outcome.field == "amount_cents"


async def test_a_request_lapses_and_can_be_taken_back_by_who_made_it(desk, clock):
    asked = await credit(desk, 20_000)
    taken_back = await desk.executor.reject(caller(desk), asked.proposal.id)
    assert isinstance(taken_back, Done)
    assert await desk.executor.approve(caller(desk, "spec_bo"), asked.proposal.id) == Failed("approval_void")
    other = await credit(desk, 20_000)
    assert isinstance(await desk.executor.reject(caller(desk, "spec_bo"), other.proposal.id), Done)
    assert await desk.executor.approve(caller(desk, "spec_ben"), other.proposal.id) == Failed(
        "already_decided"
    )
    third = await credit(desk, 20_000)
    clock.advance(timedelta(days=rules().approval_days))
    assert await desk.executor.approve(caller(desk, "spec_bo"), third.proposal.id) == Failed(
        "approval_expired"
    )
    assert await desk.events("CreditGranted") == 0


async def test_terms_that_changed_wait_anew_under_the_first_persons_name(engine, desk, clock):
    large = await open_desk(engine, clock, draw_cents=400_000, limit_cents=500_000)
    asked = await act(large, "enroll_plan_for", line_id=large.book.line_id, kind="plan_24")
    await large.book.pay(20_000)
    anew = await desk.executor.approve(caller(large, "spec_ben"), asked.proposal.id)
    assert isinstance(anew, NeedsConfirmation)
    assert anew.replaces == asked.proposal.id
    assert anew.proposal.terms["balance_cents"] == asked.proposal.terms["balance_cents"] - 20_000
    assert await desk.executor.approve(caller(large, "spec_ben"), asked.proposal.id) == Failed(
        "approval_void"
    )
    assert codes(await desk.executor.approve(caller(large), anew.proposal.id)) == ["four_eyes"]
    done = await desk.executor.approve(caller(large, "spec_ben"), anew.proposal.id)
    assert done.result["kind"] == "plan_24"


async def test_a_dispute_found_for_the_customer_is_corrected(desk):
    fee_id = await fee_of(desk)
    dispute = await desk.book.act(open_dispute, kind="other", about=fee_id)
    given = {"line_id": desk.book.line_id, "dispute_id": dispute.dispute_id, "found_cents": 2_500}
    done = await act(desk, "resolve_dispute", **given)
    assert done.result["outcome"] == "for_customer"
    assert (await desk.book.state()).disputes[dispute.dispute_id].credited_cents == 2_500


async def test_a_dispute_is_found_against_only_with_an_explanation_that_stays_beside_the_books(desk, engine):
    fee_id = await fee_of(desk)
    dispute = await desk.book.act(open_dispute, kind="other", about=fee_id)
    given = {"line_id": desk.book.line_id, "dispute_id": dispute.dispute_id, "found_cents": 0}
    assert codes(await act(desk, "resolve_dispute", **given)) == ["explanation_needed"]
    words = "The payment came in eleven days late."
    done = await act(desk, "resolve_dispute", explanation=words, **given)
    assert (done.result["outcome"], done.result["owed_again_cents"]) == ("against_customer", 2_500)
    async with transaction(engine, system("test")) as conn:
        assert await conn.scalar(text("SELECT body FROM core.narratives WHERE kind = 'resolution'")) == words
        books = await conn.scalar(text("SELECT string_agg(payload::text, '') FROM core.events"))
    assert "eleven" not in books


async def test_a_large_dispute_found_for_the_customer_takes_two(desk):
    draw_id = next(iter((await desk.book.state()).draws))
    dispute = await desk.book.act(open_dispute, kind="unauthorized", about=draw_id)
    given = {"line_id": desk.book.line_id, "dispute_id": dispute.dispute_id, "found_cents": 150_000}
    asked = await act(desk, "resolve_dispute", **given)
    assert isinstance(asked, NeedsConfirmation)
    assert asked.proposal.terms["credited_cents"] == 150_000
    assert codes(await desk.executor.approve(caller(desk, "spec_bo"), asked.proposal.id)) == ["beyond_grade"]
    assert isinstance(await desk.executor.approve(caller(desk, "spec_ben"), asked.proposal.id), Done)
    assert (await desk.book.state()).principal_cents == 0


async def test_a_fee_goes_beyond_the_courtesy_or_back_to_the_day_it_was_charged(desk):
    fee_id = await fee_of(desk)
    line = {"line_id": desk.book.line_id, "fee_id": fee_id}
    taken = await act(desk, "waive_fee_beyond", **line)
    assert (taken.result["amount_cents"], taken.result["reason"]) == (2_500, "courtesy")
    assert codes(await act(desk, "take_fee_back", **line)) == ["already_waived"]


async def test_a_second_courtesy_is_a_specialists(desk, clock):
    first = await fee_of(desk)
    await desk.look_around()
    await desk.call("list_activity", line_id=desk.book.line_id, kinds=["fee"])
    await agree(desk, "waive_fee", fee_id=first)
    before = desk.book.at.on
    await desk.book.close_cycle()
    clock.advance(desk.book.at.on - before)
    second = await fee_of(desk)
    taken = await act(desk, "waive_fee_beyond", line_id=desk.book.line_id, fee_id=second)
    assert taken.result["fee_id"] == second


async def test_a_line_is_unlocked_only_when_no_report_of_fraud_is_open(desk):
    secured = await desk.call("secure_account", kind="fraud")
    line = {"line_id": desk.book.line_id}
    assert codes(await act(desk, "unlock_line", **line)) == ["identity_check_open"]
    duty_id = secured.result["right"]["duty_id"]
    ended = await act(desk, "discharge_duty", duty_id=duty_id, outcome="confirmed_by_customer")
    assert ended.result["right"] == "fraud_report"
    assert codes(await act(desk, "discharge_duty", duty_id=duty_id, outcome="again")) == ["duty_discharged"]
    assert isinstance(await act(desk, "unlock_line", **line), Done)
    assert not (await desk.book.state()).locked


async def test_a_duty_is_held_but_never_past_its_day_and_stays_on_the_list(desk):
    duty_id = (await desk.call("record_right", right="complaint")).result["duty_id"]
    held = await act(desk, "hold_duty", duty_id=duty_id, until_on="2026-03-20", reason="waits_for_papers")
    assert held.result["due_on"] == "2026-03-31"
    late = await act(desk, "hold_duty", duty_id=duty_id, until_on="2026-04-01", reason="waits_for_papers")
    assert codes(late) == ["hold_past_due"]
    listed = (await act(desk, "list_duties")).result["duties"]
    assert [(duty["duty_id"], duty["held_reason"]) for duty in listed] == [(duty_id, "waits_for_papers")]


async def test_a_waiting_conversation_is_taken_by_one_colleague_and_closed_by_them(desk):
    handoff_id = (await desk.call("hand_off", reason="human")).result["handoff_id"]
    queue = (await act(desk, "list_queue")).result
    assert [item["handoff_id"] for item in queue["handoffs"]] == [handoff_id]
    assert isinstance(await act(desk, "take_handoff", handoff_id=handoff_id), Done)
    assert codes(await act(desk, "take_handoff", "spec_bo", handoff_id=handoff_id)) == ["taken_by_another"]
    given = {"handoff_id": handoff_id, "outcome": "answered"}
    assert codes(await act(desk, "close_handoff", "spec_bo", **given)) == ["taken_by_another"]
    assert isinstance(await act(desk, "close_handoff", **given), Done)
    assert codes(await act(desk, "take_handoff", handoff_id=handoff_id)) == ["handoff_closed"]
    assert (await act(desk, "list_queue", queue="general")).result["handoffs"] == []


async def test_notes_are_for_colleagues_and_their_words_can_be_erased(desk, engine):
    noted = await act(desk, "add_note", body="Called back; wants the plan in writing.")
    [note] = (await act(desk, "list_notes")).result["notes"]
    assert note["body"].startswith("Called back")
    async with transaction(engine, customer(desk.book.customer_id)) as conn:
        assert await conn.scalar(text("SELECT count(*) FROM servicing.notes")) == 0
    note_id = noted.result["note_id"]
    assert isinstance(await act(desk, "erase_note", note_id=note_id), Done)
    assert codes(await act(desk, "erase_note", note_id=note_id)) == ["not_found"]
    assert (await act(desk, "list_notes")).result["notes"] == []


async def test_what_is_another_customers_is_not_found_while_serving_this_one(desk):
    handoff_id = (await desk.call("hand_off", reason="human")).result["handoff_id"]
    duty_id = (await desk.call("record_right", right="complaint")).result["duty_id"]
    note_id = (await act(desk, "add_note", body="x")).result["note_id"]
    other = await open_book(desk.book.engine, name="Sam Ortiz")
    elsewhere = replace(desk, book=other)
    for name, given in {
        "take_handoff": {"handoff_id": handoff_id},
        "discharge_duty": {"duty_id": duty_id, "outcome": "done"},
        "erase_note": {"note_id": note_id},
        "unlock_line": {"line_id": desk.book.line_id},
        "grant_goodwill_credit": {"line_id": desk.book.line_id, "amount_cents": 100},
    }.items():
        assert codes(await act(elsewhere, name, **given)) == ["not_found"], name


async def test_news_of_the_holder_is_placed_with_what_it_stops(desk):
    placed = await act(
        desk, "place_overlay", line_id=desk.book.line_id, kind="bankruptcy", since_on="2026-03-10", chapter=7
    )
    assert placed.result["kind"] == "bankruptcy"
    assert (await desk.book.state()).overlay("bankruptcy") is not None


def test_what_an_act_is_worth_is_known_for_every_tool_that_two_may_do():
    needing = {tool.name for tool in SPECIALIST_TOOLS if tool.confirm.value == "second_person"}
    assert set(rules().powers) == needing
    for grade, powers in rules().grades.items():
        assert set(powers) == {row.power for row in rules().powers.values()}, grade
