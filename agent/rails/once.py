"""An embedder for one turn: what understanding has embedded, the rails need not embed again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.knowledge.embed import Embedder, Vectors


class EmbedOnce:
    """Passes texts on to another embedder, each once. For one turn, and one caller at a time."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        fresh = list(dict.fromkeys(text for text in texts if text not in self._known))
        if fresh:
            self._known.update(zip(fresh, self._embedder.embed(fresh), strict=True))
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])
