"""Whole turns through the front door: the real agent, tools and books on this test's own database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.auth import EmbeddedTokens, Principal
from api.bootstrap import DatabaseUrls, open_services
from api.main import create_app
from api.settings import Settings
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.dates import FixedClock
from ledger_core.store.clock import advance
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts
from tests.fixtures.books import Book, open_book
from tools.knowledge.embed import MiniLM

TODAY = date(2026, 3, 16)
_numbers = count()


@pytest.fixture(scope="session")
def embedder() -> MiniLM:
    return MiniLM()


@pytest_asyncio.fixture
async def book(engine: AsyncEngine) -> Book:
    """Dana: 1,500 dollars drawn, two statements, today is the day of the clock."""
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(TODAY)
    return book


class Talk:
    """One customer's requests."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], conversation: str) -> None:
        self.client = client
        self.headers = headers
        self.conversation = conversation

    async def send(self, text: str, client_turn_id: str | None = None) -> httpx.Response:
        body = {"text": text, "client_turn_id": client_turn_id or f"t{next(_numbers)}"}
        return await self.client.post(
            f"/v1/conversations/{self.conversation}/turns", json=body, headers=self.headers
        )

    async def say(self, text: str) -> dict[str, Any]:
        answer = await self.send(text)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def confirm(self, proposal: dict[str, Any], token: str | None = None) -> httpx.Response:
        body = {"confirmation_token": token or proposal["confirmation_token"]}
        return await self.client.post(
            f"/v1/proposals/{proposal['id']}/confirm", json=body, headers=self.headers
        )

    async def decline(self, proposal: dict[str, Any]) -> httpx.Response:
        return await self.client.post(
            f"/v1/proposals/{proposal['id']}/decline", json={}, headers=self.headers
        )


Open = Callable[[str], Any]


@pytest_asyncio.fixture
async def front_door(
    settings: Settings, database: Any, clock: FixedClock, embedder: MiniLM
) -> AsyncIterator[Open]:
    urls = DatabaseUrls(*(database.url(f"cashline_{role}") for role in ("app", "batch", "owner")))
    async with open_services(settings, urls, embedder=embedder, clock=clock) as services:
        app = create_app(settings, lambda: nullcontext(services))
        app.state.services = services
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            issuer = services.issuer
            assert isinstance(issuer, EmbeddedTokens)

            async def open_talk(customer_id: str) -> Talk:
                token = issuer.issue(Principal("customer", customer_id))
                headers = {"Authorization": f"Bearer {token}"}
                opened = await client.post("/v1/conversations", json={}, headers=headers)
                return Talk(client, headers, opened.json()["conversation_id"])

            yield open_talk


@pytest_asyncio.fixture
async def dana(front_door: Open, book: Book) -> Talk:
    talk: Talk = await front_door(book.customer_id)
    return talk


async def _payments(book: Book) -> list[int]:
    return [payment.amount_cents for payment in (await book.state()).payments.values()]


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_turn_has_every_field_of_the_contract(dana: Talk) -> None:
    turn = await dana.say("how much do I owe?")
    assert set(turn) == {
        "turn_id",
        "conversation_id",
        "status",
        "reply",
        "proposal",
        "tool_calls",
        "citations",
        "figures",
        "agenda",
        "obligations",
        "handoff",
        "planner",
        "language",
        "trace_id",
        "code",
    }
    assert turn["planner"] == "builtin"
    assert turn["figures"]
    assert all(figure["text"] in turn["reply"]["text"] for figure in turn["figures"][:1])


async def test_a_streamed_turn_says_its_status_first_and_ends_with_the_whole_turn(dana: Talk) -> None:
    answer = await dana.client.post(
        f"/v1/conversations/{dana.conversation}/turns",
        json={"text": "how much do I owe?", "client_turn_id": "s1"},
        headers={**dana.headers, "Accept": "text/event-stream"},
    )
    events = [
        json.loads(frame.split("data: ", 1)[1]) for frame in answer.text.split("\n\n") if "data: " in frame
    ]
    types = [event["type"] for event in events]
    assert types[0] == "RUN_STARTED"
    assert types[-2:] == ["CUSTOM", "RUN_FINISHED"]
    assert types.index("STEP_STARTED") < types.index("TEXT_MESSAGE_START")
    words = "".join(event["delta"] for event in events if event["type"] == "TEXT_MESSAGE_CONTENT")
    assert words == events[-2]["value"]["reply"]["text"]


