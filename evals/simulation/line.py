"""Ways to talk to the product: over HTTP with a running service, or with a platform in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import httpx

from agent.memory import ConversationBusy
from agent.nodes.decide import DecisionRefused
from agent.platform import Platform
from agent.turn import open_conversation, run_decision, run_turn

Decision = Literal["confirm", "decline"]


@dataclass(frozen=True)
class Heard:
    """An answer: its HTTP status, and the turn or the problem."""

    status: int
    body: dict[str, Any]


class Line(Protocol):
    """A way to talk to the product."""

    async def open(self, customer_id: str) -> str: ...

    async def say(self, customer_id: str, conversation_id: str, text: str, turn: str) -> Heard: ...

    async def press(
        self, customer_id: str, conversation_id: str, proposal_id: str, decision: Decision, token: str | None
    ) -> Heard: ...


class OverHttp:
    """A running service."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._headers: dict[str, dict[str, str]] = {}

    async def login(self, customer_id: str) -> None:
        """So that this customer can talk here; once is enough."""
        if customer_id not in self._headers:
            login = await self._client.post("/v1/dev/login", json={"customer_id": customer_id})
            self._headers[customer_id] = {"Authorization": f"Bearer {login.json()['access_token']}"}

    async def open(self, customer_id: str) -> str:
        await self.login(customer_id)
        opened = await self._client.post("/v1/conversations", headers=self._headers[customer_id], json={})
        return str(opened.json()["conversation_id"])

    async def say(self, customer_id: str, conversation_id: str, text: str, turn: str) -> Heard:
        path = f"/v1/conversations/{conversation_id}/turns"
        return await self._post(customer_id, path, {"text": text, "client_turn_id": turn})

    async def press(
        self, customer_id: str, conversation_id: str, proposal_id: str, decision: Decision, token: str | None
    ) -> Heard:
        body = {"confirmation_token": token or ""} if decision == "confirm" else {}
        return await self._post(customer_id, f"/v1/proposals/{proposal_id}/{decision}", body)

    async def _post(self, customer_id: str, path: str, body: dict[str, Any]) -> Heard:
        answer = await self._client.post(path, headers=self._headers[customer_id], json=body)
        return Heard(answer.status_code, answer.json())


class InProcess:
    """A platform of this process."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def open(self, customer_id: str) -> str:
        return await open_conversation(self._platform, customer_id)

    async def say(self, customer_id: str, conversation_id: str, text: str, turn: str) -> Heard:
        reply = await run_turn(
            self._platform,
            customer_id=customer_id,
            conversation_id=conversation_id,
            text=text,
            client_turn_id=turn,
        )
        return Heard(200, reply.to_wire())

    async def press(
        self, customer_id: str, conversation_id: str, proposal_id: str, decision: Decision, token: str | None
    ) -> Heard:
        try:
            reply = await run_decision(
                self._platform,
                customer_id=customer_id,
                conversation_id=conversation_id,
                proposal_id=proposal_id,
                decision=decision,
                confirmation_token=token,
            )
        except (DecisionRefused, ConversationBusy) as refused:
            return Heard(409, {"code": refused.code})
        return Heard(200, reply.to_wire())
