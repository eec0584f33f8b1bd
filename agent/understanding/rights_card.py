"""The scores of the rights layer by cross-validation, and its card."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.understanding.card import SOURCES
from agent.understanding.rights_layer import Floats, RightsLayer

if TYPE_CHECKING:
    from agent.understanding.rights_train import Row, Table


def write(
    texts: list[Row], rows: Table, shares: Floats, hinted: NDArray[np.bool_], layer: RightsLayer, path: Path
) -> None:
    """Writes the card: what the layer is, what it learned from, and how it does on rows it has not seen."""
    bar = np.where(hinted, np.array(layer.backed), np.array(layer.alone)) / 1000
    fired = shares >= bar
    lines = [
        "# Rights layer",
        "",
        "One logistic regression with L2 per right over a sentence embedding (all-MiniLM-L6-v2, 384 numbers; Spanish through",
        "the word gloss) and hashed words, word pairs and stems of both languages (8,192 buckets), weights in 8 bits.",
        "`python -m agent.understanding.rights_train --data DIR` makes it again; the seed is fixed. It stands beside the",
        "rules of `rights.yaml` and needs no agreement of theirs: either one starts the duty.",
        "",
        "## Learned from",
        "",
        *(
            f"- {SOURCES.get(name, name)}: {count:,} rows"
            for name, count in Counter(row.source for row in texts).items()
        ),
        "",
        "Rows of outside sets whose accepted intents hold a right teach that right only where it is the best of them. Of each",
        "outside set only the development part was used. No sentence of theirs is shipped.",
        "",
        "## Five-fold cross-validation, folds by hash of the text",
        "",
        "`recall`: of our own phrasings of the right, with rules out of the picture but for their hints. `alarms`: of outside",
        "rows about something else, per thousand.",
        "",
        "| right | own phrasings | recall | alarms ‰ | fires alone from | beside a hint from |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for place, name in enumerate(layer.names):
        own = rows.own & (rows.target[:, place] > 0)
        other = ~rows.own & (rows.target[:, place] == 0) & (rows.counts[:, place] > 0)
        recall, alarms = fired[own, place].mean(), 1000 * fired[other, place].mean()
        lines.append(
            f"| {name} | {int(own.sum())} | {recall:.3f} | {alarms:.2f} | {layer.alone[place]} ‰ | {layer.backed[place]} ‰ |"
        )
    lines += [
        "",
        "## Limits",
        "",
        "Our own phrasings are some dozens per right and language, written by few hands. Spanish is read through words more",
        "than meaning. What a whole story implies, and no sentence of it says, is not heard.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
