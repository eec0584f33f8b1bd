"""The scores of the intent layer by cross-validation, and its card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agent.understanding.labels import REJECTS, mapping

if TYPE_CHECKING:
    from agent.understanding.train import Row

SOURCES = {
    "banking77": "BANKING77 (PolyAI), CC-BY-4.0",
    "clinc150": "CLINC150 (oos-eval), CC-BY-3.0",
    "dstc11_intents": "DSTC11 track 2 intent induction (Amazon), CDLA-Permissive-2.0",
    "bitext_support": "Bitext customer support sample, CDLA-Sharing-1.0",
    "own": "examples.yaml, written for this product, English",
    "own_spanish": "examples.yaml, written for this product, Spanish",
    "intents": "examples.yaml, written for this product",
    "rights": "rights_examples.yaml, written for this product",
}


def scores(rows: Sequence[Row], told: Mapping[str, tuple[str, int]]) -> dict[str, dict[str, float | int]]:
    """Per set: rows, accuracy, in_scope_strict, out_of_scope_recall, oos_label_recall, false_rejection,
    rights_recall, calibration_error of what was told of the rows, (intent, permille) by id."""
    sets = dict.fromkeys(row.set for row in rows)
    return {name: _of([row for row in rows if row.set == name], told) for name in sets}


def _of(rows: Sequence[Row], told: Mapping[str, tuple[str, int]]) -> dict[str, float | int]:
    hits: Counter[str] = Counter()
    counts: Counter[str] = Counter()

    def count(key: str, hit: bool) -> None:
        counts[key] += 1
        hits[key] += hit

    for row in rows:
        name, accept = told[row.id][0], row.accepted
        count("accuracy", name in accept)
        count("best", name == accept[0])
        if accept[0] not in REJECTS:
            if "out_of_scope" not in accept:
                count("false_rejection", name == "out_of_scope")
            if not set(accept) & REJECTS:
                count("in_scope_strict", name in accept)
            if accept[0] in mapping()["rights"]:
                count("rights_recall", name in accept)
        elif row.foreign:
            count("out_of_scope_recall", name in REJECTS)
            if row.label == "oos":
                count("oos_label_recall", name in REJECTS)
    result: dict[str, float | int] = {"rows": len(rows)}
    result |= {key: round(hits[key] / n, 4) for key, n in counts.items()}
    return result | {"calibration_error": _calibration_error(rows, told)}


def _calibration_error(rows: Sequence[Row], told: Mapping[str, tuple[str, int]]) -> float:
    """Expected calibration error over ten bands of confidence."""
    sure = np.array([told[row.id][1] / 1000 for row in rows])
    right = np.array([told[row.id][0] in row.accepted for row in rows])
    bands = np.minimum((sure * 10).astype(int), 9)
    gaps = [
        abs(sure[bands == b].mean() - right[bands == b].mean()) * (bands == b).mean()
        for b in set(bands.tolist())
    ]
    return round(float(sum(gaps)), 4)


def table(scored: Mapping[str, Mapping[str, float | int]]) -> list[str]:
    """The scores as lines of a table."""
    columns = (
        "rows", "accuracy", "best", "in_scope_strict", "out_of_scope_recall", "oos_label_recall", "false_rejection",
        "rights_recall", "calibration_error",
    )  # fmt: skip
    return [
        "| set | " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * len(columns),
        *(
            f"| {name} | " + " | ".join(str(row.get(key, "")) for key in columns) + " |"
            for name, row in scored.items()
        ),
    ]


def write(
    rows: Sequence[Row],
    scored: Mapping[str, Mapping[str, float | int]],
    temperature: float,
    folds: int,
    path: Path,
) -> None:
    """Writes the card: what the layer is, what it learned from, and how it does on rows it has not seen."""
    counts = Counter(row.set for row in rows if not row.variant)
    lines = [
        "# Intent layer",
        "",
        "A layer of 384 hidden numbers beside a direct linear one, over what the sentence model all-MiniLM-L6-v2 computes of",
        "a text (the means of its last three layers, the maxima of the last but one), over hashed words and word pairs of the",
        "English (4,096 buckets), and over hashed words, pairs and pieces of words of the text as it was written (8,192). It",
        "tells labels, of the outside sets as they are and of our own examples; each label accepts",
        "intents (`labels.yaml`), and the intent that serves best over all labels is chosen, an intent that is right but not",
        "the best counting 0.6. Weights are stored in 8 bits. `python -m agent.understanding.train --data DIR` makes it",
        f"again; the seed is fixed. Temperature {temperature}.",
        "",
        "## Learned from",
        "",
        *(f"- {SOURCES[name]}: {count:,} rows" for name, count in counts.items()),
        f"- {sum(row.variant for row in rows):,} variants of our own examples (`variants.py`: openings, politeness, slips)",
        "",
        "Of each outside set only the development part was used (texts whose SHA-1 modulo 10 is 3 to 9); the rest was kept",
        "apart and not seen. No sentence of the outside sets is shipped.",
        "",
        f"## Cross-validation, {folds} of five folds by hash of the text",
        "",
        "Each fold is read by `understand()`, as a turn reads a message, with a layer that has not seen it.",
        "",
        *table(scored),
        "",
        "accuracy: the intent is among those accepted for the row's label; best: it is the first of them. in_scope_strict:",
        "the same as accuracy over rows that accept no rejection; out_of_scope_recall: rows of CLINC150 outside banking that",
        "accept nothing but a rejection, rejected; oos_label_recall: of these its label oos; false_rejection: in-scope rows",
        "called out_of_scope that do not accept it (lower is better); rights_recall: rows whose best intent starts a right",
        "or duty. calibration_error: expected, over ten bands of confidence.",
        "",
        "## Limits",
        "",
        "The sentence model reads English: Spanish is placed by its words as they stand, by a word gloss and a lexicon, and is",
        "weaker for it. Hardship, payoff, draws and plans are known from our own examples alone.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
