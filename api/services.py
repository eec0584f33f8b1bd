"""What a running API stands on: built once by `bootstrap`, handed to the routes by `app.state.services`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from agent.events import Emit
from api.auth import CustomerId, EmbeddedTokens, Tokens
from api.errors import Problem
from api.mailbox import Mailbox
from api.settings import Settings
from api.shared import Shared
from ledger_core.dates import Clock
from tools.executor import Executor


class Assistant(Protocol):
    """Conversations with the agent. Ids of another customer are as unknown as ids that do not exist."""

    @property
    def executor(self) -> Executor:
        """The only way in to a tool."""
        ...

    async def open_conversation(self, customer_id: str) -> str: ...

    async def messages(self, customer_id: str, conversation_id: str) -> list[dict[str, Any]]: ...

    async def turn(
        self,
        *,
        customer_id: str,
        conversation_id: str,
        text: str,
        client_turn_id: str,
        emit: Emit | None = None,
    ) -> dict[str, Any]:
        """The finished turn, as JSON."""
        ...

    async def proposal(self, customer_id: str, proposal_id: str) -> dict[str, Any]:
        """The proposal with a fresh confirmation token, which voids the last one."""
        ...

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
        """The finished turn. A wrong token or code, an expired, void or otherwise decided proposal is a Problem."""
        ...

    async def send_code(self, customer_id: str, proposal_id: str) -> dict[str, Any]:
        """Sends a one-time code for a proposal that needs one; says where to, masked, and until when it counts."""
        ...


@dataclass
class Readiness:
    """What has come up so far."""

    rails: bool = False
    worker: bool = False
    """The background work has caught up with the servicing date."""


@dataclass
class Services:
    settings: Settings
    clock: Clock
    engine: AsyncEngine
    shared: Shared
    tokens: Tokens
    issuer: EmbeddedTokens | None
    """Makes tokens for the demo; None outside embedded mode."""
    assistant: Assistant
    readiness: Readiness = field(default_factory=Readiness)
    mailbox: Mailbox | None = None
    """What would have left for customers; in the demo only."""


def services_of(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Given = Annotated[Services, Depends(services_of)]


async def within_rate(services: Given, customer_id: CustomerId) -> str:
    """The customer who is asking, when within the rate. Raises Problem rate_limited with Retry-After."""
    wait = await services.shared.take(f"turns:{customer_id}", services.settings.turns_per_minute)
    if wait:
        raise Problem("rate_limited", f"Try again in {wait} seconds.", headers={"Retry-After": str(wait)})
    return customer_id


RatedCustomerId = Annotated[str, Depends(within_rate)]
