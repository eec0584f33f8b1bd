"""An embedder that tells how far it is, and can be told to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tools.knowledge.embed import Embedder, Vectors

_AT_ONCE = 32


class Stopped(Exception):
    """Nobody waits for the vectors any more."""


class WatchedEmbedder:
    """Embeds in portions. `advance(done, total)` after each; `stopped` ends it before the next."""

    def __init__(self, embedder: Embedder, advance: Callable[[int, int], None]) -> None:
        self._embedder = embedder
        self._advance = advance
        self.stopped = False

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        # Texts of one length share a portion, as the embedder would batch them itself.
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(order), _AT_ONCE):
            if self.stopped:
                raise Stopped
            rows = order[start : start + _AT_ONCE]
            vectors[rows] = self._embedder.embed([texts[n] for n in rows])
            self._advance(start + len(rows), len(texts))
        return vectors
