"""The intent layer apart from the sentence model: it fits, is stored in bytes, and adds labels up to intents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.understanding import classifier, features, fit, pieces, variants
from agent.understanding.classifier import Asked, Classifier

SIDES = {"pay": [2.0, 0.0], "draw": [-2.0, 0.0], "joke": [0.0, 2.0]}
WORDS = tuple(SIDES)


class Toy:
    """Encodes a text by its first word."""

    def pooled(self, texts: Sequence[str]) -> classifier.Floats:
        return np.array([SIDES[text.split()[0]] for text in texts], dtype=np.float32)


def layer() -> Classifier:
    texts = [f"{word} {n}" for n in range(80) for word in WORDS]
    label = np.array([WORDS.index(text.split()[0]) for text in texts])
    noise = np.random.default_rng(3).standard_normal((len(texts), 2)).astype(np.float32) * 0.2
    examples = fit.Examples(
        pooled=Toy().pooled(texts) + noise,
        buckets=[features.buckets(text) for text in texts],
        pieces=[pieces.buckets(text) for text in texts],
        label=label,
        weight=np.ones(len(texts), dtype=np.float32),
        seen=np.ones(len(texts), dtype=np.float32),
        labels=3,
    )
    weights = fit.fit(examples, np.ones(len(texts), dtype=bool))
    accepts = np.array([[1, 0, 0], [0.6, 1, 0], [0, 0, 1]], dtype=np.float32)
    return Classifier(("payment_make", "draw_request", "smalltalk"), accepts, weights, 0.5)


def test_what_was_learned_is_told_again_after_storing(tmp_path: Path) -> None:
    learned = layer()
    classifier.save(learned, tmp_path / "layer.npz")
    stored = classifier.load(tmp_path / "layer.npz")
    for one in (learned, stored):
        serves, _ = one.chances(
            one.logits([Asked(text, text) for text in ("pay 7", "draw 7", "joke 7")], Toy())
        )
        assert [one.names[top] for top in serves.argmax(axis=1)] == [
            "payment_make",
            "draw_request",
            "smalltalk",
        ]


def test_an_intent_is_right_as_often_as_the_labels_that_accept_it() -> None:
    learned = layer()
    logits = np.log(np.array([[0.5, 0.3, 0.2]], dtype=np.float32))
    serves, chance = learned.chances(logits)
    np.testing.assert_allclose(chance, [[0.8, 0.3, 0.2]], rtol=1e-5)
    np.testing.assert_allclose(serves, [[0.68, 0.3, 0.2]], rtol=1e-5)


def test_variants_of_a_text_are_always_the_same_and_never_the_text_alone() -> None:
    first = variants.of("how much do i owe right now", 4)
    assert first == variants.of("how much do i owe right now", 4)
    assert len(first) == 4
    assert any(one != "how much do i owe right now" for one in first)
