"""Trains the intent layer and writes artefact/intents.npz and artefact/card.md.

    python -m agent.understanding.train --data DIR [--cache DIR] [--folds N]

DIR holds banking77.jsonl, clinc150.jsonl, dstc11_intents.jsonl and bitext_support.jsonl (rows with id, text, label).
Rows kept apart for measuring must not be in it. Same data, same result: the seed is fixed. It first measures itself: of
five folds each is read, as a turn reads it, by a layer that has not seen it. Predictions go to the cache folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from agent.understanding import card, features, fit, gloss, labels, pieces, variants, vocabulary
from agent.understanding.classifier import ARTEFACT, Asked, Classifier, Weights, save
from agent.understanding.result import Language
from agent.understanding.rows import Remembered, predict_rows
from tools.knowledge.embed import MiniLM

DATA_SETS = ("banking77", "clinc150", "dstc11_intents", "bitext_support")
OWN_SETS: Mapping[str, Language] = {"own": "en", "own_spanish": "es"}
EXAMPLES = Path(__file__).with_name("examples.yaml")
FOLDS = 5
_TODAY = date(2027, 3, 10)
_OWN_WEIGHT = 3.0
_VARIANT_WEIGHT = 2.0
_BORDER_WEIGHT = 2.5
"""Of CLINC150's banking rows and of its label oos: between them runs the border of what we do."""
_FEW_WEIGHT = 2.0
"""Of the set with the fewest rows."""
_VARIANTS = 4
_VARIANT_SEEN = 0.3
_FOREIGN_SEEN = 0.7
"""Of what is plentiful, the share that a round of learning sees."""
_RARE = 60
"""Rows of a label below which each of its rows counts more, up to twice."""
_SECOND_BEST = 0.6
"""What an intent that a label accepts, but not first, counts beside the first."""
_BANKING_DOMAINS = ("banking", "credit_cards")

Label = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Row:
    """A text to learn from: its set ("own" is ours), its label there, the intents that the label accepts."""

    id: str
    set: str
    text: str
    label: str
    domain: str | None
    accepted: tuple[str, ...]
    language: Language = "en"
    variant: bool = False

    @property
    def learned_as(self) -> Label:
        return "own" if self.own else self.set, self.label, self.accepted

    @property
    def asked(self) -> Asked:
        """The text as a layer is asked about it."""
        return Asked(gloss.to_english(self.text) if self.language == "es" else self.text, self.text)

    @property
    def weight(self) -> float:
        """How much it counts beside an ordinary row."""
        if self.own:
            return _VARIANT_WEIGHT if self.variant else _OWN_WEIGHT
        if self.set == "clinc150" and (self.label == "oos" or not self.foreign):
            return _BORDER_WEIGHT
        return _FEW_WEIGHT if self.set == "dstc11_intents" else 1.0

    @property
    def seen(self) -> float:
        """The share of the rounds of learning that see it."""
        if self.variant:
            return _VARIANT_SEEN
        return _FOREIGN_SEEN if self.foreign and self.label != "oos" else 1.0

    @property
    def own(self) -> bool:
        """Whether it was written for this product."""
        return self.set in OWN_SETS

    @property
    def foreign(self) -> bool:
        """Whether it is one of the many that are about nothing we do."""
        return (
            self.set == "clinc150"
            and set(self.accepted) <= labels.REJECTS
            and self.domain not in _BANKING_DOMAINS
        )


