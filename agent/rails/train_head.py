"""Trains the head that hears instructions to the software, and writes artefact/injection.npz and artefact/card.md.

    python -m agent.rails.train_head --data DIR [--cache DIR]

DIR holds the sets of TAUGHT. NotInject and the complaints set only the thresholds. Harmful requests (a label of
`attacks`) are no instructions to the software and are left out. For each source of attacks a head without it is kept
beside the shipped one, so that recall can be measured on sources never seen. Same data, same result.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from agent.rails import head, head_card
from agent.rails.head import COUNTS, Floats, Head
from agent.rails.patterns import INJECTION
from agent.understanding import features
from agent.understanding.train import own_examples
from tools.knowledge.documents import read_policies
from tools.knowledge.embed import Embedder, MiniLM

EXAMPLES = Path(__file__).with_name("examples.yaml")
TAUGHT: dict[str, int | None] = {
    "attacks": None,
    "benign_overdefence": None,
    "banking77": 4000,
    "bitext_support": 1000,
    "dstc11_intents": 800,
    "clinc150": 2500,
    "cfpb_complaints": 1600,
    "bipia_email_context": None,
    "merchant_descriptors_birmingham": 400,
}
"""rows taken of each set, drawn by a fixed seed; None: all"""
ONLY_MEASURED = frozenset({"notinject"})
NO_INSTRUCTION = frozenset({"harmful_request"})
QUIET = {"banking77": 0.992, "cfpb_complaints": 0.985, "notinject": 0.92}
"""shares of harmless rows that the threshold for customers must leave alone, on rows not trained on"""
QUIET_OTHERS = {"merchant_descriptors_birmingham": 0.99, "bipia_email_context": 0.96, "own policies": 0.99}
OWN_WEIGHTS = {"own harmless": 2, "own wishes": 2, "own memos": 5, "own policies": 5, "own attacks": 4}
FOLDS = 3
_SEED, _EPOCHS, _BATCH, _RATE, _DECAY = 20270102, 6, 256, 0.03, 1e-4
_DRAW_SEED, _OWN_SAMPLE = 3, 700


@dataclass(frozen=True)
class Rows:
    """Rows with their features. attack: 1 for instructions; taught: may be learned from."""

    sets: NDArray[np.str_]
    sources: NDArray[np.str_]
    texts: tuple[str, ...]
    attack: NDArray[np.float32]
    taught: NDArray[np.bool_]
    vectors: Floats
    buckets: tuple[NDArray[np.int32], ...]
    counts: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.texts)

    def inputs(self, rows: NDArray[np.int64]) -> Floats:
        """Embedding, hashed words, counts and a one."""
        lexical = features.lexical([self.buckets[n] for n in rows])
        parts = (self.vectors[rows], lexical, self.counts[rows], np.ones((len(rows), 1), dtype=np.float32))
        return np.hstack(parts).astype(np.float32)


def labelled(data: Path) -> Iterator[tuple[str, str, str, bool, bool]]:
    """(set, source, text, attack, taught) of every row."""
    draw = random.Random(_DRAW_SEED)
    for name, count in TAUGHT.items():
        with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for row in rows if count is None or count >= len(rows) else draw.sample(rows, count):
            source, label = _source(name, row), str(row.get("label"))
            attack = name == "attacks" or (name == "benign_overdefence" and label != "benign")
            taught = source not in ONLY_MEASURED and label not in NO_INSTRUCTION
            yield name, source, row["text"], attack, taught
    spec = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    words = [word.strip() for word in spec["words"].split("|")]
    frames = [frame.format(x=word) for word in words for frame in spec["benign_frames"]]
    for text in draw.sample(frames, _OWN_SAMPLE):
        yield "own", "own harmless", text, False, True
    for text in spec["attacks"]:
        yield "own", "own attacks", text, True, True
    for text in spec["memos"]:
        yield "own", "own memos", text, False, True
    for document in read_policies():
        for section in document.sections:
            yield "own", "own policies", section.text, False, True
    for _, text in own_examples():
        yield "own", "own wishes", text, False, True


def _source(name: str, row: dict[str, Any]) -> str:
    match name:
        case "attacks":
            return str(row["source"])
        case "benign_overdefence":
            return "notinject" if row["source"] == "notinject" else f"harmless {row['source']}"
    return name


def read(data: Path, embedder: Embedder, cache: Path | None) -> Rows:
    """All rows with their features."""
    sets, sources, texts, attack, taught = (list(column) for column in zip(*labelled(data), strict=True))
    as_read = [head.as_read(text) for text in texts]
    foreign = np.array([head.is_foreign(text) for text in as_read])
    named = np.array(sources)
    return Rows(
        np.array(sets),
        named,
        tuple(texts),
        np.array(attack, dtype=np.float32),
        np.array(taught) & ~foreign,
        _embedded([text[: head.READ_CHARS_MAX] for text in as_read], embedder, cache),
        tuple(features.buckets(text[: head.COUNTED_CHARS_MAX]) for text in as_read),
        np.array([head.counts(text) for text in as_read]),
        _weights(named, np.array(attack)),
    )


def _embedded(texts: Sequence[str], embedder: Embedder, cache: Path | None) -> Floats:
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


def _weights(sources: NDArray[np.str_], attack: NDArray[np.bool_]) -> Floats:
    """Small sources of attacks count more, and so does what is our own."""
    weights = np.ones(len(sources), dtype=np.float32)
    for source in set(sources):
        here = sources == source
        if source in OWN_WEIGHTS:
            weights[here] = OWN_WEIGHTS[source]
        elif attack[here].any():
            weights[here] = np.clip((150 / here.sum()) ** 0.5, 0.5, 2.5)
        elif source.startswith("harmless"):
            weights[here] = 1.5
    return weights


def fit(rows: Rows, keep: NDArray[np.bool_], embedder: str) -> Head:
    """A logistic regression with L2 over the kept rows, by Adam over shuffled batches; thresholds still open."""
    rng = np.random.default_rng(_SEED)
    indices = np.flatnonzero(keep & rows.taught)
    matrix = np.zeros(rows.vectors.shape[1] + features.BUCKETS + len(COUNTS) + 1, dtype=np.float32)
    first, second = np.zeros_like(matrix), np.zeros_like(matrix)
    step, steps = 0, _EPOCHS * (len(indices) // _BATCH + 1)
    for _ in range(_EPOCHS):
        rng.shuffle(indices)
        for start in range(0, len(indices), _BATCH):
            batch = indices[start : start + _BATCH]
            inputs, weight = rows.inputs(batch), rows.weights[batch]
            error = (1 / (1 + np.exp(-(inputs @ matrix))) - rows.attack[batch]) * weight
            gradient = inputs.T @ error / weight.sum() + _DECAY * matrix
            step += 1
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            rate = _RATE * (1 - step / (steps + 1)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            matrix -= np.float32(rate) * first / (np.sqrt(second) + 1e-8)
    return Head(embedder, matrix[:-1], float(matrix[-1]), 0.0, 0.0)


def scores(rows: Rows, chosen: NDArray[np.int64], one: Head) -> Floats:
    """The head's scores of the chosen rows."""
    found = np.empty(len(chosen), dtype=np.float32)
    for start in range(0, len(chosen), 1024):
        part = chosen[start : start + 1024]
        found[start : start + 1024] = rows.inputs(part)[:, :-1] @ one.weights + one.bias
    foreign = np.array([head.is_foreign(rows.texts[n]) for n in chosen], dtype=bool)
    found[foreign] = head.FOREIGN
    return found


