"""Rights in a message: rules and a trained layer side by side; either one fires.

Rules come in three kinds (rights.yaml). `sure` fires alone. `hint` is broad: it fires where the layer agrees. `unless`
takes out words that only sound like the right ("I'm not in the military") before the other two are tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.understanding import rights_layer
from agent.understanding.numbers import plain
from agent.understanding.result import Language, Right, Span
from tools.knowledge.embed import Embedder

_FILE = Path(__file__).with_name("rights.yaml")
_EVIDENCE_MAX = 400
_NEVER = "(?!)"


@dataclass(frozen=True)
class _Rules:
    sure: re.Pattern[str]
    hint: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True)
class _Ruled:
    """What the rules say of one right: where a sure rule fired, whether a hint did, whether words ruled it out."""

    sure: Span | None
    hint: bool
    excepted: bool


def find(
    text: str, clauses: Sequence[Span], read: Sequence[Span], spoken: Language, embedder: Embedder
) -> tuple[Right, ...]:
    """Rights in the order of first mention. `read`: the stretches that the layer reads, embedded for the intents too."""
    layer = rights_layer.load()
    shares = layer.permille([text[slice(*span)] for span in read], spoken, embedder)
    found: list[tuple[Span, Right]] = []
    for name, ruled in _by_rule(text).items():
        place = layer.names.index(name)
        best = int(shares[:, place].argmax())
        bar = layer.backed[place] if ruled.hint else layer.alone[place]
        layered = shares[best, place] >= bar and not ruled.excepted
        if ruled.sure is None and not layered:
            continue
        span = read[best] if ruled.sure is None else _widened(ruled.sure, clauses)
        source: Any = "classifier" if ruled.sure is None else "both" if layered else "rule"
        found.append((span, Right(name, text[slice(*span)][:_EVIDENCE_MAX], source)))
    return tuple(right for _, right in sorted(found, key=lambda pair: pair[0]))


def ruled_out(text: str) -> frozenset[str]:
    """Rights whose words are there and say that it is none ("I'm not in the military")."""
    return frozenset(name for name, ruled in _by_rule(text).items() if ruled.excepted and ruled.sure is None)


def hints(text: str) -> frozenset[str]:
    """The rights that a hint of the rules speaks for."""
    return frozenset(name for name, ruled in _by_rule(text).items() if ruled.hint)


def _by_rule(text: str) -> dict[str, _Ruled]:
    flat = _flat(text)
    said = {}
    for name, rules in _rules().items():
        rest = rules.unless.sub(lambda match: " " * len(match.group()), flat)
        match = rules.sure.search(rest)
        said[name] = _Ruled(match and match.span(), bool(rules.hint.search(rest)), rest != flat)
    return said


def _flat(text: str) -> str:
    """In lower case without accents, letter for letter, with straight apostrophes."""
    letters = (plain(char)[:1] or " " for char in text)
    return "".join(letters).replace("’", "'").replace("‘", "'")


def _widened(span: Span, clauses: Sequence[Span]) -> Span:
    """The clauses that the match lies in; a rule may reach over more than one."""
    touched = [clause for clause in clauses if clause[0] < span[1] and span[0] < clause[1]]
    return (touched[0][0], touched[-1][1]) if touched else span


@cache
def _rules() -> dict[str, _Rules]:
    spec: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))

    def compiled(patterns: Sequence[str]) -> re.Pattern[str]:
        joined = "|".join(f"(?:{pattern})" for pattern in patterns) or _NEVER
        for word, alternatives in spec["words"].items():
            joined = joined.replace(f"<{word}>", alternatives)
        return re.compile(joined, re.S)

    return {
        name: _Rules(*(compiled(kinds.get(kind, ())) for kind in ("sure", "hint", "unless")))
        for name, kinds in spec["rights"].items()
    }
