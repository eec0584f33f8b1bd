"""Other ways to write an example: openings, politeness, slips of the finger. The same text gives the same variants."""

from __future__ import annotations

import hashlib
import random

_BEFORE = (
    "hi, ", "hello, ", "hey ", "hi there, ", "good morning, ", "please ", "quick question, ", "um ", "so ", "ok so ",
    "hello i was wondering ", "can you help me, ", "hi i have a cash line with you and ", "sorry to bother you but ",
    "this is urgent, ", "hey there! ", "I'd like to know, ", "help, ",
)  # fmt: skip
_AFTER = (
    " please", " thanks", " thank you", " asap", " if possible", ", can you help", " pls", ", thanks in advance", "!!",
    " today", " for my cash line", " on my line", " on my account", " right now",
)  # fmt: skip
_SWAPS = {
    "you": "u",
    "please": "plz",
    "your": "ur",
    "to": "2",
    "are": "r",
    "because": "cuz",
    "payment": "pymt",
    "want to": "wanna",
}
_TYPOS_EVERY = 14
"""About one slip in so many letters."""


def of(text: str, count: int) -> list[str]:
    """`count` variants of the text, in turn with an opening, an ending, and slips."""
    seed = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    chance = random.Random(seed)
    variants = []
    for turn in range(count):
        varied = text
        if turn % 3 == 0 or chance.random() < 0.3:
            varied = chance.choice(_BEFORE) + varied
        if turn % 3 == 1 or chance.random() < 0.3:
            varied = varied.rstrip(".!?") + chance.choice(_AFTER)
        if turn % 3 == 2:
            varied = _with_slips(varied, chance)
        variants.append(varied)
    return variants


def _with_slips(text: str, chance: random.Random) -> str:
    """The text with letters swapped, dropped or doubled, or a word as it is written in a hurry."""
    for word, short in _SWAPS.items():
        if f" {word} " in text and chance.random() < 0.4:
            text = text.replace(f" {word} ", f" {short} ", 1)
    letters = list(text)
    for _ in range(max(1, len(letters) // _TYPOS_EVERY)):
        at = chance.randrange(1, max(2, len(letters) - 2))
        if not (letters[at].isalpha() and at + 1 < len(letters) and letters[at + 1].isalpha()):
            continue
        slip = chance.randrange(3)
        if slip == 0:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif slip == 1:
            letters[at] = ""
        else:
            letters[at] *= 2
    return "".join(letters)
