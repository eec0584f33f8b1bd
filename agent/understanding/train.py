"""Trains the intent layer and writes artefact/intents.npz and artefact/card.md.

    python -m agent.understanding.train --data DIR [--cache DIR]

DIR holds banking77.jsonl, clinc150.jsonl, dstc11_intents.jsonl and bitext_support.jsonl (rows with id, text, label).
Rows kept apart for measuring must not be in it. Same data, same result: the seed is fixed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from agent.understanding import card, classifier, features, gloss, labels
from tools.knowledge.embed import Embedder, MiniLM

DATA_SETS = ("banking77", "clinc150", "dstc11_intents", "bitext_support")
EXAMPLES = Path(__file__).with_name("examples.yaml")
FOLDS = 5
_SEED = 20270101
_EPOCHS = 8
_BATCH = 256
_RATE = 0.02
_DECAY = 2e-5
_FIRST_SHARE = 0.75
"""Of a row's target, what its best intent gets; its other accepted intents share the rest."""
_OWN_WEIGHT = 6.0

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """Training rows: features, target shares, weights; and where each came from."""

    ids: tuple[str, ...]
    sets: tuple[str, ...]
    texts: tuple[str, ...]
    accepted: tuple[tuple[str, ...], ...]
    vectors: Floats
    buckets: tuple[NDArray[np.int32], ...]

    def __len__(self) -> int:
        return len(self.ids)


