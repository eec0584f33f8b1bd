"""The rights layer: for each right, how likely a stretch of text uses it. Numpy alone at run time; made by rights_train.py."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.understanding import gloss
from agent.understanding.numbers import plain
from agent.understanding.result import Language
from tools.knowledge.embed import Embedder

ARTEFACT = Path(__file__).parent / "artefact" / "rights.npz"
BUCKETS = 8192
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|\$")
_STEM = 5

Floats = NDArray[np.float32]


def buckets(text: str) -> NDArray[np.int32]:
    """Places that the text's words, word pairs and stems set, each once. Spanish and English alike, without accents."""
    words = ["#" if word.isdigit() else word for word in _WORD.findall(plain(text).replace("’", "'"))]
    pairs = [f"{one} {two}" for one, two in zip(["<", *words], [*words, ">"], strict=True)]
    stems = [f"{word[:_STEM]}*" for word in words if len(word) > _STEM]
    return np.unique(
        np.array([zlib.crc32(part.encode()) % BUCKETS for part in (*words, *pairs, *stems)], dtype=np.int32)
    )


def for_embedding(text: str, spoken: Language) -> str:
    """What the English embedding is given of the text."""
    return gloss.to_english(text) if spoken == "es" else text


@dataclass(frozen=True)
class RightsLayer:
    """One logistic regression per right over the embedding and hashed words.

    alone: permille from which the layer fires by itself; backed: from which it fires beside a hint of the rules.
    """

    names: tuple[str, ...]
    embedder: str
    dense: Floats
    lexical: Floats
    bias: Floats
    alone: tuple[int, ...]
    backed: tuple[int, ...]

    def permille(self, texts: Sequence[str], spoken: Language, embedder: Embedder) -> NDArray[np.int64]:
        """Per text (row) and right (column), in thousandths. An embedder it was not trained with counts for nothing."""
        scores = np.array([self._words(text) for text in texts])
        if embedder.name == self.embedder:
            scores = scores + embedder.embed([for_embedding(text, spoken) for text in texts]) @ self.dense
        return np.asarray(1000 / (1 + np.exp(-(scores + self.bias))), dtype=np.int64)

    def _words(self, text: str) -> Floats:
        places = buckets(text)
        if not len(places):
            return np.zeros(len(self.names), dtype=np.float32)
        score: Floats = self.lexical[places].sum(axis=0) / np.float32(np.sqrt(len(places)))
        return score


@cache
def load(path: Path = ARTEFACT) -> RightsLayer:
    """The shipped layer. Weights are stored as bytes with one scale per right."""
    with np.load(path, allow_pickle=False) as stored:
        weights = stored["weights"].astype(np.float32) * stored["scales"].astype(np.float32)
        return RightsLayer(
            tuple(str(name) for name in stored["names"]),
            str(stored["embedder"]),
            weights[:-BUCKETS],
            weights[-BUCKETS:],
            stored["bias"].astype(np.float32),
            tuple(int(one) for one in stored["alone"]),
            tuple(int(one) for one in stored["backed"]),
        )


def save(layer: RightsLayer, path: Path = ARTEFACT) -> None:
    """Writes the artefact, weights rounded to 8 bits per number."""
    weights = np.vstack([layer.dense, layer.lexical])
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    np.savez_compressed(
        path,
        names=np.array(layer.names),
        embedder=np.array(layer.embedder),
        weights=np.round(weights / scales).astype(np.int8),
        scales=scales.astype(np.float32),
        bias=layer.bias.astype(np.float32),
        alone=np.array(layer.alone),
        backed=np.array(layer.backed),
    )
