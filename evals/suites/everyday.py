"""Plain sentences of customers (evals/sets/everyday.yaml), each as the first message of a talk, up to the agenda.

A single wish is heard when the agenda opens it and moves no money that nobody spoke of; being asked back counts beside
it. Of two wishes both must be opened. Words that ask for nothing must open nothing but an answer that says so, or a
question back. Half of the rows are held out of all tuning and reported apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.agenda import Agenda
from agent.agenda_context import in_context
from agent.agenda_update import update
from agent.understanding import Understanding, labels, understand
from evals.figures import Figures, wilson
from tools.knowledge.embed import Embedder

PHRASINGS = Path(__file__).parents[1] / "sets" / "everyday.yaml"
TODAY = date(2027, 3, 10)
IDLE = frozenset({"smalltalk", "out_of_scope", "unclear", "never_mind"})
_RIGHT_OF = {"identity_theft": "fraud_report", "attorney": "cease_contact", "handoff_status": "human"}
"""Tasks under the name of the wish that they serve."""
_WAYS = {"payment_make": "draw_request", "draw_request": "payment_make"}
"""Acts that move money, and the one that moves it the other way."""

Kind = Literal["wish", "nothing", "two"]
_NAMES: Mapping[Kind, str] = {"wish": "everyday", "two": "everyday.two_wishes", "nothing": "everyday.nothing"}


@dataclass(frozen=True)
class Phrasing:
    """One message, the wishes it holds, and others that would serve it too."""

    text: str
    language: str
    kind: Kind
    wishes: frozenset[str]
    also: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether nothing is tuned on it: half of the rows, by a hash of the text."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Opened:
    """A phrasing and the tasks that the agenda opens for it, under the names of wishes."""

    said: Phrasing
    tasks: tuple[str, ...]

    @property
    def asks_back(self) -> bool:
        return set(self.tasks) <= {"unclear"}

    @property
    def wrong_way(self) -> bool:
        """Whether money would be moved the other way than the customer said."""
        ways = {_WAYS[name] for name in self.said.wishes & set(_WAYS)} - self.said.wishes - self.said.also
        return bool(ways & set(self.tasks))

    @property
    def heard(self) -> bool:
        match self.said.kind:
            case "wish":
                wanted = self.said.wishes | self.said.also
                return bool(wanted & set(self.tasks)) and not (set(self.tasks) & set(_WAYS)) - wanted
            case "two":
                wanted = self.said.wishes | self.said.also
                return len(wanted & set(self.tasks)) >= len(self.said.wishes)
            case "nothing":
                return set(self.tasks) <= IDLE


def phrasings(path: Path = PHRASINGS) -> list[Phrasing]:
    """Every row of the set."""
    spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [*_single(spec), *_idle(spec), *_double(spec)]


def _single(spec: dict[str, Any]) -> Iterator[Phrasing]:
    for wish, languages in spec["wishes"].items():
        also = frozenset(spec["also"].get(wish, ()))
        for language, texts in languages.items():
            for row in texts:
                text, more = (row, ()) if isinstance(row, str) else (row["text"], row["also"])
                yield Phrasing(text, language, "wish", frozenset({wish}), also | frozenset(more))


def _idle(spec: dict[str, Any]) -> Iterator[Phrasing]:
    for texts in spec["nothing"].values():
        for text in texts:
            yield Phrasing(text, "any", "nothing", frozenset(), frozenset())


def _double(spec: dict[str, Any]) -> Iterator[Phrasing]:
    for row in spec["two_wishes"]:
        also = frozenset(row.get("also", ()))
        yield Phrasing(row["text"], row["language"], "two", frozenset(row["wishes"]), also)


def opened(said: Phrasing, read: Callable[[str], Understanding]) -> Opened:
    """What a first message opens."""
    understood = in_context(Agenda(), read(said.text))
    agenda, _ = update(Agenda(), understood, turn_id="t", pending=None)
    names = (labels.canonical(task.intent) for task in agenda.tasks)
    return Opened(said, tuple(dict.fromkeys(_RIGHT_OF.get(name, name) for name in names)))


def add(figures: Figures, embedder: Embedder) -> None:
    """everyday, two_wishes and nothing as shares of messages heard, each also held_out; everyday also by language,
    and what of it is asked back; wrong_way counts messages that would move money the other way than said."""

    def read(text: str) -> Understanding:
        return understand(text, today=TODAY, embedder=embedder)

    found = [opened(said, read) for said in phrasings()]
    single = [one for one in found if one.said.kind == "wish"]
    for kind, name in _NAMES.items():
        of_kind = [one for one in found if one.said.kind == kind]
        _share(figures, name, of_kind)
        _share(figures, f"{name}.held_out", [one for one in of_kind if one.said.held_out])
    for language in ("en", "es"):
        _share(figures, f"everyday.{language}", [one for one in single if one.said.language == language])
        held = [one for one in single if one.said.language == language and one.said.held_out]
        _share(figures, f"everyday.{language}.held_out", held)
    asked = sum(one.asks_back and not one.heard for one in single)
    figures.figures["everyday.asked_back"] = round(asked / len(single), 4)
    figures.figures["everyday.wrong_way"] = sum(one.wrong_way for one in found)
    figures.notes += [
        f"everyday: {one.said.text!r} opens {', '.join(one.tasks)}"
        for one in found
        if not one.heard and not one.said.held_out
    ]


def _share(figures: Figures, name: str, found: Sequence[Opened]) -> None:
    hits = sum(one.heard for one in found)
    figures.figures[name] = round(hits / len(found), 4)
    figures.intervals[name] = wilson(hits, len(found))
