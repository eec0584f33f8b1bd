"""Plays a scenario turn by turn and says what is not as it should be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from agent.flows.base import Flow
from evals.simulation.line import Line
from evals.simulation.scenario import LANGUAGES, Scenario, Step
from ledger_core.store.postgres import named_queries, system, transaction

_SQL = named_queries(Path(__file__).parent / "stage.sql")
_SYSTEM = system("evals")
SEAMS = ("{{", "undefined", "_cents", "couldn't put that into words", "no pude expresar")
"""what no reply may show"""

Attempt = Callable[[Callable[[], Awaitable[dict[str, Any]]]], Awaitable[dict[str, Any]]]
"""How a turn is taken: once, or with failures in between."""


async def once(turn: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """The turn, undisturbed."""
    return await turn()


@dataclass
class Played:
    """A scenario as it went."""

    scenario: Scenario
    turns: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    duties: frozenset[str] = frozenset()
    handoffs: frozenset[str] = frozenset()
    messages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What is not as the scenario wants it; empty: it is completed."""
        scenario = self.scenario
        found = [
            problem
            for step, turn in zip(scenario.steps, self.turns, strict=False)
            for problem in judge(step, turn)
        ]
        if len(self.turns) < len(scenario.steps):
            found.append(f"only {len(self.turns)} of {len(scenario.steps)} turns could be taken")
        seen = {task["intent"] for turn in self.turns for task in turn["agenda"]}
        if scenario.flows - seen:
            found.append(f"{sorted(scenario.flows - seen)} never on the agenda, only {sorted(seen)}")
        certain = {kind: n for kind, n in self.facts.items() if kind not in scenario.may["books"]}
        if certain != dict(scenario.books):
            found.append(f"the books have {self.facts}, should have {dict(scenario.books)}")
        for name, got, wanted in (
            ("duties", self.duties, scenario.duties),
            ("handoffs", self.handoffs, scenario.handoffs),
        ):
            if got - scenario.may[name] != wanted:
                found.append(f"{name} are {sorted(got)}, should be {sorted(wanted)}")
        return found


def judge(step: Step, turn: dict[str, Any]) -> list[str]:
    """What is wrong with the answer to one step."""
    text = turn["reply"]["text"]
    low = text.lower()
    found = []
    if turn["status"] not in step.statuses:
        found.append(
            f"{step.say or step.press}: {turn['status']}, should be {'/'.join(step.statuses)}: {text[:200]}"
        )
    found += [
        f"{step.say or step.press}: lacks {must!r}: {text[:200]}"
        for must in step.must
        if must.lower() not in low
    ]
    found += [
        f"{step.say or step.press}: has {never!r}: {text[:200]}"
        for never in step.never
        if never.lower() in low
    ]
    found += [f"{step.say or step.press}: shows {seam!r}: {text[:200]}" for seam in SEAMS if seam in text]
    return found


async def play(line: Line, engine: AsyncEngine, scenario: Scenario, attempt: Attempt = once) -> Played:
    """The scenario in a conversation of its own. engine: on the books, to see how they stand afterwards."""
    async with transaction(engine, _SYSTEM) as conn:
        since = await conn.scalar(_SQL["now"])
    conversation = await line.open(scenario.customer)
    played = Played(scenario)
    shown: dict[str, Any] | None = None
    for number, step in enumerate(scenario.steps):
        if step.press is not None and shown is None:
            break
        turn = await attempt(partial(_take, line, scenario.customer, conversation, number, step, shown))
        shown = turn["proposal"] or shown
        played.turns.append(turn)
    await _look(engine, played, conversation, since)
    return played


async def _take(
    line: Line, customer: str, conversation: str, number: int, step: Step, shown: dict[str, Any] | None
) -> dict[str, Any]:
    if step.press is None:
        assert step.say is not None
        heard = await line.say(customer, conversation, step.say, f"turn-{number}")
    else:
        assert shown is not None
        heard = await line.press(customer, conversation, shown["id"], step.press, shown["confirmation_token"])
    if heard.status != 200:
        raise AssertionError(f"{step.say or step.press}: {heard.status} {heard.body}")
    return heard.body


async def _look(engine: AsyncEngine, played: Played, conversation: str, since: datetime) -> None:
    async with transaction(engine, _SYSTEM) as conn:
        whose = {"customer_id": played.scenario.customer, "since": since}
        played.facts = {row.type: row.n for row in await conn.execute(_SQL["facts"], whose)}
        here = {"conversation_id": conversation}
        played.duties = frozenset((await conn.execute(_SQL["duties"], here)).scalars())
        played.handoffs = frozenset((await conn.execute(_SQL["handoffs"], here)).scalars())
        played.messages = [(row.role, row.text) for row in await conn.execute(_SQL["messages"], here)]


def uncovered(scenarios: Sequence[Scenario], flows: Mapping[str, Flow]) -> list[str]:
    """Flows, with the language, that no scenario goes through; wishes that share one are covered by any of them."""
    covered = {
        (flows[name], scenario.language) for scenario in scenarios for name in scenario.flows if name in flows
    }
    return [
        f"{name} ({language})"
        for name, flow in sorted(flows.items())
        for language in LANGUAGES
        if (flow, language) not in covered
    ]
