"""An API over this test's own database, with an assistant that answers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from agent.events import Emit, TurnEvent
from agent.store import ClientTurnReused, ConversationNotFound
from api.auth import EmbeddedTokens, Principal
from api.errors import Problem
from api.main import create_app
from api.services import Readiness, Services
from api.settings import Settings
from api.shared import PostgresShared
from ledger_core.dates import FixedClock
from ledger_core.ids import new_id
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import customers

ANNA, BEN = "cus_anna", "cus_ben"


class EchoAssistant:
    """Says back what it hears; one proposal, `prop_1`, belongs to Anna."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}
        self.turns: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.error: Exception | None = None

    async def open_conversation(self, customer_id: str) -> str:
        conversation_id = new_id("conv")
        self.owners[conversation_id] = customer_id
        return conversation_id

    def _owned(self, customer_id: str, conversation_id: str) -> None:
        if self.owners.get(conversation_id) != customer_id:
            raise ConversationNotFound(conversation_id)

    async def messages(self, customer_id: str, conversation_id: str) -> list[dict[str, Any]]:
        self._owned(customer_id, conversation_id)
        return []

    async def turn(
        self,
        *,
        customer_id: str,
        conversation_id: str,
        text: str,
        client_turn_id: str,
        emit: Emit | None = None,
    ) -> dict[str, Any]:
        self._owned(customer_id, conversation_id)
        said, answer = self.turns.get((conversation_id, client_turn_id), (text, {}))
        if said != text:
            raise ClientTurnReused(client_turn_id)
        answer = answer or {"turn_id": new_id("turn"), "reply": {"text": text, "blocks": []}}
        self.turns[conversation_id, client_turn_id] = (text, answer)
        if emit is not None:
            await emit(TurnEvent("RUN_STARTED", {"threadId": conversation_id, "runId": answer["turn_id"]}))
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        if emit is not None:
            await emit(TurnEvent("CUSTOM", {"name": "cashline.turn", "value": answer}))
            await emit(TurnEvent("RUN_FINISHED", {}))
        return answer

    async def proposal(self, customer_id: str, proposal_id: str) -> dict[str, Any]:
        raise Problem("not_found", "There is no such proposal.")

    async def decide(
        self,
        *,
        customer_id: str,
        proposal_id: str,
        decision: Literal["confirm", "decline"],
        confirmation_token: str | None,
        code: str | None = None,
        emit: Emit | None = None,
    ) -> dict[str, Any]:
        raise Problem("not_found", "There is no such proposal.")

    async def send_code(self, customer_id: str, proposal_id: str) -> dict[str, Any]:
        raise Problem("not_found", "There is no such proposal.")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(CASHLINE_HOME=tmp_path, CASHLINE_WORKER=False, CASHLINE_TURNS_PER_MINUTE=20)  # type: ignore[call-arg]


@pytest.fixture
def assistant() -> EchoAssistant:
    return EchoAssistant()


@pytest.fixture
def tokens(clock: FixedClock) -> EmbeddedTokens:
    return EmbeddedTokens(b"k" * 32, clock)


@pytest_asyncio.fixture
async def services(
    settings: Settings,
    clock: FixedClock,
    engine: AsyncEngine,
    database: Any,
    tokens: EmbeddedTokens,
    assistant: EchoAssistant,
) -> AsyncIterator[Services]:
    shared = PostgresShared(database.url(), engine, clock)
    yield Services(
        settings, clock, engine, shared, tokens, tokens, assistant, Readiness(rails=True, worker=True)
    )
    await shared.close()


@pytest_asyncio.fixture
async def api(services: Services, batch_engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token; Anna and Ben are on the books."""
    async with transaction(batch_engine, system("test")) as conn:
        for customer_id in (ANNA, BEN):
            row = {
                "customer_id": customer_id,
                "display_name": customer_id[4:].title(),
                "state": "TX",
                "story": "x",
            }
            await conn.execute(
                insert(customers).values(language="en", timezone="America/Chicago", military=False, **row)
            )
    app = create_app(services.settings, lambda: nullcontext(services))
    app.state.services = services
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def as_customer(tokens: EmbeddedTokens) -> Callable[[str], dict[str, str]]:
    """The headers with which a customer asks."""
    return lambda customer_id: {"Authorization": f"Bearer {tokens.issue(Principal('customer', customer_id))}"}


@pytest_asyncio.fixture
async def anna(api: httpx.AsyncClient, as_customer: Callable[[str], dict[str, str]]) -> httpx.AsyncClient:
    """The client, asking as Anna."""
    api.headers.update(as_customer(ANNA))
    return api


@pytest_asyncio.fixture
async def conversation(anna: httpx.AsyncClient) -> str:
    """The id of a conversation of Anna's."""
    answer = await anna.post("/v1/conversations", json={})
    assert answer.status_code == 201
    return str(answer.json()["conversation_id"])
