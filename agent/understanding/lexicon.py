"""Words that speak for an intent beside the learned layer, and the finer wishes inside broad ones (lexicon.yaml)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from agent.understanding.numbers import plain
from agent.understanding.result import Language

_FILE = Path(__file__).with_name("lexicon.yaml")


@dataclass(frozen=True)
class _Lexicon:
    bonus: dict[Language, float]
    intents: dict[Language, dict[str, re.Pattern[str]]]
    finer: dict[str, dict[str, re.Pattern[str]]]
    weight: re.Pattern[str]


def bonus(texts: Sequence[str], spoken: Language, names: Sequence[str]) -> NDArray[np.float32]:
    """What the words add to each intent's logit, one row per text."""
    lexicon = _load()
    added = np.zeros((len(texts), len(names)), dtype=np.float32)
    for row, text in enumerate(texts):
        flat = plain(text).replace("’", "'")
        for name, pattern in lexicon.intents[spoken].items():
            if pattern.search(flat):
                added[row, names.index(name)] = lexicon.bonus[spoken]
    return added


def finer(name: str, clause: str) -> str:
    """The finer wish that the clause's words tell, or the intent itself."""
    flat = plain(clause).replace("’", "'")
    for fine, pattern in _load().finer.get(name, {}).items():
        if pattern.search(flat):
            return fine
    return name


def weight(clause: str) -> int:
    """How many servicing words the clause holds."""
    return len(_load().weight.findall(plain(clause)))


@cache
def _load() -> _Lexicon:
    spec: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))

    def compiled(language: Language) -> dict[str, re.Pattern[str]]:
        return {
            name: re.compile("|".join(f"(?:{p})" for p in patterns))
            for name, patterns in spec[language].items()
        }

    return _Lexicon(
        bonus=spec["bonus"],
        intents={"en": compiled("en"), "es": compiled("es")},
        finer={
            name: {fine: re.compile(pattern) for fine, pattern in group.items()}
            for name, group in spec["finer"].items()
        },
        weight=re.compile(spec["weight"]),
    )
