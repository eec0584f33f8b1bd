"""The specialist's desk and the customer's forms through the front door."""

import json

import pytest_asyncio
from sqlalchemy import text

from ledger_core.ids import new_id
from ledger_core.store.postgres import customer, system, transaction
from tests.api.test_step_up import code_of, confirm
from tests.api.test_turns import TODAY, _code, embedder, front_door  # noqa: F401  fixtures
from tests.fixtures.books import open_book
from tools import staff
from tools.context import Caller
from tools.provenance import ledger_from

ROUTING = "011000015"


@pytest_asyncio.fixture
async def dana_book(engine, batch_engine):
    async with transaction(batch_engine, system("seed")) as conn:
        for actor_id, grade in (("spec_ana", "specialist"), ("spec_bo", "specialist")):
            await staff.put(conn, actor_id, grade)
    book = await open_book(engine)
    await book.go_to(TODAY)
    return book


@pytest_asyncio.fixture
async def dana(front_door, dana_book):  # noqa: F811
    return await front_door(dana_book.customer_id)


class Colleague:
    """A specialist's requests."""

    def __init__(self, dana, book, token):
        self.client, self.book = dana.client, book
        self.headers = {"Authorization": f"Bearer {token}"}

    async def tool(self, name, key=None, customer_id=None, **arguments):
        path = f"/v1/copilot/customers/{customer_id or self.book.customer_id}/tools/{name}"
        body = {"arguments": arguments} | ({"key": key} if key else {})
        return await self.client.post(path, json=body, headers=self.headers)

    async def post(self, path):
        return await self.client.post(f"/v1/copilot/{path}", json={}, headers=self.headers)

    async def queue(self):
        return (await self.client.get("/v1/copilot/queue", headers=self.headers)).json()["result"]


@pytest_asyncio.fixture
async def colleagues(dana, dana_book):
    """Ana and Bo, two specialists."""
    tokens = []
    for who in ("spec_ana", "spec_bo"):
        answer = await dana.client.post("/v1/dev/login", json={"specialist_id": who})
        tokens.append(answer.json()["access_token"])
    return tuple(Colleague(dana, dana_book, token) for token in tokens)


async def test_a_credit_above_the_limit_goes_through_two_people(colleagues, dana_book):
    ana, bo = colleagues
    given = {"line_id": dana_book.line_id, "amount_cents": 20_000}
    asked = (await ana.tool("grant_goodwill_credit", key="k1", **given)).json()
    assert asked["kind"] == "needs_confirmation"
    approval_id = asked["proposal"]["id"]
    assert [one["approval_id"] for one in (await bo.queue())["approvals"]] == [approval_id]
    own = (await ana.post(f"approvals/{approval_id}/approve")).json()
    assert (own["kind"], own["reasons"][0]["code"]) == ("refused", "four_eyes")
    done = (await bo.post(f"approvals/{approval_id}/approve")).json()
    assert done["result"]["amount_cents"] == 20_000
    assert (await bo.post(f"approvals/{approval_id}/approve")).json() == done
    assert (await dana_book.state()).credit_balance_cents == 20_000
    assert (await bo.queue())["approvals"] == []
    assert _code(await ana.post(f"approvals/{approval_id}/reject")) == (409, "already_decided")
    assert _code(await ana.post("approvals/appr_none/approve")) == (404, "not_found")


async def test_a_call_for_a_person_is_seen_taken_noted_and_closed(colleagues, dana, dana_book):
    ana, bo = colleagues
    turn = await dana.say("I want to talk to a person")
    assert turn["status"] == "handed_off"
    queue = await ana.queue()
    handoff_id = queue["handoffs"][0]["handoff_id"]
    assert queue["duties"][0]["right"] == "human"
    assert (await ana.tool("take_handoff", handoff_id=handoff_id)).json()["result"]["taken_by"] == "spec_ana"
    taken = (await bo.tool("take_handoff", handoff_id=handoff_id)).json()
    assert taken["reasons"][0]["code"] == "taken_by_another"
    await ana.tool("add_note", body="Called back, wants a plan.")
    assert (await bo.tool("list_notes")).json()["result"]["notes"][0]["actor_id"] == "spec_ana"
    duty_id = queue["duties"][0]["duty_id"]
    await ana.tool("discharge_duty", duty_id=duty_id, outcome="spoken_to")
    assert (await ana.tool("close_handoff", handoff_id=handoff_id, outcome="answered")).json()[
        "kind"
    ] == "done"
    after = await ana.queue()
    assert (after["handoffs"], after["duties"]) == ([], [])


