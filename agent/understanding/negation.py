"""Wishes the customer rules out ("I don't want to close it"), so that nobody acts on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.understanding.result import Span

_RULED_OUT = re.compile(
    r"\b(?:(?:i|we) (?:really |just )?(?:don'?t|do not|dont|didn'?t|did not|never|wouldn'?t) (?:really |actually )?"
    r"(?:want|need|mean|wish|intend|plan|ask(?:ed)?)(?: you)? to|not (?:trying|asking|looking|going) to|"
    r"(?:please )?(?:don'?t|do not|dont)(?= (?:close|cancel|raise|lower|increase|move|change|set|enrol|sign|send|draw|pay"
    r"|open|dispute|file|report|turn|make|schedule|waive|connect|transfer))|"
    r"no (?:quiero|quisiera|deseo|necesito|pretendo) (?:que )?\w+[aei]r(?:l[aeo]s?|me)?\b|no (?:cierr\w+|cancel\w+|suba\w*|muev\w+|cambi\w+|env[ií]\w+))\b",
    re.I,
)
_ORDERS_A_STOP = frozenset(
    {
        "cease_contact",
        "draw_cancel",
        "payment_cancel",
        "autopay_manage",
        "dispute_open",
        "hardship",
        "crisis",
        "human",
    }
)
"""Their own words are negative ("don't call me", "don't send that draw"): for them the pattern says nothing."""


def find(text: str, guesses: Sequence[tuple[str, int, Span]]) -> tuple[str, ...]:
    """Intents of the clauses that rule out what they name."""
    plain = text.replace("’", "'")
    negated = [
        name
        for name, _, (start, end) in guesses
        if name not in _ORDERS_A_STOP and _RULED_OUT.search(plain, start, end)
    ]
    return tuple(dict.fromkeys(negated))