def read(data: Path) -> list[Row]:
    """All mapped rows of the outside sets, then our own examples with their variants."""
    rows = []
    for data_set in DATA_SETS:
        for line in (data / f"{data_set}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            accept = labels.accepted(data_set, row)
            if accept is not None:
                rows.append(Row(row["id"], data_set, row["text"], row["label"], row.get("domain"), accept))
    own = [
        Row(f"{own_set}-{n}", own_set, text, name, None, (name,), language)
        for own_set, language in OWN_SETS.items()
        for n, (name, text) in enumerate(own_examples(language))
    ]
    varied = [
        replace(row, text=text, variant=True)
        for row in own
        for text in variants.of(row.text, _VARIANTS, row.language)
    ]
    return [*rows, *own, *varied]


def own_examples(language: Language) -> list[tuple[str, str]]:
    """(canonical intent, text) of our own examples in one language."""
    spec: Mapping[str, Mapping[str, Sequence[str]]] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return [(name, text) for name, group in spec.items() for text in group[language]]


def fold_of(text: str) -> int:
    """The cross-validation fold of a text; equal texts fall together."""
    return int(hashlib.sha1(f"fold {text.lower()}".encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def examples_of(rows: Sequence[Row], names: Sequence[Label], encoder: Remembered) -> fit.Examples:
    """What the fit sees of the rows."""
    place = {name: n for n, name in enumerate(names)}
    counts = Counter(row.learned_as for row in rows if not row.variant)
    rare = [min((_RARE / counts[row.learned_as]) ** 0.5, 2.0) for row in rows]
    asked = [row.asked for row in rows]
    return fit.Examples(
        pooled=encoder.pooled([one.english for one in asked]),
        buckets=[features.buckets(one.english) for one in asked],
        pieces=[pieces.buckets(one.own) for one in asked],
        label=np.array([place[row.learned_as] for row in rows]),
        weight=np.array([row.weight for row in rows], dtype=np.float32) * np.array(rare, dtype=np.float32),
        seen=np.array([row.seen for row in rows], dtype=np.float32),
        labels=len(names),
    )


def classifier_of(weights: Weights, names: Sequence[Label], temperature: float) -> Classifier:
    """The layer with what each label accepts."""
    intents = tuple(labels.mapping()["intents"])
    accepts = np.zeros((len(names), len(intents)), dtype=np.float32)
    for row, (_, _, accepted) in enumerate(names):
        for n, name in enumerate(accepted):
            accepts[row, intents.index(name)] = _SECOND_BEST if n else 1
    return Classifier(intents, accepts, weights, temperature)


def temperature_of(layer: Classifier, rows: Sequence[Row], encoder: Remembered) -> float:
    """The temperature under which the chance of the chosen intent best matches how often it is right."""
    logits = layer.logits([row.asked for row in rows], encoder)
    place = {name: n for n, name in enumerate(layer.names)}
    right = np.zeros((len(rows), len(layer.names)), dtype=bool)
    for n, row in enumerate(rows):
        right[n, [place[name] for name in row.accepted]] = True

    def loss(temperature: float) -> float:
        serves, chance = layer.chances(logits / np.float32(temperature))
        top = serves.argmax(axis=1)
        sure = np.clip(chance[np.arange(len(rows)), top], 1e-6, 1 - 1e-6)
        return float(-np.where(right[np.arange(len(rows)), top], np.log(sure), np.log(1 - sure)).mean())

    return min((round(0.3 + 0.05 * n, 2) for n in range(30)), key=loss)


def cross_validate(
    rows: Sequence[Row], names: Sequence[Label], encoder: Remembered, folds: int
) -> tuple[dict[str, tuple[str, int]], float]:
    """(intent, permille) of each row by its id, read by a layer that has not seen its fold; and the temperature."""
    examples = examples_of(rows, names, encoder)
    fold = np.array([fold_of(row.id if row.own else row.text) for row in rows])
    told: dict[str, tuple[str, int]] = {}
    temperature = 0.0
    for held in range(folds):
        unseen = [row for row, at in zip(rows, fold, strict=True) if at == held and not row.variant]
        layer = classifier_of(fit.fit(examples, fold != held), names, 1.0)
        temperature = temperature or temperature_of(layer, unseen, encoder)
        layer = replace(layer, temperature=temperature)
        texts = [{"id": row.id, "text": row.text} for row in unseen]
        for found in predict_rows(
            texts, embedder=encoder.embedder, today=_TODAY, layer=layer, encoder=encoder
        ):
            told[found["id"]] = (found["intent"], found["confidence"])
    return told, temperature


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--cache", type=Path, help="folder that keeps encoded texts and predictions between runs"
    )
    parser.add_argument("--folds", type=int, default=FOLDS, help="measure only the first N of the five folds")
    options = parser.parse_args()
    encoder = Remembered(MiniLM(), options.cache and options.cache / "pooled.npz")
    rows = read(options.data)
    names = sorted({row.learned_as for row in rows})
    vocabulary.save(
        vocabulary.learned(
            [row.text for row in rows if row.own and not row.variant],
            [row.text for row in rows if not row.own],
        )
    )
    encoder.remember([row.asked.english for row in rows])
    told, temperature = cross_validate(rows, names, encoder, options.folds)
    measured = [row for row in rows if row.id in told and not row.variant]
    scores = card.scores(measured, told)
    print("\n".join(card.table(scores)))
    if options.cache:
        lines = [json.dumps({"id": row.id, "set": row.set, "intent": told[row.id][0]}) for row in measured]
        (options.cache / "predictions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    everything: NDArray[np.bool_] = np.ones(len(rows), dtype=bool)
    weights = fit.fit(examples_of(rows, names, encoder), everything)
    save(classifier_of(weights, names, temperature))
    card.write(rows, scores, temperature, options.folds, ARTEFACT.with_name("card.md"))


if __name__ == "__main__":
    main()
