"""Reads rows of a data set, for measuring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from agent.understanding.labels import canonical
from agent.understanding.reader import understand
from tools.knowledge.embed import Embedder


def predict_rows(
    rows: Iterable[Mapping[str, Any]], *, embedder: Embedder, today: date
) -> list[dict[str, Any]]:
    """Per row {id, intent, confidence, rights}: the surest wish under its canonical name, permille, and rights."""
    predictions = []
    for row in rows:
        said = understand(row["text"], today=today, embedder=embedder)
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