def read(data: Path, embedder: Embedder, cache: Path | None) -> Rows:
    """All mapped rows of the outside sets and our own examples, embedded."""
    ids, sets, texts, accepted = [], [], [], []
    for data_set in DATA_SETS:
        for line in (data / f"{data_set}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            accept = labels.accepted(data_set, row)
            if accept is not None:
                ids.append(row["id"])
                sets.append(data_set)
                texts.append(row["text"])
                accepted.append(accept)
    for name, text in own_examples():
        ids.append(f"own-{len(ids)}")
        sets.append("own")
        texts.append(text)
        accepted.append((name,))
    vectors = embedded(texts, embedder, cache)
    places = tuple(features.buckets(text) for text in texts)
    return Rows(tuple(ids), tuple(sets), tuple(texts), tuple(accepted), vectors, places)


def own_examples() -> list[tuple[str, str]]:
    """(canonical intent, text to learn from); a Spanish example is learned through its gloss."""
    spec: Mapping[str, Mapping[str, Sequence[str]]] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    english = [(name, text) for name, group in spec.items() for text in group["en"]]
    return english + [(name, gloss.to_english(text)) for name, group in spec.items() for text in group["es"]]


def embedded(texts: Sequence[str], embedder: Embedder, cache: Path | None) -> Floats:
    """Vectors of the texts; with a cache folder, those seen before are read from it."""
    known: dict[str, Any] = {}
    stored = cache / "vectors.npz" if cache else None
    keys = [hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
    if stored and stored.exists():
        with np.load(stored) as file:
            known = dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if fresh:
        known.update(zip(fresh, embedder.embed(list(fresh.values())), strict=True))
        if stored:
            np.savez(stored, keys=np.array(list(known)), vectors=np.array(list(known.values())))
    return np.array([known[key] for key in keys], dtype=np.float32)


def fit(rows: Rows, keep: NDArray[np.bool_], names: Sequence[str]) -> tuple[Floats, Floats]:
    """Weights and bias of a multinomial logistic regression with L2, by Adam over shuffled batches."""
    rng = np.random.default_rng(_SEED)
    target, weight = _targets(rows, names)
    indices = np.flatnonzero(keep)
    width = rows.vectors.shape[1] + features.BUCKETS
    matrix = np.zeros((width + 1, len(names)), dtype=np.float32)
    first, second = np.zeros_like(matrix), np.zeros_like(matrix)
    step, steps = 0, _EPOCHS * (len(indices) // _BATCH + 1)
    for _ in range(_EPOCHS):
        rng.shuffle(indices)
        for start in range(0, len(indices), _BATCH):
            batch = indices[start : start + _BATCH]
            inputs = _inputs(rows, batch)
            shares = classifier.softmax(inputs @ matrix)
            error = (shares - target[batch]) * weight[batch, None]
            gradient = inputs.T @ error / weight[batch].sum() + _DECAY * matrix
            step += 1
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            rate = _RATE * (1 - step / (steps + 1)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            matrix -= np.float32(rate) * first / (np.sqrt(second) + 1e-8)
    return matrix[:-1], matrix[-1]


def _inputs(rows: Rows, batch: NDArray[np.int64]) -> Floats:
    lexical = features.lexical([rows.buckets[i] for i in batch])
    return np.hstack([rows.vectors[batch], lexical, np.ones((len(batch), 1), dtype=np.float32)])


def _targets(rows: Rows, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Target shares per row, and row weights: rare intents count more, our own examples most."""
    place = {name: i for i, name in enumerate(names)}
    target = np.zeros((len(rows), len(names)), dtype=np.float32)
    for i, accept in enumerate(rows.accepted):
        for name in accept[1:]:
            target[i, place[name]] = (1 - _FIRST_SHARE) / (len(accept) - 1)
        target[i, place[accept[0]]] += 1 - target[i].sum()
    counts = np.maximum(target.sum(axis=0), 1)
    balance = np.minimum(np.sqrt(np.median(counts) / counts), 3)
    own = np.array([_OWN_WEIGHT if data_set == "own" else 1.0 for data_set in rows.sets], dtype=np.float32)
    weight: Floats = (balance[target.argmax(axis=1)] * own).astype(np.float32)
    return target, weight


def fold_of(text: str) -> int:
    """The cross-validation fold of a text; equal texts fall together."""
    return int(hashlib.sha1(f"fold {text.lower()}".encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def cross_validate(rows: Rows, names: Sequence[str]) -> Floats:
    """Logits of every row from the layer that has not seen its fold."""
    folds = np.array([fold_of(text) for text in rows.texts])
    logits = np.zeros((len(rows), len(names)), dtype=np.float32)
    for fold in range(FOLDS):
        weights, bias = fit(rows, folds != fold, names)
        for start in range(0, len(rows), _BATCH):
            batch = np.arange(start, min(start + _BATCH, len(rows)))
            batch = batch[folds[batch] == fold]
            logits[batch] = _inputs(rows, batch)[:, :-1] @ weights + bias
    return logits


def fit_temperature(logits: Floats, rows: Rows, names: Sequence[str]) -> float:
    """The temperature under which the top probability best matches how often the top intent is accepted."""
    place = {name: i for i, name in enumerate(names)}
    top = logits.argmax(axis=1)
    right = np.array(
        [t in {place[name] for name in accept} for t, accept in zip(top, rows.accepted, strict=True)]
    )

    def loss(temperature: float) -> float:
        sure = np.clip(classifier.softmax(logits / np.float32(temperature)).max(axis=1), 1e-6, 1 - 1e-6)
        return float(-np.where(right, np.log(sure), np.log(1 - sure)).mean())

    return min((round(0.3 + 0.05 * n, 2) for n in range(40)), key=loss)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors between runs")
    options = parser.parse_args()
    embedder = MiniLM()
    names = tuple(labels.mapping()["intents"])
    rows = read(options.data, embedder, options.cache)
    logits = cross_validate(rows, names)
    temperature = fit_temperature(logits, rows, names)
    weights, bias = fit(rows, np.ones(len(rows), dtype=bool), names)
    classifier.save(classifier.Classifier(names, embedder.name, weights, bias, temperature))
    scores = card.scores(rows, classifier.softmax(logits / np.float32(temperature)), names)
    card.write(rows, scores, temperature, classifier.ARTEFACT.with_name("card.md"))
    if options.cache:
        (options.cache / "predictions.jsonl").write_text(
            "".join(
                json.dumps({"id": row_id, "intent": names[top]}) + "\n"
                for row_id, data_set, top in zip(rows.ids, rows.sets, logits.argmax(axis=1), strict=True)
                if data_set != "own"
            )
        )


if __name__ == "__main__":
    main()
