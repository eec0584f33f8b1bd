"""Whole turns over this test's own database: real executor, real rails, real checkpoints, the built-in planner."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from agent.memory import Checkpoints
from agent.models import ModelChain
from agent.platform import Platform
from agent.tracing import Tracer
from agent.turn import open_conversation, run_decision, run_turn
from api.shared import PostgresShared
from ledger_core.dates import FixedClock
from tools.executor import Executor
from tools.knowledge.embed import MiniLM
from tools.registry import CUSTOMER_TOOLS


@pytest.fixture(scope="session")
def embedder() -> MiniLM:
    return MiniLM()


_RAILS: list[Any] = []


@pytest_asyncio.fixture
async def rails() -> Any:
    """Loaded once, inside a running loop: the library opens one of its own where it finds none."""
    if not _RAILS:
        from agent.rails.nemo import Rails

        _RAILS.append(Rails())
    return _RAILS[0]


@pytest_asyncio.fixture
async def platform(
    database: Any, engine: AsyncEngine, clock: FixedClock, embedder: MiniLM, rails: Any
) -> AsyncIterator[Platform]:
    checkpoints = Checkpoints(database.url("cashline_app"), os.urandom(32), pool_size=4)
    await checkpoints.open()
    lock = PostgresShared(database.url("cashline_app"), engine, clock)
    yield Platform(
        engine=engine,
        clock=clock,
        executor=Executor(engine, clock, CUSTOMER_TOOLS, embedder),
        embedder=embedder,
        rails=rails,
        models=ModelChain(),
        tracer=Tracer(),
        saver=checkpoints.saver,
        lock=lock,
    )
    await lock.close()
    await checkpoints.close()


@dataclass
class Talk:
    """One conversation of one customer, for tests: `await talk.say("…")` gives the turn as it goes on the wire."""

    platform: Platform
    customer_id: str
    conversation_id: str
    _ids: Any = field(default_factory=count)

    async def say(self, text: str, *, client_turn_id: str | None = None) -> dict[str, Any]:
        reply = await run_turn(
            self.platform,
            customer_id=self.customer_id,
            conversation_id=self.conversation_id,
            text=text,
            client_turn_id=client_turn_id or f"turn-{next(self._ids)}",
        )
        return reply.to_wire()

    async def press(
        self, proposal: dict[str, Any], decision: Literal["confirm", "decline"] = "confirm"
    ) -> dict[str, Any]:
        reply = await run_decision(
            self.platform,
            customer_id=self.customer_id,
            conversation_id=self.conversation_id,
            proposal_id=proposal["id"],
            decision=decision,
            confirmation_token=proposal["confirmation_token"],
        )
        return reply.to_wire()

    def with_models(self, models: ModelChain) -> Talk:
        return replace(self, platform=replace(self.platform, models=models))


@pytest.fixture
def talk_to(platform: Platform) -> Callable[[str], Any]:
    """`await talk_to(customer_id)` opens a conversation."""

    async def start(customer_id: str) -> Talk:
        return Talk(platform, customer_id, await open_conversation(platform, customer_id))

    return start
