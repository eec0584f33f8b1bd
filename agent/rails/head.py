"""How much words sound like instructions to the software: a linear layer over the embedding, hashed words and a few
counts, as trained by train_head.py. Numpy alone.

It hears what no pattern names, and it errs. So a customer whose message it suspects is served all the same, by the
built-in planner, which no words can instruct; only what other people wrote is kept from a model on its word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.understanding import features, gloss, language
from tools.knowledge.embed import Embedder

ARTEFACT = Path(__file__).parent / "artefact" / "injection.npz"
READ_CHARS_MAX = 600
"""of a text for its embedding, as in training"""
COUNTED_CHARS_MAX = 2500
FOREIGN = -9.0
"""the score of a text in letters that the layer was not trained on: it says nothing of those"""
_WORD = re.compile(r"[^\W\d_]+")
_YOU = re.compile(r"\b(?:you|your|yours|yourself)\b", re.I)
_MUST = re.compile(r"\b(?:must|always|never|shall|will|only|should)\b", re.I)
_OF_MODELS = re.compile(
    r"\b(?:assistant|ai|chatgpt|gpt|llm|bot|chatbot|model|prompt|instructions?|system|user|respond|response|answer"
    r"|reply|output|ignore|above|previous|pretend|act|role)\b",
    re.I,
)
_ORDER = re.compile(
    r"^\W*(?:write|give|tell|show|repeat|print|ignore|send|create|provide|explain|add|say|start|answer|output|reveal"
    r"|make|forget|pretend|act|translate|delete|change|develop|teach|describe|list)\b",
    re.I,
)
_MINE = re.compile(r"\b(?:I|my|me|mi|mis)\b")
_MAIL = re.compile(r"\b[\w.]+@[\w.]+")
COUNTS = (
    "length",
    "you",
    "must",
    "of models",
    "order",
    "capitals",
    "lines",
    "signs",
    "link",
    "mail",
    "mine",
    "quotes",
)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """Weights over embedding, buckets and counts, in that order, and the two thresholds."""

    embedder: str
    weights: Floats
    bias: float
    suspect: float
    """a customer's own words from here on"""
    suspect_others: float
    """other people's words, which may not instruct anybody: far lower"""

    def scores(self, texts: Sequence[str], embedder: Embedder) -> Floats:
        """One score per text; an embedder other than the one trained on leaves the rest to decide."""
        read = [as_read(text) for text in texts]
        dense = embedder.dimensions if embedder.name == self.embedder else 0
        total = np.full(len(texts), self.bias, dtype=np.float32)
        if dense and read:
            total += embedder.embed([text[:READ_CHARS_MAX] for text in read]) @ self.weights[:dense]
        return self.without_embedding(read, total)

    def without_embedding(self, read: Sequence[str], total: Floats) -> Floats:
        """Adds to each total what words and counts of the text say."""
        lexical = self.weights[-features.BUCKETS - len(COUNTS) : -len(COUNTS)]
        for n, text in enumerate(read):
            places = features.buckets(text[:COUNTED_CHARS_MAX])
            total[n] += features.lexical_score(places, lexical[:, None])[0]
            total[n] += counts(text) @ self.weights[-len(COUNTS) :]
            if is_foreign(text):
                total[n] = FOREIGN
        return total


def as_read(text: str) -> str:
    """The text as the layer reads it: Spanish through its English gloss, like the understanding, whose vector it is."""
    return gloss.to_english(text) if language.detect(text) == "es" else text


def counts(text: str) -> Floats:
    """The few counts beside words and meaning, each brought to about 0 to 1."""
    text = text[:COUNTED_CHARS_MAX]
    words, length = max(1, len(_WORD.findall(text))), max(1, len(text))
    return np.array(
        [
            np.log1p(words) / 6,
            len(_YOU.findall(text)) / words * 5,
            len(_MUST.findall(text)) / words * 5,
            len(_OF_MODELS.findall(text)) / words * 5,
            float(bool(_ORDER.match(text))),
            sum(char.isupper() for char in text) / length * 3,
            min(1, text.count("\n") / 5),
            sum(char in '<>[]{}#*|=_`"' for char in text) / length * 10,
            float("http" in text or "www." in text),
            float(bool(_MAIL.search(text))),
            float(bool(_MINE.search(text))),
            min(1, text.count('"') / 4),
        ],
        dtype=np.float32,
    )


def is_foreign(text: str) -> bool:
    """True when a third of the letters are of another alphabet than the Latin."""
    letters = [char for char in text[:COUNTED_CHARS_MAX] if char.isalpha()]
    return sum(ord(char) > 0x24F for char in letters) * 3 > len(letters)


@cache
def load(path: Path = ARTEFACT) -> Head:
    """The shipped head. Weights are stored as bytes with one scale per part."""
    with np.load(path, allow_pickle=False) as stored:
        return _of(stored, "")


def load_unseen(path: Path = ARTEFACT) -> dict[str, Head]:
    """By source of attacks, a head that was trained without that source: for measuring alone."""
    with np.load(path, allow_pickle=False) as stored:
        return {str(source): _of(stored, f"{n}.") for n, source in enumerate(stored["sources"])}


def _of(stored: np.lib.npyio.NpzFile, prefix: str) -> Head:
    weights = stored[f"{prefix}weights"].astype(np.float32) * stored[f"{prefix}scales"].astype(np.float32)
    suspect, suspect_others = (float(value) for value in stored["thresholds"])
    return Head(str(stored["embedder"]), weights, float(stored[f"{prefix}bias"]), suspect, suspect_others)