async def test_a_repeated_turn_gives_the_first_answer_and_does_nothing_twice(dana: Talk) -> None:
    first = await dana.send("I want to pay 200 dollars today", "same")
    again = await dana.send("I want to pay 200 dollars today", "same")
    other = await dana.send("pay 300", "same")
    assert first.json()["turn_id"] == again.json()["turn_id"]
    assert first.json()["proposal"]["id"] == again.json()["proposal"]["id"]
    assert _code(other) == (409, "client_turn_reused")
    assert len((await dana.get(f"/v1/conversations/{dana.conversation}/messages")).json()["messages"]) == 2


async def test_of_two_messages_at_once_one_is_answered_and_one_is_told_to_wait(dana: Talk) -> None:
    answers = await asyncio.gather(*(dana.send("how much do I owe?") for _ in range(4)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert codes[-1] == 409
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"conversation_busy"}


async def test_nothing_happens_before_the_yes_and_exactly_the_terms_after_it(dana: Talk, book: Book) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    assert proposal["terms"]["amount_cents"] == 20_000
    assert await _payments(book) == []
    done = await dana.confirm(proposal)
    assert (done.status_code, done.json()["status"]) == (200, "done")
    assert await _payments(book) == [20_000]


async def test_confirming_twice_gives_the_first_answer_and_pays_once(dana: Talk, book: Book) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    first = await dana.confirm(proposal)
    again = await dana.confirm(proposal)
    assert first.json()["turn_id"] == again.json()["turn_id"]
    assert await _payments(book) == [20_000]


async def test_confirming_ten_times_at_once_pays_once(dana: Talk, book: Book) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    answers = await asyncio.gather(*(dana.confirm(proposal) for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert await _payments(book) == [20_000]


async def test_an_altered_or_replaced_token_confirms_nothing(dana: Talk, book: Book) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    assert _code(await dana.confirm(proposal, proposal["confirmation_token"][:-1] + "!")) == (
        409,
        "confirmation_invalid",
    )
    fresh = (await dana.get(f"/v1/proposals/{proposal['id']}")).json()
    assert _code(await dana.confirm(proposal)) == (409, "confirmation_invalid")
    assert await _payments(book) == []
    assert (await dana.confirm(fresh)).json()["status"] == "done"
    assert await _payments(book) == [20_000]


async def test_an_expired_proposal_confirms_nothing(dana: Talk, book: Book, clock: FixedClock) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    clock.advance(timedelta(minutes=31))
    assert _code(await dana.confirm(proposal)) == (409, "proposal_expired")
    assert await _payments(book) == []


async def test_a_decision_stands(dana: Talk, book: Book) -> None:
    declined = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    assert (await dana.decline(declined)).status_code == 200
    assert (await dana.decline(declined)).status_code == 200
    assert _code(await dana.confirm(declined)) == (409, "already_decided")
    confirmed = (await dana.say("I want to pay 100 dollars today"))["proposal"]
    await dana.confirm(confirmed)
    assert _code(await dana.decline(confirmed)) == (409, "already_decided")
    assert await _payments(book) == [10_000]


async def test_newer_terms_make_the_older_proposal_void(dana: Talk, book: Book) -> None:
    older = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    newer = (await dana.say("make that 150 dollars instead"))["proposal"]
    assert _code(await dana.confirm(older)) == (409, "proposal_void")
    await dana.confirm(newer)
    assert await _payments(book) == [15_000]


async def test_a_proposal_that_no_longer_holds_is_not_carried_out(
    dana: Talk, book: Book, batch_engine: AsyncEngine
) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    async with transaction(batch_engine, system("test")) as conn:
        await conn.execute(update(bank_accounts).values(status="closed"))
    answer = (await dana.confirm(proposal)).json()
    assert answer["status"] != "done", answer["reply"]["text"]
    assert await _payments(book) == []


async def test_a_day_that_passed_makes_terms_of_yesterday_void(
    dana: Talk, book: Book, batch_engine: AsyncEngine
) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    async with transaction(batch_engine, system("test")) as conn:
        await advance(conn, 1)
    answer = (await dana.confirm(proposal)).json()
    assert answer["status"] != "done", answer["reply"]["text"]
    assert await _payments(book) == []
    assert answer["code"] == "proposal_void"
    if answer["proposal"] is not None:
        assert answer["proposal"]["id"] != proposal["id"]
        assert (await dana.confirm(proposal)).status_code == 409


async def test_another_customer_sees_none_of_it(
    dana: Talk, book: Book, front_door: Open, engine: AsyncEngine
) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    stranger = await front_door((await open_book(engine, name="Sam Ortiz")).customer_id)
    paths = [
        f"/v1/conversations/{dana.conversation}/messages",
        f"/v1/proposals/{proposal['id']}",
        f"/v1/lines/{book.line_id}",
        f"/v1/lines/{book.line_id}/activity",
        f"/v1/lines/{book.line_id}/statements",
        f"/v1/lines/{book.line_id}/statements/1",
    ]
    for path in paths:
        assert _code(await stranger.get(path)) == (404, "not_found"), path
        assert (await dana.get(path)).status_code == 200, path
    fresh = (await dana.get(f"/v1/proposals/{proposal['id']}")).json()
    assert _code(await stranger.confirm(fresh)) == (404, "not_found")
    assert _code(await stranger.decline(fresh)) == (404, "not_found")
    assert [line["line_id"] for line in (await stranger.get("/v1/lines")).json()["lines"]] != [book.line_id]


async def test_the_transcript_shows_proposals_as_they_stand_and_never_a_token(dana: Talk) -> None:
    proposal = (await dana.say("I want to pay 200 dollars today"))["proposal"]
    await dana.confirm(proposal)
    answer = await dana.get(f"/v1/conversations/{dana.conversation}/messages")
    messages = answer.json()["messages"]
    assert [message["role"] for message in messages] == ["customer", "assistant", "assistant"]
    assert messages[1]["turn"]["proposal"]["status"] == "confirmed"
    assert proposal["confirmation_token"] not in answer.text


async def test_the_account_is_read_from_the_books(dana: Talk, book: Book) -> None:
    state = await book.state()
    [line] = (await dana.get("/v1/lines")).json()["lines"]
    assert line["currency"] == "USD"
    assert line["principal_cents"] == state.principal_cents
    assert line == (await dana.get(f"/v1/lines/{book.line_id}")).json()
    activity = (await dana.get(f"/v1/lines/{book.line_id}/activity")).json()
    assert [item["amount_cents"] for item in activity["items"] if item["kind"] == "draw"] == [150_000]
    numbers = [
        each["number"]
        for each in (await dana.get(f"/v1/lines/{book.line_id}/statements")).json()["statements"]
    ]
    assert numbers == sorted(numbers, reverse=True)
    one = (await dana.get(f"/v1/lines/{book.line_id}/statements/{numbers[0]}")).json()["statement"]
    assert one["number"] == numbers[0]
    assert _code(await dana.get(f"/v1/lines/{book.line_id}/statements/999")) == (404, "not_found")


async def test_a_notice_of_a_decision_is_read_by_its_customer_alone(
    dana: Talk, book: Book, front_door: Open, engine: AsyncEngine
) -> None:
    decided = await book.act(decide_limit, limit_cents=500_000)
    path = f"/v1/lines/{book.line_id}/notices"
    (notice,) = (await dana.get(path)).json()["notices"]
    assert (notice["kind"], notice["decision_id"]) == ("declined", decided.decision_id)
    assert "You asked for a limit of $5,000.00." in notice["text"]
    stranger = await front_door((await open_book(engine, name="Sam Ortiz")).customer_id)
    assert (await stranger.get(path)).json()["notices"] == []
