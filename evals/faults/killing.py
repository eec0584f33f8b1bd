"""kill -9 of a service in the middle of a turn: the same is sent again to the service that is started after it."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from evals.faults.caller import Tally
from evals.service import service_home, service_process
from evals.simulation.line import Decision, Heard, OverHttp
from evals.simulation.play import play
from evals.simulation.scenario import Scenario, load_all
from ledger_core.store.binaries import find_place
from ledger_core.store.embedded import EmbeddedServer
from ledger_core.store.postgres import make_engine

KILLS = 20
SECONDS_MAX = 0.15
"""into a turn: about twice as long as one takes"""
_ENVIRONMENT = {"CASHLINE_TURNS_PER_MINUTE": "1000000", "OPENAI_API_KEY": "", "CASHLINE_MODEL": ""}


async def kill_services(tally: Tally, seed: int, times: int = KILLS) -> int:
    """Scenarios that act, each of their turns killed once, until so many were; each by a customer of its own."""
    rng, killed = random.Random(seed), 0
    with service_home() as home:
        async with Killing(home, rng) as killing:
            for scenario in _acting(rng):
                if killing.killed >= times:
                    break
                await _one(killing, scenario, tally)
            killed = killing.killed
    tally.real_kills += killed
    return killed


def _acting(rng: random.Random) -> list[Scenario]:
    scenarios = [scenario for scenario in load_all() if scenario.books and not scenario.may["books"]]
    rng.shuffle(scenarios)
    return list({scenario.customer: scenario for scenario in scenarios}.values())


async def _one(killing: Killing, scenario: Scenario, tally: Tally) -> None:
    played = await play(killing, killing.engine, scenario, killing.attempt)
    messages = sum(2 if step.say else 1 for step in scenario.steps)
    if len(played.messages) != messages:
        killing.twice.append(f"{len(played.messages)} messages for {messages}")
    tally.lost += len(played.wrong)
    tally.said_twice += len(killing.twice)
    tally.said += [f"{scenario.name}, killed: {problem}" for problem in (*played.wrong, *killing.twice)]
    killing.twice.clear()


@dataclass
class Killing:
    """A line to a service that is killed in each turn, and started again on the same data."""

    home: Path
    rng: random.Random
    killed: int = 0
    twice: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        await self._start()
        self.engine: AsyncEngine = make_engine(EmbeddedServer(find_place(self.home)).dsn(role="cashline_app"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.engine.dispose()
        await self._client.aclose()
        await asyncio.to_thread(self._service.__exit__, None, None, None)

    async def _start(self) -> None:
        self._service: AbstractContextManager[tuple[str, subprocess.Popen[bytes]]] = service_process(
            self.home, _ENVIRONMENT
        )
        url, self._process = await asyncio.to_thread(self._service.__enter__)
        self._client = httpx.AsyncClient(base_url=url, timeout=60)
        self._line = OverHttp(self._client)

    async def attempt(self, turn: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The answer that the second service gives; a third request must get the same."""
        running = asyncio.create_task(turn())  # type: ignore[arg-type]
        await asyncio.sleep(self.rng.random() * SECONDS_MAX)
        self._process.kill()
        self._process.wait()
        self.killed += 1
        heard = (await asyncio.gather(running, return_exceptions=True))[0]
        await self._client.aclose()
        await asyncio.to_thread(self._service.__exit__, None, None, None)
        await self._start()
        answer = await turn()
        if isinstance(heard, dict) and heard["reply"] != answer["reply"]:
            self.twice.append(f"said {answer['reply']['text'][:80]!r} after {heard['reply']['text'][:80]!r}")
        if (again := await turn())["reply"] != answer["reply"]:
            self.twice.append(f"said {again['reply']['text'][:80]!r} after {answer['reply']['text'][:80]!r}")
        return again  # it holds the token that counts

    async def open(self, customer_id: str) -> str:
        return await self._line.open(customer_id)

    async def say(self, customer_id: str, conversation_id: str, text: str, turn: str) -> Heard:
        await self._line.login(customer_id)
        return await self._line.say(customer_id, conversation_id, text, turn)

    async def press(
        self, customer_id: str, conversation_id: str, proposal_id: str, decision: Decision, token: str | None
    ) -> Heard:
        await self._line.login(customer_id)
        return await self._line.press(customer_id, conversation_id, proposal_id, decision, token)