def cross_validated(rows: Rows, embedder: str) -> Floats:
    """Every row's score by a head that has not seen its fold; equal texts fall together."""
    folds = np.array(
        [
            int(hashlib.sha1(text.lower().encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS
            for text in rows.texts
        ]
    )
    found = np.zeros(len(rows), dtype=np.float32)
    for fold in range(FOLDS):
        held = np.flatnonzero(folds == fold)
        found[held] = scores(rows, held, fit(rows, folds != fold, embedder))
    return found


def thresholds(rows: Rows, found: Floats) -> tuple[float, float]:
    """(for customers, for other people's words): the lowest that leave the shares of QUIET alone."""

    def at(quiet: dict[str, float]) -> float:
        return max(
            float(np.quantile(found[rows.sources == source], share)) for source, share in quiet.items()
        )

    return at(QUIET), at(QUIET_OTHERS)


def sources_of_attacks(rows: Rows) -> list[str]:
    return sorted({str(source) for source in rows.sources[rows.sets == "attacks"]})


def save(
    shipped: Head, unseen: dict[str, Head], found: tuple[float, float], path: Path = head.ARTEFACT
) -> None:
    """Writes the artefact, weights rounded to 8 bits per number with one scale per part."""
    arrays: dict[str, Any] = {
        "embedder": np.array(shipped.embedder),
        "thresholds": np.array(found, dtype=np.float32),
        "sources": np.array(list(unseen)),
    }
    for n, one in enumerate([shipped, *unseen.values()]):
        prefix = "" if n == 0 else f"{n - 1}."
        scales = np.maximum(_part_maxima(one.weights), 1e-9) / 127
        arrays |= {
            f"{prefix}weights": np.round(one.weights / scales).astype(np.int8),
            f"{prefix}scales": scales.astype(np.float32),
            f"{prefix}bias": np.array(one.bias, dtype=np.float32),
        }
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, **arrays)


def _part_maxima(weights: Floats) -> Floats:
    """The largest weight of the part that each weight is in."""
    dense = len(weights) - features.BUCKETS - len(COUNTS)
    parts = np.split(np.abs(weights), [dense, dense + features.BUCKETS])
    return np.concatenate([np.full(len(part), part.max(), dtype=np.float32) for part in parts])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors between runs")
    options = parser.parse_args()
    embedder = MiniLM()
    rows = read(options.data, embedder, options.cache)
    found = cross_validated(rows, embedder.name)
    limits = thresholds(rows, found)
    everything = np.ones(len(rows), dtype=bool)
    shipped = fit(rows, everything, embedder.name)
    unseen = {source: fit(rows, rows.sources != source, embedder.name) for source in sources_of_attacks(rows)}
    save(shipped, unseen, limits)
    named = np.array([INJECTION.search(text) is not None for text in rows.texts])
    by_unseen = {
        source: scores(rows, np.flatnonzero(rows.sources == source), one) for source, one in unseen.items()
    }
    measured = head_card.Measured(rows.sets, rows.sources, rows.attack > 0, found, named, by_unseen)
    head_card.write(measured, limits, head.ARTEFACT.with_name("card.md"))


if __name__ == "__main__":
    main()
