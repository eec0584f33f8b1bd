"""Scenarios as they stand in `evals/scenarios/*.yaml` (its README has the shape)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import yaml

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
LANGUAGES = ("en", "es")
_KEYS = {"id", "flows", "customer", "turns", "books", "duties", "handoffs", "may"}
_TURN_KEYS = {"say", "press", "status", "must", "never"}


class ScenarioInvalid(Exception):
    """A scenario holds a key that nobody knows, or lacks one; the message names it."""


@dataclass(frozen=True)
class Step:
    """One turn: words or a button, and what the answer must be. Words are compared whatever their case."""

    say: str | None
    press: Literal["confirm", "decline"] | None
    statuses: tuple[str, ...]
    must: tuple[str, ...]
    never: tuple[str, ...]


@dataclass(frozen=True)
class Scenario:
    """One conversation in one language. books: new facts by type; may: what else may come, by kind."""

    id: str
    language: str
    flows: frozenset[str]
    customer: str
    steps: tuple[Step, ...]
    books: Mapping[str, int]
    duties: frozenset[str]
    handoffs: frozenset[str]
    may: Mapping[str, frozenset[str]]

    @property
    def name(self) -> str:
        return f"{self.id} ({self.language})"

    @property
    def quiet(self) -> bool:
        """Whether it only asks and is answered, so that it leaves the books and all counters as they were."""
        changes = self.books or self.duties or self.handoffs or any(self.may.values())
        told = all(step.say and {"answered", "asking"}.issuperset(step.statuses) for step in self.steps)
        return told and not changes


def rounds(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """Scenarios that may share one copy of the book: first all quiet ones, then of each customer one at a time."""
    quiet = [scenario for scenario in scenarios if scenario.quiet]
    turns: list[list[Scenario]] = []
    for scenario in [scenario for scenario in scenarios if not scenario.quiet]:
        free = next((turn for turn in turns if all(s.customer != scenario.customer for s in turn)), None)
        if free is None:
            turns.append([scenario])
        else:
            free.append(scenario)
    return [quiet, *turns] if quiet else turns


def load_all(folder: Path = SCENARIOS) -> list[Scenario]:
    """All scenarios in both languages, by id. Raises ScenarioInvalid."""
    found = [
        _scenario(data, language)
        for path in sorted(folder.glob("*.yaml"))
        for data in yaml.safe_load(path.read_text(encoding="utf-8"))
        for language in LANGUAGES
    ]
    names = [scenario.name for scenario in found]
    if len(set(names)) != len(names):
        raise ScenarioInvalid(f"twice: {sorted(name for name in set(names) if names.count(name) > 1)}")
    return found


def _scenario(data: dict[str, Any], language: str) -> Scenario:
    name = data.get("id", "a scenario without id")
    if data.keys() - _KEYS or {"id", "flows", "customer", "turns"} - data.keys():
        raise ScenarioInvalid(f"{name}: has {sorted(data)}")
    return Scenario(
        id=name,
        language=language,
        flows=frozenset(data["flows"]),
        customer=data["customer"],
        steps=tuple(_step(name, turn, language) for turn in data["turns"]),
        books=data.get("books", {}),
        duties=frozenset(data.get("duties", ())),
        handoffs=frozenset(data.get("handoffs", ())),
        may={kind: frozenset(data.get("may", {}).get(kind, ())) for kind in ("books", "duties", "handoffs")},
    )


def _step(name: str, turn: dict[str, Any], language: str) -> Step:
    if turn.keys() - _TURN_KEYS or ("say" in turn) == ("press" in turn) or "status" not in turn:
        raise ScenarioInvalid(f"{name}: a turn has {sorted(turn)}")
    status = turn["status"]
    return Step(
        say=turn["say"][language] if "say" in turn else None,
        press=cast('Literal["confirm", "decline"] | None', turn.get("press")),
        statuses=(status,) if isinstance(status, str) else tuple(status),
        must=_words(turn.get("must", ()), language),
        never=_words(turn.get("never", ()), language),
    )


def _words(given: Any, language: str) -> tuple[str, ...]:
    return tuple(given[language] if isinstance(given, dict) else given)
