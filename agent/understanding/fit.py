"""Fits the layer by Adam over shuffled batches: cross-entropy with smoothed labels, dropout, weight decay.

Of hashed words and pieces only the buckets that a batch holds are moved in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from agent.understanding import features, pieces
from agent.understanding.classifier import Floats, Weights, softmax, standardised

_SEED = 20270101
_EPOCHS = 6
_BATCH = 256
_RATE = 0.004
_DECAY = 1e-4
_HIDDEN = 384
_DROPPED = 0.25
"""Of the inputs and of the hidden numbers, in each pass."""
_SMOOTHING = 0.1
_TRAINED = ("hidden", "hidden_bias", "to_labels", "direct", "words", "pieces", "bias")
_UNDECAYED = ("hidden_bias", "bias")
_ALL = slice(None)

Rows = slice | NDArray[np.int32]


@dataclass(frozen=True)
class Examples:
    """Rows to learn from. `seen` is the chance that a round sees a row: of plentiful ones a share is enough."""

    pooled: Floats
    buckets: Sequence[NDArray[np.int32]]
    pieces: Sequence[NDArray[np.int32]]
    label: NDArray[np.int64]
    weight: Floats
    seen: Floats
    labels: int


def fit(examples: Examples, keep: NDArray[np.bool_]) -> Weights:
    """Weights learned from the kept rows. The same rows give the same weights."""
    chance = np.random.default_rng(_SEED)
    rows = np.flatnonzero(keep)
    mean = examples.pooled[rows].mean(axis=0)
    spread = examples.pooled[rows].std(axis=0) + 1e-6
    weights = _start(mean, spread, examples.labels, chance)
    first, second = ({name: np.zeros_like(getattr(weights, name)) for name in _TRAINED} for _ in range(2))
    batches = list(_batches(examples, rows, chance))
    for step, batch in enumerate(batches, 1):
        rate = _RATE * max(0.02, 1 - step / len(batches))
        for name, (at, gradient) in _gradients(weights, examples, batch, chance).items():
            mean_of, square_of = first[name][at], second[name][at]
            mean_of += 0.1 * (gradient - mean_of)
            square_of += 0.01 * (gradient * gradient - square_of)
            first[name][at], second[name][at] = mean_of, square_of
            values = getattr(weights, name)
            move = (mean_of / (1 - 0.9**step)) / (np.sqrt(square_of / (1 - 0.99**step)) + 1e-8)
            values[at] -= np.float32(rate) * (move if name in _UNDECAYED else move + _DECAY * values[at])
    assert all(np.isfinite(getattr(weights, field.name)).all() for field in fields(weights))
    return weights


def _start(mean: Floats, spread: Floats, labels: int, chance: np.random.Generator) -> Weights:
    inputs = len(mean)
    return Weights(
        mean=mean,
        spread=spread,
        hidden=(chance.standard_normal((inputs, _HIDDEN)) * 1.5 / np.sqrt(inputs)).astype(np.float32),
        hidden_bias=np.zeros(_HIDDEN, dtype=np.float32),
        to_labels=np.zeros((_HIDDEN, labels), dtype=np.float32),
        direct=np.zeros((inputs, labels), dtype=np.float32),
        words=np.zeros((features.BUCKETS, labels), dtype=np.float32),
        pieces=np.zeros((pieces.BUCKETS, labels), dtype=np.float32),
        bias=np.zeros(labels, dtype=np.float32),
    )


def _batches(
    examples: Examples, rows: NDArray[np.int64], chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    for _ in range(_EPOCHS):
        seen = rows[chance.random(len(rows)) < examples.seen[rows]]
        chance.shuffle(seen)
        for start in range(0, len(seen), _BATCH):
            yield seen[start : start + _BATCH]


def _gradients(
    weights: Weights, examples: Examples, batch: NDArray[np.int64], chance: np.random.Generator
) -> dict[str, tuple[Rows, Floats]]:
    """Of the loss of one batch, with numbers dropped at random: per part, the rows it is about, and the gradient."""
    inputs = standardised(examples.pooled[batch], weights.mean, weights.spread)
    inputs *= _kept(inputs.shape, chance)
    words_at, words = _laid_out([examples.buckets[row] for row in batch], features.share)
    pieces_at, parts = _laid_out([examples.pieces[row] for row in batch], pieces.share)
    before = inputs @ weights.hidden + weights.hidden_bias
    kept = _kept(before.shape, chance) * (before > 0)
    hidden = before * kept
    lexical = words @ weights.words[words_at] + parts @ weights.pieces[pieces_at]
    shares = softmax(hidden @ weights.to_labels + inputs @ weights.direct + lexical + weights.bias)
    error = shares - _SMOOTHING / examples.labels
    error[np.arange(len(batch)), examples.label[batch]] -= 1 - _SMOOTHING
    error *= (examples.weight[batch] / examples.weight[batch].sum())[:, None]
    through = (error @ weights.to_labels.T) * kept
    return {
        "hidden": (_ALL, inputs.T @ through),
        "hidden_bias": (_ALL, through.sum(axis=0)),
        "to_labels": (_ALL, hidden.T @ error),
        "direct": (_ALL, inputs.T @ error),
        "words": (words_at, words.T @ error),
        "pieces": (pieces_at, parts.T @ error),
        "bias": (_ALL, error.sum(axis=0)),
    }


def _laid_out(
    places: Sequence[NDArray[np.int32]], share: Callable[[NDArray[np.int32]], np.float32]
) -> tuple[NDArray[np.int32], Floats]:
    """The buckets that the texts hold, and one row per text over them."""
    at = np.unique(np.concatenate(places))
    rows = np.zeros((len(places), len(at)), dtype=np.float32)
    for row, columns in enumerate(places):
        rows[row, np.searchsorted(at, columns)] = share(columns)
    return at, rows


def _kept(shape: tuple[int, ...], chance: np.random.Generator) -> Floats:
    mask: Floats = (chance.random(shape, dtype=np.float32) >= _DROPPED).astype(np.float32) / np.float32(
        1 - _DROPPED
    )
    return mask
