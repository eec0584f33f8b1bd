"""The learned layer over what an encoder says of a text, as trained by train.py. Numpy alone at run time.

It tells labels: those of the outside sets it learned from and, for our own examples, our intents. Each label accepts one
or more intents (labels.yaml), so that the chance that an intent is right is the sum over the labels that accept it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.understanding import features, pieces

ARTEFACT = Path(__file__).parent / "artefact" / "intents.npz"
_SCALE = 4.0
"""Standardised numbers of a text are brought to about this length."""
_CLOSE_TO_SURE = 1e-4

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """One text as the layer is asked about it: in English for the sentence model, and in the customer's own words."""

    english: str
    own: str


class Encoder(Protocol):
    """Turns texts into the numbers that the layer learned from."""

    def pooled(self, texts: Sequence[str]) -> Floats:
        """One row per text, in order."""
        ...


@dataclass(frozen=True)
class Weights:
    """Of a layer with one hidden part beside a direct one: inputs are standardised by `mean` and `spread`.

    hidden (inputs × hidden), to_labels (hidden × labels), direct (inputs × labels), words (buckets × labels), pieces
    (buckets of pieces × labels)."""

    mean: Floats
    spread: Floats
    hidden: Floats
    hidden_bias: Floats
    to_labels: Floats
    direct: Floats
    words: Floats
    pieces: Floats
    bias: Floats


@dataclass(frozen=True)
class Classifier:
    """Names of the intents; per label the share of rightness of each intent; the weights; the temperature that makes
    chances honest."""

    names: tuple[str, ...]
    accepts: Floats
    weights: Weights
    temperature: float

    def logits(self, asked: Sequence[Asked], encoder: Encoder) -> Floats:
        """Scores of the labels before the softmax, one row per text, divided by the temperature."""
        of = self.weights
        inputs = standardised(encoder.pooled([one.english for one in asked]), of.mean, of.spread)
        hidden = np.maximum(inputs @ of.hidden + of.hidden_bias, 0)
        scores = hidden @ of.to_labels + inputs @ of.direct + of.bias
        scores += np.array([self._of_words(one) for one in asked])
        scaled: Floats = scores / np.float32(self.temperature)
        return scaled

    def _of_words(self, asked: Asked) -> Floats:
        """What the words of one text add to the labels' scores."""
        of = self.weights
        score = features.lexical_score(features.buckets(asked.english), of.words)
        places = pieces.buckets(asked.own)
        added: Floats = score + of.pieces[places].sum(axis=0) * pieces.share(places)
        return added

    def chances(self, logits: Floats) -> tuple[Floats, Floats]:
        """Per intent, how well it serves (an intent that is right but not the best counts in part), and the chance that
        it is right; rows as in `logits`."""
        shares = softmax(logits)
        return shares @ self.accepts, shares @ (self.accepts > 0).astype(np.float32)


def standardised(pooled: Floats, mean: Floats, spread: Floats) -> Floats:
    inputs: Floats = (pooled - mean) / spread * np.float32(_SCALE / np.sqrt(len(mean)))
    return inputs


def softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return shares


def log_odds(chances: Floats) -> Floats:
    """So that words may add to a chance."""
    kept = np.clip(chances, _CLOSE_TO_SURE, 1 - _CLOSE_TO_SURE)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


_MATRICES = ("hidden", "to_labels", "direct", "words", "pieces")
_VECTORS = ("mean", "spread", "hidden_bias", "bias")


@cache
def load(path: Path = ARTEFACT) -> Classifier:
    """The shipped classifier. Matrices are stored as bytes with one scale per column."""
    with np.load(path, allow_pickle=False) as stored:
        matrices = {
            name: stored[name].astype(np.float32) * stored[f"{name}_scale"].astype(np.float32)
            for name in _MATRICES
        }
        vectors = {name: stored[name].astype(np.float32) for name in _VECTORS}
        return Classifier(
            tuple(str(name) for name in stored["names"]),
            stored["accepts"].astype(np.float32) / 100,
            Weights(**matrices, **vectors),
            float(stored["temperature"]),
        )


def save(classifier: Classifier, path: Path = ARTEFACT) -> None:
    """Writes the artefact, matrices rounded to 8 bits per number."""
    parts: dict[str, NDArray[np.generic]] = {}
    for name in _MATRICES:
        matrix = getattr(classifier.weights, name)
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / 127
        parts[name] = np.round(matrix / scale).astype(np.int8)
        parts[f"{name}_scale"] = scale.astype(np.float32)
    np.savez_compressed(
        path,
        allow_pickle=False,
        names=np.array(classifier.names),
        accepts=np.round(classifier.accepts * 100).astype(np.uint8),
        temperature=np.array(classifier.temperature, dtype=np.float32),
        **{name: getattr(classifier.weights, name).astype(np.float32) for name in _VECTORS},
        **parts,
    )
