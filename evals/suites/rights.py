"""Words that start a duty: what share of them is heard, and how often one is heard that nobody said.

The phrasings are our own (evals/sets/rights.yaml), both languages, half of the positive ones indirect. False alarms are
counted besides on real customers' questions: rows of the outside sets that are about servicing and about no right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from agent.understanding import labels, understand
from evals.data import DataMissing, rows
from evals.figures import Figures, wilson
from tools.knowledge.embed import Embedder, MiniLM
from tools.rights import PROCEDURES

PHRASINGS = Path(__file__).parents[1] / "sets" / "rights.yaml"
TODAY = date(2027, 3, 10)
QUESTIONS = ("banking77", "clinc150")
RECALL_MIN, PRECISION_MIN, FALSE_ALARMS_MAX = 0.99, 0.90, 0.02
_SERVICING_DOMAINS = frozenset({None, "banking", "credit_cards"})


@dataclass(frozen=True)
class Phrasing:
    """One message: the rights it must start, and those it may start beside them."""

    text: str
    language: str
    how: str
    rights: frozenset[str]
    also: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether rules and layers are not tuned on it: half of the rows, by a hash of the text."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Heard:
    """A phrasing and the rights that were heard in it."""

    said: Phrasing
    rights: frozenset[str]

    @property
    def missed(self) -> frozenset[str]:
        return self.said.rights - self.rights

    @property
    def wrong(self) -> frozenset[str]:
        return self.rights - self.said.rights - self.said.also


def phrasings(path: Path = PHRASINGS) -> list[Phrasing]:
    """Every row of the set."""
    spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    also = {right: frozenset(others) for right, others in spec["also"].items()}
    found = [
        Phrasing(text, language, how, frozenset({right}), also.get(right, frozenset()))
        for right, languages in spec["rights"].items()
        for language, ways in languages.items()
        for how, texts in ways.items()
        for text in texts
    ]
    for row in spec["several"]:
        named = frozenset(row["rights"])
        found.append(Phrasing(row["text"], row["language"], "several", named, frozenset(row.get("also", ()))))
    for language, texts in spec["near_misses"].items():
        found += [Phrasing(text, language, "near_miss", frozenset(), frozenset()) for text in texts]
    return found


def hear(said: Iterable[Phrasing], embedder: Embedder) -> list[Heard]:
    """Each phrasing with the rights that the reader hears in it."""
    return [
        Heard(
            one,
            frozenset(right.name for right in understand(one.text, today=TODAY, embedder=embedder).rights),
        )
        for one in said
    ]


def without_rights(name: str, data: Path) -> list[str]:
    """Texts of the set that are about servicing and whose accepted intents hold no right."""
    found = []
    for row in rows(data, name):
        accept = labels.accepted(name, row)
        servicing = row.get("domain") in _SERVICING_DOMAINS and accept and accept[0] not in labels.REJECTS
        if accept and servicing and not set(accept) & set(PROCEDURES):
            found.append(row["text"])
    return found


def run(options: Any) -> Figures:
    """recall, precision, their held-out halves and slices, false_alarms.<set>."""
    embedder = MiniLM()
    heard = hear(phrasings()[: options.limit], embedder)
    figures = Figures("rights", "suite", str(options.data), len(heard), {})
    _count(figures, "", heard)
    _count(figures, ".held_out", [one for one in heard if one.said.held_out])
    for language in ("en", "es"):
        _count(figures, f".{language}", [one for one in heard if one.said.language == language])
    for how in ("direct", "indirect"):
        _share(figures, f"recall.{how}", *_recall([one for one in heard if one.said.how == how]))
    for right in PROCEDURES:
        _share(figures, f"recall.{right}", *_recall([one for one in heard if right in one.said.rights]))
    near = [one for one in heard if not one.said.rights]
    _share(figures, "false_alarms.near_misses", sum(bool(one.wrong) for one in near), len(near))
    alarms = _alarms(figures, options, embedder)
    figures.notes += [f"missed {sorted(one.missed)}: {one.said.text}" for one in heard if one.missed]
    figures.failed = (
        figures.figures["recall"] < RECALL_MIN
        or figures.figures["precision"] < PRECISION_MIN
        or any(share >= FALSE_ALARMS_MAX for share in alarms)
    )
    return figures


def _alarms(figures: Figures, options: Any, embedder: Embedder) -> list[float]:
    """The share of real questions about no right in which one was heard, per set that is there."""
    shares = []
    for name in QUESTIONS:
        try:
            texts = without_rights(name, options.data)[: options.limit]
        except DataMissing as missing:
            figures.notes.append(f"no false alarms counted: {missing}")
            continue
        alarms = [text for text in texts if understand(text, today=TODAY, embedder=embedder).rights]
        _share(figures, f"false_alarms.{name}", len(alarms), len(texts))
        shares.append(figures.figures[f"false_alarms.{name}"])
    return shares


def _count(figures: Figures, slice_name: str, heard: Sequence[Heard]) -> None:
    _share(figures, f"recall{slice_name}", *_recall(heard))
    right = sum(len(one.rights & one.said.rights) for one in heard)
    _share(figures, f"precision{slice_name}", right, right + sum(len(one.wrong) for one in heard))


def _recall(heard: Sequence[Heard]) -> tuple[int, int]:
    due = sum(len(one.said.rights) for one in heard)
    return due - sum(len(one.missed) for one in heard), due


def _share(figures: Figures, name: str, hits: int, n: int) -> None:
    figures.figures[name] = hits / n if n else 0.0
    figures.intervals[name] = wilson(hits, n)