async def test_the_desk_is_closed_to_customers_and_a_stranger_is_no_colleague(colleagues, dana, dana_book):
    for path in ("queue", "approvals/appr_x/approve"):
        method = dana.client.get if path == "queue" else dana.client.post
        assert _code(await method(f"/v1/copilot/{path}", headers=dana.headers)) == (403, "forbidden")
    path = f"/v1/copilot/customers/{dana_book.customer_id}/tools/add_note"
    asked = {"arguments": {"body": "x"}}
    assert _code(await dana.client.post(path, json=asked, headers=dana.headers)) == (403, "forbidden")
    login = await dana.client.post("/v1/dev/login", json={"specialist_id": "spec_nobody"})
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    nobody = (await dana.client.post(path, json=asked, headers=headers)).json()
    assert (nobody["kind"], nobody["reasons"][0]["code"]) == ("refused", "not_staff")
    for wrong in ({"arguments": []}, {"arguments": {}, "customer_id": "x"}, {"key": "a b"}):
        assert _code(await dana.client.post(path, json=wrong, headers=headers)) == (422, "invalid_request")


async def test_a_bank_account_from_the_form_is_taken_up_with_a_code_and_its_number_is_nowhere(
    dana,
    dana_book,
    engine,
    front_door,  # noqa: F811
):
    number = "4929384756102"
    form = {"bank_name": "Second Example Bank", "routing": ROUTING, "account": number}
    entered = await dana.client.post("/v1/forms/bank-accounts", json=form, headers=dana.headers)
    assert entered.status_code == 201, entered.text
    account_id = entered.json()["id"]
    wrong = {**form, "routing": "011000016"}
    refused = await dana.client.post("/v1/forms/bank-accounts", json=wrong, headers=dana.headers)
    assert _code(refused) == (422, "invalid_request")
    proposal = await propose(dana, dana_book, "add_bank_account", bank_account_id=account_id)
    assert proposal["needs_code"]
    await dana.client.post(f"/v1/proposals/{proposal['id']}/code", json={}, headers=dana.headers)
    done = await confirm(dana, proposal, await code_of(dana))
    assert done.json()["status"] == "done", done.text
    async with transaction(engine, system("test")) as conn:
        status = "SELECT status FROM core.bank_accounts WHERE bank_account_id = :id"
        assert await conn.scalar(text(status), {"id": account_id}) == "verified"
        kept = await conn.scalar(text("SELECT string_agg(t::text, ' ') FROM servicing.tool_calls AS t"))
    assert number not in kept
    assert number not in json.dumps(done.json())


async def test_a_new_address_is_taken_up_with_a_code_sent_to_the_old_one(dana, dana_book, engine):
    form = {"email": "dana.reyes@example.org"}
    entered = await dana.client.post("/v1/forms/contact", json=form, headers=dana.headers)
    proposal = await propose(dana, dana_book, "change_contact", change_id=entered.json()["id"])
    sent = await dana.client.post(f"/v1/proposals/{proposal['id']}/code", json={}, headers=dana.headers)
    assert sent.json()["sent_to"] == "d***@example.com"
    done = (await confirm(dana, proposal, await code_of(dana))).json()
    assert done["status"] == "done"
    notice = (await dana.client.get("/v1/dev/mailbox")).json()["letters"][0]
    assert notice["to"] == "d***@example.com", "the word about it goes to the address known until now"
    async with transaction(engine, system("test")) as conn:
        assert await conn.scalar(text("SELECT email FROM core.customers")) == "dana.reyes@example.org"
        assert await conn.scalar(text("SELECT count(email) FROM servicing.contact_changes")) == 0
    for wrong in ({}, {"email": "no address"}, {"phone": "call me"}, {"email": "a@b.co\nBcc: x@y.zz"}):
        answer = await dana.client.post("/v1/forms/contact", json=wrong, headers=dana.headers)
        assert _code(answer) == (422, "invalid_request")


async def propose(dana, book, tool, **arguments):
    """A proposal as a planner would make it in this conversation, read at the front door."""
    app = dana.client._transport.app
    executor = app.state.services.assistant.executor
    outcome = await executor.call(
        Caller(customer(book.customer_id), dana.conversation, "turn_x"),
        tool,
        arguments,
        call_id=new_id("call"),
        key=new_id("key"),
        provenance=ledger_from(records=[arguments]),
    )
    assert outcome.kind == "needs_confirmation", outcome
    return (await dana.get(f"/v1/proposals/{outcome.proposal.id}")).json()
