"""What the linear layer sees of a text: its embedding and hashed words and word pairs."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BUCKETS = 4096
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|\$")
_LEXICAL_WEIGHT = 2.1

Floats = NDArray[np.float32]


def tokens(text: str) -> list[str]:
    """Lower-case words; every number is `#`, so that no amount or date is learned by heart."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    return ["#" if word.isdigit() else word for word in words]


def buckets(text: str) -> NDArray[np.int32]:
    """Places in the hashed part that the text's words and word pairs set, each once."""
    words = tokens(text)
    pairs = [f"{one} {two}" for one, two in zip(["<", *words], [*words, ">"], strict=True)]
    return np.unique(
        np.array([zlib.crc32(part.encode()) % BUCKETS for part in (*words, *pairs)], dtype=np.int32)
    )


def lexical(places: Sequence[NDArray[np.int32]]) -> Floats:
    """One row per text over BUCKETS columns, of length _LEXICAL_WEIGHT, from each text's buckets."""
    rows = np.zeros((len(places), BUCKETS), dtype=np.float32)
    for row, columns in enumerate(places):
        if len(columns):
            rows[row, columns] = _LEXICAL_WEIGHT / np.sqrt(np.float32(len(columns)))
    return rows


def share(columns: NDArray[np.int32]) -> np.float32:
    """What each bucket of a text counts, so that long and short texts weigh the same."""
    return np.float32(_LEXICAL_WEIGHT / np.sqrt(max(1, len(columns))))


def lexical_score(columns: NDArray[np.int32], weights: Floats) -> Floats:
    """What one text's row of `lexical` times the weights is, without laying out the row."""
    if not len(columns):
        return np.zeros(weights.shape[1], dtype=np.float32)
    score: Floats = weights[columns].sum(axis=0) * np.float32(_LEXICAL_WEIGHT / np.sqrt(len(columns)))
    return score
