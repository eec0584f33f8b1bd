"""What holds for every tool there is: sources declared, acts replayed, reads under row-level security."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from itertools import count
from typing import Any, get_args

import pytest
from sqlalchemy import text

from ledger_core.dates import Moment
from ledger_core.errors import LineNotFound
from ledger_core.store.postgres import customer, specialist, system, transaction
from tests.fixtures.books import open_book
from tests.tools.desk import FlatEmbedder, open_desk
from tests.tools.scenes import CUSTOMER_ACTS, SPECIALIST_ACTS, desk_for
from tools import staff
from tools.context import Caller, ToolContext
from tools.contract import Confirm, Effect
from tools.outcomes import Done, Failed, NeedsConfirmation
from tools.provenance import ProvenanceLedger, ledger_from
from tools.registry import ALL_TOOLS, CUSTOMER_TOOLS, SPECIALIST_TOOLS, by_name

SENSITIVE = (
    "_id",
    "_cents",
    "_on",
    "_day",
    "_bp",
    "email",
    "phone",
    "address",
    "routing",
    "account",
    "last4",
)
NARROWS = {
    ("list_activity", "since"),
    ("list_activity", "until"),
    ("find_disputable_items", "amount_cents"),
    ("find_disputable_items", "on"),
    ("search_policies", "on"),
}
"""only narrows what is looked up, and is never told back: asking makes nothing known"""
_numbers = count()


@pytest.mark.parametrize("tool", ALL_TOOLS, ids=lambda tool: tool.name)
def test_every_sensitive_argument_says_where_it_may_come_from(tool):
    for name, info in tool.args_model.model_fields.items():
        dated = date in (info.annotation, *get_args(info.annotation))
        if (dated or name == "on" or name.endswith(SENSITIVE)) and (tool.name, name) not in NARROWS:
            assert tool.provenance.get(name), f"{tool.name}: nobody says where {name} may come from"
    if tool.effect is not Effect.READ:
        assert not {name for owner, name in NARROWS if owner == tool.name}


def test_an_undeclared_sensitive_argument_is_found():
    undeclared = by_name("make_payment").provenance.keys() - {"pay_on"}
    named = {name for name in by_name("make_payment").args_model.model_fields if name.endswith(SENSITIVE)}
    assert named - undeclared == {"pay_on"}


def test_every_act_has_a_scene():
    assert set(CUSTOMER_ACTS) == {tool.name for tool in CUSTOMER_TOOLS if tool.effect is Effect.ACT}
    assert set(SPECIALIST_ACTS) == {tool.name for tool in SPECIALIST_TOOLS if tool.effect is Effect.ACT}


async def world_of(engine):
    """All that an act may touch: the books, what stands beside them, and the receipts of acts."""
    queries = (
        "SELECT line_id, version, status, limit_cents FROM core.lines ORDER BY 1",
        "SELECT count(*), max(seq) FROM core.events",
        "SELECT count(*), sum(amount_cents) FROM core.postings",
        "SELECT count(*) FROM core.narratives",
        "SELECT bank_account_id, status FROM core.bank_accounts ORDER BY 1",
        "SELECT customer_id, email, phone, language FROM core.customers ORDER BY 1",
        "SELECT duty_id, state, outcome, held_until FROM servicing.duties ORDER BY 1",
        "SELECT handoff_id, state, outcome FROM servicing.handoffs ORDER BY 1",
        "SELECT note_id, body FROM servicing.notes ORDER BY 1",
        "SELECT proposal_id, status FROM servicing.proposals ORDER BY 1",
        "SELECT approval_id, status FROM servicing.approvals ORDER BY 1",
        "SELECT count(*) FROM servicing.contact_preferences WHERE NOT calls",
        "SELECT count(*) FROM servicing.tool_calls WHERE effect = 'act' AND outcome = 'done'",
    )
    async with transaction(engine, system("test")) as conn:
        return [(await conn.execute(text(query))).all() for query in queries]


@pytest.mark.parametrize("name", CUSTOMER_ACTS)
async def test_an_act_sent_twice_is_done_once_and_answers_the_same(engine, clock, name):
    desk = await desk_for(name, engine, clock)
    given = await CUSTOMER_ACTS[name](desk)
    first = await desk.call(name, given, key="same")
    if by_name(name).confirm is not Confirm.NONE:
        assert isinstance(first, NeedsConfirmation), first
        again = await desk.call(name, given, key="same")
        assert again.proposal.id == first.proposal.id
        proposal_id, code = first.proposal.id, None
        if first.proposal.needs_code:
            code = (await desk.executor.new_code(desk.caller, proposal_id)).code
        token = await desk.token(proposal_id)
        yes = [desk.executor.confirm(desk.caller, proposal_id, token, code=code) for _ in range(2)]
        first, twin = await asyncio.gather(*yes)
        assert isinstance(first, Done), first
        assert twin.result == first.result, "of two at once, one acts and both hear of it"
    assert isinstance(first, Done), first
    before = await world_of(engine)
    if by_name(name).confirm is Confirm.NONE:
        again = await desk.call(name, given, key="same")
    else:
        again = await desk.executor.confirm(desk.caller, proposal_id, "whatever", code="whatever")
    assert again.result == first.result
    assert await world_of(engine) == before


@pytest.mark.parametrize("name", SPECIALIST_ACTS)
async def test_a_colleagues_act_sent_twice_is_done_once_and_answers_the_same(
    engine, batch_engine, clock, name
):
    async with transaction(batch_engine, system("seed")) as conn:
        await staff.put(conn, "spec_ana", "specialist")
        await staff.put(conn, "spec_cora", "supervisor")
    desk = await desk_for(name, engine, clock)

    def caller(who):
        return Caller(specialist(who), "desk_one", "turn_one", customer_id=desk.book.customer_id)

    async def act(tool, given, key):
        ledger = ledger_from(colleague=[given])
        call_id = f"call_{next(_numbers)}"
        return await desk.executor.call(
            caller("spec_ana"), tool, given, call_id=call_id, key=key, provenance=ledger
        )

    given = await SPECIALIST_ACTS[name](desk)
    if name == "erase_note":
        given = {"note_id": (await act("add_note", {"body": "x"}, "note")).result["note_id"]}
    if name == "close_handoff":
        await act("take_handoff", {"handoff_id": given["handoff_id"]}, "take")
    first = await act(name, given, "same")
    approval_id = None
    if isinstance(first, NeedsConfirmation):
        approval_id = first.proposal.id
        assert (await act(name, given, "same")).proposal.id == approval_id
        yes = [desk.executor.approve(caller("spec_cora"), approval_id) for _ in range(2)]
        first, twin = await asyncio.gather(*yes)
        assert twin.result == first.result
    assert isinstance(first, Done), first
    before = await world_of(engine)
    if approval_id is None:
        again = await act(name, given, "same")
    else:
        again = await desk.executor.approve(caller("spec_cora"), approval_id)
    assert again.result == first.result
    assert await world_of(engine) == before


async def test_every_read_shows_a_stranger_nothing_of_anothers(engine, clock):
    """Once through the executor, once past its own check: row-level security alone must hold."""
    desk = await open_desk(engine, clock)
    ids = await _everything_of(desk)
    stranger = await open_book(engine, name="Sam Ortiz")
    who = Caller(customer(stranger.customer_id), "conv_sam", "turn_sam")
    secret = [*ids.values(), desk.book.customer_id, "Dana"]
    reads = [tool for tool in ALL_TOOLS if tool.effect is Effect.READ]
    assert len(reads) >= 23
    for tool in reads:
        given = {name: ids.get(name, _FILLED.get(name)) for name in tool.args_model.model_fields}
        given = {name: value for name, value in given.items() if value is not None}
        outcome = await desk.executor.call(
            who, tool.name, given, call_id=f"call_{tool.name}", key=tool.name, provenance=_knowing(given)
        )
        assert not isinstance(outcome, Failed), (tool.name, outcome)
        if tool.staff_only:
            assert outcome.kind == "fixable", tool.name
        elif isinstance(outcome, Done):
            assert not [one for one in secret if one in str(outcome.to_json())], tool.name
        else:
            assert outcome.kind == "refused", (tool.name, outcome)
        shown = await _past_the_check(engine, clock, who, tool, given)
        assert not [one for one in secret if one in shown], tool.name


_FILLED: dict[str, Any] = {"amount_cents": 8_000, "query": "late fee", "later_number": 1}


async def _everything_of(desk) -> dict[str, str]:
    """The ids of one customer by argument, with something behind each."""
    _ = await CUSTOMER_ACTS["add_dispute_evidence"](desk)
    fee = await CUSTOMER_ACTS["waive_fee"](desk)
    await desk.call("hand_off", reason="human")
    await desk.call("record_right", right="complaint")
    state = await desk.book.state()
    return {
        "line_id": desk.book.line_id,
        "bank_account_id": desk.book.bank_account_id,
        "draw_id": next(iter(state.draws)),
        "dispute_id": next(iter(state.disputes)),
        "fee_id": fee["fee_id"],
    }


def _knowing(given: dict[str, Any]) -> ProvenanceLedger:
    return ledger_from(words=[given], records=[given])


async def _past_the_check(engine, clock, who, tool, given) -> str:
    """What the tool itself answers to this identity, without the executor's own look at who owns what."""
    args = tool.args_model.model_validate_json(json.dumps(given))
    async with transaction(engine, who.identity) as conn:
        at = Moment(date(2026, 3, 16), clock.now().time())
        ctx = ToolContext(conn, at, clock.now(), who, "past", FlatEmbedder(), _knowing(given))
        try:
            return str(await tool.fn(ctx, args))
        except LineNotFound:
            return "not found"
