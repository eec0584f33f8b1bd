"""The card of the head: what it learned from, and what it hears on rows and sources it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
INTRO = """\
# The head that hears instructions to the software

Written by `python -m agent.rails.train_head`. A logistic regression over the MiniLM embedding, 4,096 hashed words and
word pairs, and twelve counts; 8 bits per weight. It learns from attacks (MIT and Apache-2.0 rows of AgentDojo, BIPIA,
CyberSecEval, deepset, garak, JailbreakBench, Spikee; harmful requests left out), from harmless rows of the same kind
(WildGuard ODC-BY, XSTest CC-BY-4.0, CyberSecEval, deepset), from customers (BANKING77 CC-BY-4.0, CLINC150 CC-BY-3.0,
DSTC11 CDLA-Permissive-2.0, Bitext CDLA-Sharing-1.0, complaints of the CFPB), from merchant strings and e-mails, and
from our own sentences (`examples.yaml`, and the wishes of the understanding). NotInject is never learned from.
"""


@dataclass(frozen=True)
class Measured:
    """Rows and what was heard of them. scores: cross-validated; named: a pattern hit; unseen: by source of attacks,
    its scores by the head without it."""

    sets: NDArray[np.str_]
    sources: NDArray[np.str_]
    attack: NDArray[np.bool_]
    scores: Floats
    named: NDArray[np.bool_]
    unseen: dict[str, Floats]


def write(measured: Measured, limits: tuple[float, float], path: Path) -> None:
    """limits: for customers' words, and for other people's."""
    lines = [
        INTRO,
        f"Thresholds: {limits[0]:.2f} for a customer's words, {limits[1]:.2f} for other people's.",
        "",
        "Share heard, patterns included. Unseen: by a head trained without the source; known: cross-validated.",
        "",
        "| source of attacks | rows | patterns alone | unseen | known | unseen, the lower threshold |",
        "|---|---|---|---|---|---|",
    ]
    for source, scores in measured.unseen.items():
        here = measured.sources == source
        hit = measured.named[here]
        shares = (
            hit.mean(),
            (hit | (scores >= limits[0])).mean(),
            (hit | (measured.scores[here] >= limits[0])).mean(),
            (hit | (scores >= limits[1])).mean(),
        )
        lines.append(f"| {source} | {here.sum()} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")
    lines += [
        "",
        "| harmless rows (cross-validated) | rows | heard | at the lower threshold |",
        "|---|---|---|---|",
    ]
    for source in sorted(set(measured.sources[~measured.attack])):
        here = (measured.sources == source) & ~measured.attack
        heard = [(measured.named[here] | (measured.scores[here] >= limit)).mean() for limit in limits]
        lines.append(f"| {source} | {here.sum()} | {heard[0]:.4f} | {heard[1]:.4f} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
