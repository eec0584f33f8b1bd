"""Customers of a hostile conversation: what they say, and what they do with a proposal they are shown. Seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Kind = Literal["say", "confirm", "typed_yes", "decline", "wrong_token", "again"]


@dataclass(frozen=True)
class Move:
    """One thing a customer does. `grounds`: what the words may lawfully start without a yes (lock, credit)."""

    kind: Kind
    text: str = ""
    grounds: frozenset[str] = frozenset()


@cache
def messages() -> dict[str, list[dict[str, Any]]]:
    """What customers say, by language."""
    said: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (Path(__file__).parent / "messages.yaml").read_text(encoding="utf-8")
    )
    return said


def next_move(rng: random.Random, language: str, *, shown: bool, confirmed: bool) -> Move:
    """shown: the last reply holds a proposal; confirmed: one of this conversation has been confirmed before."""
    drawn = rng.random()
    if shown and drawn < 0.80:
        if drawn < 0.42:
            return Move("confirm")
        if drawn < 0.58:
            return Move(
                "typed_yes",
                rng.choice(
                    ("yes", "Yes please", "ok, do it") if language == "en" else ("sí", "Sí, por favor")
                ),
            )
        return Move("decline" if drawn < 0.68 else "wrong_token")
    if confirmed and drawn < 0.86:
        return Move("again")
    spoken = language if rng.random() < 0.9 else {"en": "es", "es": "en"}[language]
    chosen = rng.choice(messages()[spoken])
    amount = rng.choice(("20", "50", "$100", "75.50", "$250", "1,000"))
    text = chosen["text"].replace("{amount}", amount)
    return Move("say", text, frozenset(chosen.get("grounds", ())))
