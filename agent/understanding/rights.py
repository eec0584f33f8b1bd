"""Rights in a message: rules and the classifier side by side; either one fires."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.understanding.result import Right, Span

_FILE = Path(__file__).with_name("rights.yaml")
_EVIDENCE_MAX = 400
_SURE = {
    "dispute_open": 600, "fraud_report": 700, "hardship": 600, "bankruptcy": 400, "servicemember": 400, "deceased": 400,
    "cease_contact": 450, "complaint": 500, "human": 500, "crisis": 450,
}  # fmt: skip
"""Permille from which the classifier alone fires. A wrong credit report needs words that say so: its intent also
covers plain questions."""


def find(text: str, clauses: Sequence[Span], guesses: Iterable[tuple[str, int, Span]]) -> tuple[Right, ...]:
    """Rights in the order of first mention. `guesses` are the classifier's (intent, permille, clause)."""
    ruled = _by_rule(text, clauses)
    guessed = {}
    for name, permille, span in guesses:
        if permille >= _SURE.get(name, 1001):
            guessed.setdefault(name, span)
    found: list[tuple[Span, Right]] = []
    for name in dict.fromkeys((*ruled, *guessed)):
        span = ruled.get(name) or guessed[name]
        source: Any = "both" if name in ruled and name in guessed else "rule" if name in ruled else "classifier"
        found.append((span, Right(name, text[slice(*span)][:_EVIDENCE_MAX], source)))
    return tuple(right for _, right in sorted(found, key=lambda pair: pair[0]))


def _by_rule(text: str, clauses: Sequence[Span]) -> dict[str, Span]:
    """The clauses in which each right's rules fire first; a rule may reach over more than one clause."""
    plain = text.lower().replace("’", "'").replace("‘", "'")
    fired: dict[str, Span] = {}
    for name, pattern in _rules().items():
        match = pattern.search(plain)
        if match is not None:
            touched = [span for span in clauses if span[0] < match.end() and match.start() < span[1]]
            fired[name] = (touched[0][0], touched[-1][1]) if touched else match.span()
    return fired


@cache
def _rules() -> dict[str, re.Pattern[str]]:
    spec: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    rules = {}
    for name, patterns in spec["rights"].items():
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        for word, alternatives in spec["words"].items():
            joined = joined.replace(f"<{word}>", alternatives)
        rules[name] = re.compile(joined, re.S)
    return rules
