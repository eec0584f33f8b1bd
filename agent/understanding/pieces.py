"""Hashed words, word pairs and pieces of words of a text in the customer's own language.

The sentence model reads English; these read Spanish as it stands, and words with a slip or an ending."""

from __future__ import annotations

import re
import zlib

import numpy as np
from numpy.typing import NDArray

from agent.understanding.numbers import plain

BUCKETS = 8192
_WEIGHT = 2.1
_PIECE = 4
"""Letters of a piece, the marks of a word's two ends included."""
_WORD = re.compile(r"[a-z]+|\d+")

Floats = NDArray[np.float32]


def tokens(text: str) -> list[str]:
    """Words in lower case without accents and apostrophes; every number is `#`."""
    words = _WORD.findall(plain(text).replace("’", "").replace("'", ""))
    return ["#" if word.isdigit() else word for word in words]


def buckets(text: str) -> NDArray[np.int32]:
    """Places that the text's words, word pairs and pieces of words set, each once."""
    words = tokens(text)
    parts = set(words)
    parts.update(f"{one} {two}" for one, two in zip(["<", *words], [*words, ">"], strict=True))
    for word in words:
        marked = f"<{word}>"
        parts.update("~" + marked[at : at + _PIECE] for at in range(max(1, len(marked) - _PIECE + 1)))
    return np.unique(np.array([zlib.crc32(part.encode()) % BUCKETS for part in parts], dtype=np.int32))


def share(places: NDArray[np.int32]) -> np.float32:
    """What each place of a text counts, so that long and short texts weigh the same."""
    return np.float32(_WEIGHT / np.sqrt(max(1, len(places))))
