"""One message, several layers: each text of it is encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from agent.understanding.classifier import Floats
from tools.knowledge.embed import DIMENSIONS, Embedder, MiniLM, vectors_in


class Once:
    """The sentence model for one message: what it has read before it does not read again.

    It is the platform's own embedder where that is MiniLM, else one beside it: the layers learned on no other."""

    name = MiniLM.name
    dimensions = DIMENSIONS

    def __init__(self, embedder: Embedder) -> None:
        self._model = embedder if isinstance(embedder, MiniLM) else _beside()
        self._known: dict[str, Floats] = {}

    def remember(self, texts: Iterable[str]) -> bool:
        """Encodes those not known yet, all in one go; whether there were any."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known.update(zip(fresh, self._model.pooled(fresh), strict=True))
        return bool(fresh)

    def pooled(self, texts: Sequence[str]) -> Floats:
        """What the intent layer learned from, a row a text."""
        self.remember(texts)
        return np.array([self._known[text] for text in texts], dtype=np.float32)

    def embed(self, texts: Sequence[str]) -> Floats:
        """The same vectors as the embedder's."""
        return vectors_in(self.pooled(texts))


@cache
def _beside() -> MiniLM:
    """A model of our own, loaded at first use."""
    return MiniLM()
