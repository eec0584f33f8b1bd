"""Trains the rights layer and writes artefact/rights.npz and artefact/rights-card.md.

    python -m agent.understanding.rights_train --data DIR [--cache DIR]

DIR holds the sets that train.py reads. Their rows say what is no right; what is one is told by rights_examples.yaml,
written for this product. Same data, same result: the seed is fixed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from agent.understanding import labels, rights, rights_layer
from agent.understanding.result import Language
from agent.understanding.rights_card import write
from agent.understanding.rights_layer import BUCKETS, Floats, RightsLayer
from agent.understanding.rows import Remembered
from agent.understanding.train import DATA_SETS, EXAMPLES, fold_of
from tools.knowledge.embed import MiniLM
from tools.rights import PROCEDURES

RIGHTS_EXAMPLES = Path(__file__).with_name("rights_examples.yaml")
NAMES = tuple(PROCEDURES)
FOLDS = 5
_SEED = 20270102
_EPOCHS = 12
_BATCH = 256
_RATE = 0.02
_DECAY = 3e-5
_OWN_WEIGHT = 8.0
_ALONE_ALARMS = 0.0008
"""The share of rows without the right in which the layer may fire by itself, per right."""
_BACKED_ALARMS = 0.03
"""The share of our own phrasings of something else, with a hint for the right, in which it may fire."""
_ASKED_TOO = frozenset({"credit_reporting"})
"""Intents that plain questions share with the right: their examples teach nothing of it."""
_KIN: dict[str, frozenset[str]] = {
    "dispute_open": frozenset({"fraud_report", "identity_theft"}),
    "fraud_report": frozenset({"dispute_open", "identity_theft"}),
    "identity_theft": frozenset({"fraud_report", "dispute_open", "credit_reporting"}),
    "credit_reporting": frozenset({"dispute_open"}),
    "attorney": frozenset({"cease_contact", "bankruptcy"}),
    "cease_contact": frozenset({"attorney"}),
    "bankruptcy": frozenset({"attorney"}),
}
"""Rights that the same words may use as well: such a row teaches nothing of them."""


@dataclass(frozen=True)
class Row:
    """One text to learn from: the rights it uses, and those it says nothing of."""

    text: str
    spoken: Language
    rights: frozenset[str]
    open: frozenset[str]
    source: str


def read(data: Path) -> list[Row]:
    """Rows of the outside sets, of our intent examples, and of our phrasings of rights and near misses."""
    found = []
    for data_set in DATA_SETS:
        for line in (data / f"{data_set}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            accept = labels.accepted(data_set, row)
            if accept is not None:
                found.append(_row(row["text"], "en", accept[0], set(accept), data_set))
    for name, path in (("intents", EXAMPLES), ("rights", RIGHTS_EXAMPLES)):
        spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        spoken: Language
        for wish, texts in spec.items():
            for spoken in ("en", "es"):
                found += [_row(text, spoken, wish, {wish}, name) for text in texts[spoken]]
    return found


def _row(text: str, spoken: Language, best: str, accepted: set[str], source: str) -> Row:
    plain_questions = _ASKED_TOO if source != "rights" else frozenset()
    rights_used = frozenset({best} & set(NAMES)) - plain_questions
    unsaid = accepted & set(NAMES)
    for name in tuple(unsaid):
        unsaid |= _KIN.get(name, frozenset())
    return Row(text, spoken, rights_used, frozenset(unsaid - rights_used), source)


@dataclass(frozen=True)
class Words:
    """Hashed words of several rows: where each stands, in which row, and what it weighs."""

    place: NDArray[np.int32]
    row: NDArray[np.int64]
    share: Floats


@dataclass(frozen=True)
class Table:
    """The rows as numbers: inputs, and per right the target and whether the row counts for it."""

    vectors: Floats
    places: list[NDArray[np.int32]]
    target: Floats
    counts: Floats
    own: NDArray[np.bool_]

    def words(self, batch: NDArray[np.int64]) -> Words:
        """The hashed words of these rows, laid end to end."""
        places = [self.places[i] for i in batch]
        lengths = np.array([len(one) for one in places])
        row = np.repeat(np.arange(len(batch)), lengths)
        share = (1 / np.sqrt(np.maximum(lengths, 1)))[row].astype(np.float32)
        return Words(np.concatenate(places), row, share)

    def scores(self, batch: NDArray[np.int64], matrix: Floats) -> Floats:
        """What the weights say of these rows, before the logistic."""
        dense = self.vectors.shape[1]
        words = self.words(batch)
        lexical = np.zeros((len(batch), matrix.shape[1]), dtype=np.float32)
        np.add.at(lexical, words.row, matrix[dense + words.place] * words.share[:, None])
        scores: Floats = self.vectors[batch] @ matrix[:dense] + lexical + matrix[-1]
        return scores

    def gradient(self, batch: NDArray[np.int64], error: Floats, matrix: Floats) -> Floats:
        """The sum over these rows of their inputs times their errors."""
        dense = self.vectors.shape[1]
        words = self.words(batch)
        slope = np.zeros_like(matrix)
        slope[:dense] = self.vectors[batch].T @ error
        np.add.at(slope, dense + words.place, error[words.row] * words.share[:, None])
        slope[-1] = error.sum(axis=0)
        return slope


def table(rows: list[Row], vectors: Floats) -> Table:
    target = np.array([[name in row.rights for name in NAMES] for row in rows], dtype=np.float32)
    counts = np.array([[name not in row.open for name in NAMES] for row in rows], dtype=np.float32)
    own = np.array([row.source not in DATA_SETS for row in rows])
    return Table(vectors, [rights_layer.buckets(row.text) for row in rows], target, counts, own)


def fit(rows: Table, keep: NDArray[np.bool_]) -> Floats:
    """Weights of one logistic regression with L2 per right, the bias last, by Adam over shuffled batches."""
    rng = np.random.default_rng(_SEED)
    weight = np.where(rows.own, _OWN_WEIGHT, 1.0).astype(np.float32)
    indices = np.flatnonzero(keep)
    matrix = np.zeros((rows.vectors.shape[1] + BUCKETS + 1, len(NAMES)), dtype=np.float32)
    first, second = np.zeros_like(matrix), np.zeros_like(matrix)
    step, steps = 0, _EPOCHS * (len(indices) // _BATCH + 1)
    for _ in range(_EPOCHS):
        rng.shuffle(indices)
        for start in range(0, len(indices), _BATCH):
            batch = indices[start : start + _BATCH]
            shares = 1 / (1 + np.exp(-rows.scores(batch, matrix)))
            error = (shares - rows.target[batch]) * rows.counts[batch] * weight[batch, None]
            gradient = rows.gradient(batch, error, matrix) / weight[batch].sum() + _DECAY * matrix
            step += 1
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            rate = _RATE * (1 - step / (steps + 1)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            matrix -= np.float32(rate) * first / (np.sqrt(second) + 1e-8)
    return matrix


def cross_validate(rows: Table, texts: list[Row]) -> Floats:
    """The shares of every row from the layer that has not seen its fold."""
    folds = np.array([fold_of(row.text) for row in texts])
    shares = np.zeros((len(texts), len(NAMES)), dtype=np.float32)
    for fold in range(FOLDS):
        matrix = fit(rows, folds != fold)
        unseen = np.flatnonzero(folds == fold)
        for start in range(0, len(unseen), _BATCH):
            batch = unseen[start : start + _BATCH]
            shares[batch] = 1 / (1 + np.exp(-rows.scores(batch, matrix)))
    return shares


def bars(rows: Table, shares: Floats, hinted: NDArray[np.bool_]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Per right the permille from which the layer fires alone, and from which it fires beside a hint."""
    alone, backed = [], []
    for place in range(len(NAMES)):
        told, target = rows.counts[:, place] > 0, rows.target[:, place] > 0
        without = shares[told & ~target, place]
        alone.append(max(300, int(1000 * np.quantile(without, 1 - _ALONE_ALARMS)) + 1))
        misled = shares[rows.own & told & ~target & hinted[:, place], place]
        backed.append(
            min(alone[-1], max(50, int(1000 * np.quantile(np.append(misled, 0), 1 - _BACKED_ALARMS)) + 1))
        )
    return tuple(alone), tuple(backed)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors between runs")
    options = parser.parse_args()
    embedder = MiniLM()
    texts = read(options.data)
    once = Remembered(embedder, options.cache and options.cache / "pooled.npz")
    vectors = once.embed([rights_layer.for_embedding(row.text, row.spoken) for row in texts])
    rows = table(texts, vectors)
    shares = cross_validate(rows, texts)
    found = [rights.hints(row.text) for row in texts]
    hinted = np.array([[name in names for name in NAMES] for names in found])
    alone, backed = bars(rows, shares, hinted)
    matrix = fit(rows, np.ones(len(texts), dtype=bool))
    dense = embedder.dimensions
    layer = RightsLayer(NAMES, embedder.name, matrix[:dense], matrix[dense:-1], matrix[-1], alone, backed)
    rights_layer.save(layer)
    write(texts, rows, shares, hinted, layer, rights_layer.ARTEFACT.with_name("rights-card.md"))


if __name__ == "__main__":
    main()
