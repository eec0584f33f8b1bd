"""The linear layer over a text's features, as trained by train.py. Numpy alone at run time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.understanding import features
from tools.knowledge.embed import Embedder

ARTEFACT = Path(__file__).parent / "artefact" / "intents.npz"
Probabilities = NDArray[np.float32]


@dataclass(frozen=True)
class Classifier:
    """Weights (features × intents), bias, and the temperature that makes probabilities honest."""

    names: tuple[str, ...]
    embedder: str
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float

    def logits(self, texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
        """Scores before the softmax, one row per text, already divided by the temperature.

        An embedder other than the one trained on leaves the lexical part alone to decide."""
        dense = embedder.dimensions
        if embedder.name == self.embedder:
            dense_part = embedder.embed(texts) @ self.weights[:dense]
        else:
            dense_part = np.zeros((len(texts), len(self.names)), dtype=np.float32)
        lexical = self.weights[len(self.weights) - features.BUCKETS :]
        lexical_part = np.array([features.lexical_score(features.buckets(text), lexical) for text in texts])
        scores = dense_part + lexical_part + self.bias
        scaled: NDArray[np.float32] = scores / np.float32(self.temperature)
        return scaled


def softmax(logits: NDArray[np.float32]) -> Probabilities:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Probabilities = shifted / shifted.sum(axis=-1, keepdims=True)
    return shares


@cache
def load(path: Path = ARTEFACT) -> Classifier:
    """The shipped classifier. Weights are stored as bytes with one scale per intent."""
    with np.load(path, allow_pickle=False) as stored:
        weights = stored["weights"].astype(np.float32) * stored["scales"].astype(np.float32)
        return Classifier(
            tuple(str(name) for name in stored["names"]),
            str(stored["embedder"]),
            weights,
            stored["bias"].astype(np.float32),
            float(stored["temperature"]),
        )


def save(classifier: Classifier, path: Path = ARTEFACT) -> None:
    """Writes the artefact, weights rounded to 8 bits per number."""
    scales = np.maximum(np.abs(classifier.weights).max(axis=0), 1e-9) / 127
    np.savez_compressed(
        path,
        names=np.array(classifier.names),
        embedder=np.array(classifier.embedder),
        weights=np.round(classifier.weights / scales).astype(np.int8),
        scales=scales.astype(np.float32),
        bias=classifier.bias.astype(np.float32),
        temperature=np.array(classifier.temperature, dtype=np.float32),
    )
