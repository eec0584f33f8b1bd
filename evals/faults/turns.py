"""Turns of the agent that break at any boundary of any node, and are sent again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from agent import graph
from agent.models import ModelChain
from evals.faults.caller import Tally
from evals.simulation.line import InProcess
from evals.simulation.play import Played, play
from evals.simulation.scenario import Scenario, load_all, rounds
from evals.simulation.stage import Stage, stage

NODES = ("listen", "decide", "plan", "act", "compose")
BOUNDARIES_MAX = 12
_ID = re.compile(r"\b[a-z]{2,16}_(?:[0-9a-z]{26}|[0-9a-z]{8})\b")
"""an id, or the short reference that a customer is given"""
Turn = Callable[[], Awaitable[dict[str, Any]]]


class Crash(Exception):
    """What a process dies of."""


@dataclass
class Boundaries:
    """Counts the node boundaries of a turn and breaks at the chosen one, once."""

    break_at: int | None = None
    passed: int = 0

    def reach(self) -> None:
        here, self.passed = self.passed, self.passed + 1
        if here == self.break_at:
            self.break_at = None
            raise Crash


@contextmanager
def boundaries() -> Iterator[Boundaries]:
    """Every node of the graph, with a boundary before the first and after each."""
    at, real = Boundaries(), {name: getattr(graph, name) for name in NODES}

    def around(node: Any) -> Any:
        @wraps(node)
        async def run(state: Any, runtime: Any) -> Any:
            if node.__name__ in ("listen", "decide"):
                at.reach()
            answer = await node(state, runtime)
            at.reach()
            return answer

        return run

    for name, node in real.items():
        setattr(graph, name, around(node))
    _forget_graph()
    try:
        yield at
    finally:
        for name, node in real.items():
            setattr(graph, name, node)
        _forget_graph()


def _forget_graph() -> None:
    graph.builder.cache_clear()
    graph._compiled.cache_clear()


@dataclass
class Breaking:
    """Takes each turn by breaking it at one boundary and sending it again, and once more when it is answered."""

    at: Boundaries
    boundary: int
    broken: int = 0
    twice: list[str] = field(default_factory=list)

    async def __call__(self, turn: Turn) -> dict[str, Any]:
        self.at.break_at, self.at.passed = self.boundary, 0
        try:
            answer = await turn()
        except Crash:
            self.broken += 1
            answer = await turn()
        self.at.break_at = None
        if (again := await turn())["reply"] != answer["reply"]:
            self.twice.append(f"said {again['reply']['text'][:80]!r} after {answer['reply']['text'][:80]!r}")
        return again  # it holds the token that counts


async def break_turns(tally: Tally, scenarios: Sequence[Scenario] | None = None) -> dict[str, int]:
    """Each scenario, broken at each boundary, beside an undisturbed twin; how often, by scenario."""
    done: dict[str, int] = {}
    async with stage() as made:
        for together in rounds(scenarios or load_all()):
            done |= await break_round(made, together, tally)
            print(
                f"  {len(done)} scenarios, {sum(done.values())} failures, {len(tally.said)} wrong", flush=True
            )
    return done


async def break_round(made: Stage, scenarios: Sequence[Scenario], tally: Tally) -> dict[str, int]:
    """How many failures were injected into each of these, which share a copy of the book for each boundary."""
    with made.copy() as book:
        calm = {scenario.name: await _played(made, scenario, book) for scenario in scenarios}
    injected = dict.fromkeys(calm, 0)
    unbroken = list(scenarios)
    with boundaries() as at:
        for boundary in range(BOUNDARIES_MAX):
            with made.copy() as book:
                for scenario in tuple(unbroken):
                    breaking = Breaking(at, boundary)
                    disturbed = await _played(made, scenario, book, breaking)
                    if not breaking.broken:
                        unbroken.remove(scenario)
                        continue
                    injected[scenario.name] += breaking.broken
                    where = f"{scenario.name}, boundary {boundary}"
                    tally.said_twice += len(breaking.twice)
                    tally.said += [f"{where}: {twice}" for twice in breaking.twice]
                    compare(tally, where, disturbed, calm[scenario.name])
            if not unbroken:
                break
    tally.kills += sum(injected.values())
    return injected


async def _played(made: Stage, scenario: Scenario, book: str, attempt: Any = None) -> Played:
    async with made.platform(ModelChain(), book) as platform:
        more = {} if attempt is None else {"attempt": attempt}
        return await play(InProcess(platform), platform.engine, scenario, **more)


def compare(tally: Tally, where: str, disturbed: Played, calm: Played) -> None:
    """Puts into the tally how a disturbed conversation differs from its calm twin."""
    for kind in sorted(disturbed.facts.keys() | calm.facts.keys()):
        ours, theirs = disturbed.facts.get(kind, 0), calm.facts.get(kind, 0)
        if ours != theirs:
            tally.doubled += ours > theirs
            tally.lost += ours < theirs
            tally.said.append(f"{where}: {ours} {kind} for {theirs}")
    if (disturbed.duties, disturbed.handoffs) != (calm.duties, calm.handoffs):
        tally.lost += 1
        tally.said.append(
            f"{where}: duties {sorted(disturbed.duties)}, hand-offs {sorted(disturbed.handoffs)}"
        )
    if len(disturbed.messages) > len(calm.messages):
        tally.said_twice += 1
        tally.said.append(f"{where}: {len(disturbed.messages)} messages for {len(calm.messages)}")
    for ours_turn, theirs_turn in zip(disturbed.turns, calm.turns, strict=True):
        if gist(ours_turn) != gist(theirs_turn):
            tally.lost += 1
            tally.said.append(f"{where}: {gist(ours_turn)} for {gist(theirs_turn)}")


def gist(turn: dict[str, Any]) -> tuple[Any, ...]:
    """What a turn told, without what every run makes anew."""
    terms = {
        key: value
        for key, value in ((turn["proposal"] or {}).get("terms") or {}).items()
        if not _ID.search(str(value))
    }
    return (
        _ID.sub("…", turn["reply"]["text"]),
        turn["status"],
        terms,
        [(task["intent"], task["state"]) for task in turn["agenda"]],
        [(duty["right"], duty["state"]) for duty in turn["obligations"]],
    )
