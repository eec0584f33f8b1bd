"""The scores of the intent layer by cross-validation, and its card."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.understanding.labels import REJECTS

if TYPE_CHECKING:
    from agent.understanding.train import Rows

SOURCES = {
    "banking77": "BANKING77 (PolyAI), CC-BY-4.0",
    "clinc150": "CLINC150 (oos-eval), CC-BY-3.0",
    "dstc11_intents": "DSTC11 track 2 intent induction (Amazon), CDLA-Permissive-2.0",
    "bitext_support": "Bitext customer support sample, CDLA-Sharing-1.0",
    "own": "examples.yaml, written for this product",
    "intents": "examples.yaml, written for this product",
    "rights": "rights_examples.yaml, written for this product",
}


def scores(
    rows: Rows, shares: NDArray[np.float32], names: tuple[str, ...]
) -> dict[str, dict[str, float | int]]:
    """Per set: rows, accuracy, in_scope, in_scope_strict, out_of_scope_recall, false_rejection, calibration_error."""
    top = [names[i] for i in shares.argmax(axis=1)]
    table: dict[str, dict[str, float | int]] = {}
    for data_set in dict.fromkeys(rows.sets):
        kept = [i for i, one in enumerate(rows.sets) if one == data_set]
        table[data_set] = _of([(rows.accepted[i], top[i], float(shares[i].max())) for i in kept])
    return table


def _of(rows: list[tuple[tuple[str, ...], str, float]]) -> dict[str, float | int]:
    hits: Counter[str] = Counter()
    counts: Counter[str] = Counter()

    def count(key: str, hit: bool) -> None:
        counts[key] += 1
        hits[key] += hit

    for accept, top, _ in rows:
        count("accuracy", top in accept)
        if accept[0] in REJECTS:
            if set(accept) <= REJECTS:
                count("out_of_scope_recall", top in REJECTS)
            continue
        count("in_scope", top in accept)
        if not set(accept) & REJECTS:
            count("in_scope_strict", top in accept)
        if "out_of_scope" not in accept:
            count("false_rejection", top == "out_of_scope")
    table: dict[str, float | int] = {"rows": len(rows)}
    table |= {key: round(hits[key] / n, 4) for key, n in counts.items()}
    return table | {"calibration_error": _calibration_error(rows)}


def _calibration_error(rows: list[tuple[tuple[str, ...], str, float]]) -> float:
    """Expected calibration error over ten bands of confidence."""
    sure = np.array([confidence for _, _, confidence in rows])
    right = np.array([top in accept for accept, top, _ in rows])
    bands = np.minimum((sure * 10).astype(int), 9)
    gaps = [
        abs(sure[bands == b].mean() - right[bands == b].mean()) * (bands == b).mean()
        for b in set(bands.tolist())
    ]
    return round(float(sum(gaps)), 4)


def write(rows: Rows, table: dict[str, dict[str, float | int]], temperature: float, path: Path) -> None:
    """Writes the card: what the layer is, what it learned from, and how it does on rows it has not seen."""
    columns = (
        "rows", "accuracy", "in_scope", "in_scope_strict", "out_of_scope_recall", "false_rejection", "calibration_error",
    )  # fmt: skip
    lines = [
        "# Intent layer",
        "",
        "Multinomial logistic regression with L2 over a sentence embedding (all-MiniLM-L6-v2, 384 numbers) and hashed words",
        "and word pairs (4,096 buckets), weights stored in 8 bits. `python -m agent.understanding.train --data DIR` makes it",
        f"again; the seed is fixed. Temperature {temperature}.",
        "",
        "## Learned from",
        "",
        *(f"- {SOURCES[name]}: {count:,} rows" for name, count in Counter(rows.sets).items()),
        "",
        "Labels map onto our intents by `labels.yaml`. Of each outside set only the development part was used (texts whose",
        "SHA-1 modulo 10 is 3 to 9); the rest was kept apart and not seen. No sentence of the outside sets is shipped.",
        "",
        "## Five-fold cross-validation, folds by hash of the text",
        "",
        "| set | " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * len(columns),
        *(
            f"| {name} | " + " | ".join(str(row.get(key, "")) for key in columns) + " |"
            for name, row in table.items()
        ),
        "",
        "A prediction is right when it is among the intents accepted for the row's label. `in_scope`: the best accepted intent",
        "is neither out_of_scope nor smalltalk; `in_scope_strict`: neither is accepted at all; `out_of_scope_recall`: rows",
        "that accept nothing else, rejected; `false_rejection`: in-scope rows called out_of_scope (lower is better).",
        "",
        "## Limits",
        "",
        "English; a Spanish message is read through a word gloss and a lexicon, and is weaker for it. Hardship, payoff, draws",
        "and plans are known from our own examples alone, which are few.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
