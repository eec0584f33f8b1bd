"""BERT's encoder on numpy: forward only, float32, post-norm, exact GELU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_HEADS = 12
_EPSILON = np.float32(1e-12)
_MASKED = np.float32(-1e9)

# Rational approximation of erf on [-4, 4], good to the last bits of a float32 (numpy has no erf).
_ERF_ABOVE = (
    -2.72614225801306e-10,
    2.77068142495902e-08,
    -2.10102402082508e-06,
    -5.69250639462346e-05,
    -7.34990630326855e-04,
    -2.95459980854025e-03,
    -1.60960333262415e-02,
)
_ERF_BELOW = (
    -1.45660718464996e-05,
    -2.13374055278905e-04,
    -1.68282697438203e-03,
    -7.37332916720468e-03,
    -1.42647390514189e-02,
)


@dataclass(frozen=True)
class _Layer:
    """Weights of one layer, turned so that a row of tokens times a matrix is the next row."""

    query_key_value: Floats
    query_key_value_bias: Floats
    attended: Floats
    attended_bias: Floats
    attended_norm: tuple[Floats, Floats]
    wide: Floats
    wide_bias: Floats
    narrow: Floats
    narrow_bias: Floats
    narrow_norm: tuple[Floats, Floats]


class Bert:
    """The encoder over weights named as in the published checkpoint. Holds no state between calls."""

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        self._words = tensors["embeddings.word_embeddings.weight"]
        kinds = tensors["embeddings.token_type_embeddings.weight"]
        self._places = tensors["embeddings.position_embeddings.weight"] + kinds[0]
        self._norm = _norm_of(tensors, "embeddings")
        depth = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))
        self._layers = tuple(_layer_of(tensors, f"encoder.layer.{i}") for i in range(depth))

    def encode(self, tokens: NDArray[np.int64], present: Floats) -> Floats:
        """Hidden states (texts, tokens, width) of padded token ids; `present` is 0 where padded."""
        *_, last = self.layers(tokens, present)
        return last

    def layers(self, tokens: NDArray[np.int64], present: Floats) -> Iterator[Floats]:
        """Hidden states after each layer, from the first to the last."""
        hidden = _normalise(self._words[tokens] + self._places[: tokens.shape[1]], *self._norm)
        unseen = ((1 - present) * _MASKED)[:, None, None, :]
        for layer in self._layers:
            hidden = _forward(layer, hidden, unseen)
            yield hidden


def _forward(layer: _Layer, hidden: Floats, unseen: Floats) -> Floats:
    texts, length, width = hidden.shape
    flat = hidden.reshape(texts * length, width)
    attended = _attend(flat @ layer.query_key_value + layer.query_key_value_bias, texts, unseen)
    flat = _normalise(flat + attended @ layer.attended + layer.attended_bias, *layer.attended_norm)
    wide = _gelu(flat @ layer.wide + layer.wide_bias)
    flat = _normalise(flat + wide @ layer.narrow + layer.narrow_bias, *layer.narrow_norm)
    return flat.reshape(texts, length, width)


def _attend(projected: Floats, texts: int, unseen: Floats) -> Floats:
    """Scaled dot-product attention of every head; returns (texts × tokens, width)."""
    rows, three_widths = projected.shape
    size = three_widths // 3 // _HEADS
    query, key, value = projected.reshape(texts, rows // texts, 3, _HEADS, size).transpose(2, 0, 3, 1, 4)
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(size)) + unseen
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights /= weights.sum(axis=-1, keepdims=True)
    attended: Floats = (weights @ value).transpose(0, 2, 1, 3).reshape(rows, three_widths // 3)
    return attended


def _normalise(values: Floats, scale: Floats, shift: Floats) -> Floats:
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.einsum("...h,...h->...", centred, centred)[..., None] / np.float32(values.shape[-1])
    normal: Floats = centred / np.sqrt(spread + _EPSILON) * scale + shift
    return normal


def _gelu(values: Floats) -> Floats:
    activated: Floats = values * (np.float32(0.5) * (1 + _erf(values * np.float32(np.sqrt(0.5)))))
    return activated


def _erf(values: Floats) -> Floats:
    clipped = np.clip(values, -4, 4)
    square = clipped * clipped
    ratio: Floats = clipped * _polynomial(_ERF_ABOVE, square) / _polynomial(_ERF_BELOW, square)
    return ratio


def _polynomial(coefficients: tuple[float, ...], at: Floats) -> Floats:
    """Horner's rule, highest power first."""
    total = np.full_like(at, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= at
        total += np.float32(coefficient)
    return total


def _layer_of(tensors: Mapping[str, Floats], name: str) -> _Layer:
    attention = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    return _Layer(
        query_key_value=np.concatenate([tensors[f"{part}.weight"] for part in attention]).T.copy(),
        query_key_value_bias=np.concatenate([tensors[f"{part}.bias"] for part in attention]),
        attended=tensors[f"{name}.attention.output.dense.weight"].T.copy(),
        attended_bias=tensors[f"{name}.attention.output.dense.bias"],
        attended_norm=_norm_of(tensors, f"{name}.attention.output"),
        wide=tensors[f"{name}.intermediate.dense.weight"].T.copy(),
        wide_bias=tensors[f"{name}.intermediate.dense.bias"],
        narrow=tensors[f"{name}.output.dense.weight"].T.copy(),
        narrow_bias=tensors[f"{name}.output.dense.bias"],
        narrow_norm=_norm_of(tensors, f"{name}.output"),
    )


def _norm_of(tensors: Mapping[str, Floats], name: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.LayerNorm.weight"], tensors[f"{name}.LayerNorm.bias"]
