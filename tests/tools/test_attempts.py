"""Races: the whole transaction starts again, a bounded number of times, and each wish is done once."""

import asyncio

from ledger_core.errors import BooksRefused, LineNotFound, OverLimit, VersionConflict
from ledger_core.store.postgres import system
from tests.tools.desk import desk_of, open_desk
from tools.attempts import ATTEMPTS_MAX, in_transaction
from tools.outcomes import Done, Failed, Refused


async def attempts(engine, *problems):
    """What it comes to when the work raises these one after another, and how often it was tried."""
    waiting = list(problems)
    tried = 0

    async def work(conn):
        nonlocal tried
        tried += 1
        if waiting:
            raise waiting.pop(0)
        return Done({})

    return await in_transaction(engine, system("test"), work), tried


async def test_a_version_conflict_starts_the_transaction_again(engine):
    assert await attempts(engine, VersionConflict("line_1"), VersionConflict("line_1")) == (Done({}), 3)


async def test_retries_are_bounded_and_end_in_a_failure_that_changed_nothing(engine):
    conflicts = [VersionConflict("line_1")] * 20
    assert await attempts(engine, *conflicts) == (Failed("busy"), ATTEMPTS_MAX)


async def test_what_the_books_refuse_is_told_and_not_tried_again(engine):
    outcome, tried = await attempts(engine, LineNotFound("line_1"))
    assert (outcome.to_json()["reasons"][0]["code"], tried) == ("not_found", 1)
    outcome, tried = await attempts(engine, OverLimit("line_1"))
    assert isinstance(outcome, Refused)
    assert await attempts(engine, BooksRefused("unbalanced")) == (Failed("books_refused"), 1)
    assert await attempts(engine, AssertionError("cannot be")) == (Failed("invariant"), 1)


async def test_two_conversations_that_pay_at_once_both_pay(engine, clock):
    one = await open_desk(engine, clock)
    two = desk_of(one.book, clock, conversation_id="conv_two")
    await two.look_around()
    proposals = [(await desk.propose_payment(5_000)).proposal.id for desk in (one, two)]
    tokens = [await one.token(proposal_id) for proposal_id in proposals]
    answers = await asyncio.gather(
        *(one.executor.confirm(one.caller, *pair) for pair in zip(proposals, tokens, strict=True))
    )
    assert [answer.kind for answer in answers] == ["done", "done"]
    assert await one.events("PaymentScheduled") == 2


async def test_two_proposals_at_once_leave_one_open_in_the_conversation(engine, clock):
    desk = await open_desk(engine, clock)
    proposed = await asyncio.gather(*(desk.propose_payment(cents) for cents in (5_000, 6_000, 7_000)))
    shown = [await desk.executor.proposal(desk.caller, one.proposal.id) for one in proposed]
    assert sorted(proposal.status for proposal in shown) == ["open", "superseded", "superseded"]


async def test_a_yes_and_a_new_proposal_at_once_never_act_on_a_superseded_one(engine, clock):
    desk = await open_desk(engine, clock)
    first = (await desk.propose_payment(5_000)).proposal.id
    token = await desk.token(first)
    answer, _ = await asyncio.gather(
        desk.executor.confirm(desk.caller, first, token), desk.propose_payment(6_000)
    )
    status = (await desk.executor.proposal(desk.caller, first)).status
    assert (answer.kind, status) in (("done", "confirmed"), ("failed", "superseded"))
    assert await desk.events("PaymentScheduled") == (answer.kind == "done")
