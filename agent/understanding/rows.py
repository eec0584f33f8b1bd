"""Reads rows of a data set, for measuring: each as a turn reads a message, only encoded many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from agent.understanding.classifier import Classifier
from agent.understanding.labels import canonical
from agent.understanding.once import Once
from agent.understanding.reader import texts_to_encode, understand
from tools.knowledge.embed import Embedder


class Remembered(Once):
    """Keeps what it encoded, in a file too where one is given."""

    def __init__(self, embedder: Embedder, stored: Path | None = None) -> None:
        super().__init__(embedder)
        self.embedder = embedder
        self._stored = stored
        if stored and stored.exists():
            with np.load(stored) as file:
                self._known = dict(zip(file["texts"].tolist(), file["pooled"], strict=True))

    def remember(self, texts: Iterable[str]) -> bool:
        fresh = super().remember(texts)
        if fresh:
            # rounded as they are stored, so that a first run and one from the store learn the same
            self._known = {text: row.astype(np.float16) for text, row in self._known.items()}
        if fresh and self._stored:
            pooled = np.array(list(self._known.values()), dtype=np.float16)
            np.savez(self._stored, texts=np.array(list(self._known)), pooled=pooled)
        return fresh


def predict_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    embedder: Embedder,
    today: date,
    layer: Classifier | None = None,
    encoder: Remembered | None = None,
) -> list[dict[str, Any]]:
    """Per row {id, intent, confidence, rights}: the surest wish under its canonical name, permille, and rights.

    `layer` is the classifier to read with, where it is not the shipped one."""
    listed = list(rows)
    encoder = encoder or Remembered(embedder)
    encoder.remember(text for row in listed for text in texts_to_encode(row["text"]))
    predictions = []
    for row in listed:
        said = understand(row["text"], today=today, embedder=embedder, layer=layer, once=encoder)
        top = max(said.intents, key=lambda intent: intent.confidence)
        predictions.append(
            {
                "id": row["id"],
                "intent": canonical(top.name),
                "confidence": top.confidence,
                "rights": [right.name for right in said.rights],
            }
        )
    return predictions
