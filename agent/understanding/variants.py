"""Other ways to write an example: openings, politeness, slips of the finger. The same text gives the same variants."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping

from agent.understanding.result import Language

_BEFORE: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "hi, ", "hello, ", "hey ", "hi there, ", "good morning, ", "please ", "quick question, ", "um ", "so ", "ok so ",
        "hello i was wondering ", "can you help me, ", "hi i have a cash line with you and ",
        "sorry to bother you but ", "this is urgent, ", "hey there! ", "I'd like to know, ", "help, ", "yo ", "yeah ",
        "ok ", "umm hi ", "good afternoon ",
    ),
    "es": (
        "hola, ", "hola ", "buenas, ", "buenos días, ", "buenas tardes ", "por favor ", "disculpe, ", "una pregunta, ",
        "oiga ", "oye ", "este, ", "hola qué tal ", "me ayuda por favor, ", "es urgente, ", "mire, ", "pues ", "ok ",
        "buenas noches, ",
    ),
}  # fmt: skip
_AFTER: Mapping[Language, tuple[str, ...]] = {
    "en": (
        " please", " thanks", " thank you", " asap", " if possible", ", can you help", " pls", ", thanks in advance",
        "!!", " today", " for my cash line", " on my line", " on my account", " right now", "?", " ok", " lol", " thx",
    ),
    "es": (
        " por favor", " gracias", " muchas gracias", " porfa", " please", " ahorita", " ya", " si se puede", "?", "!!",
        " hoy", " de mi línea", " en mi cuenta", ", me ayuda", " thanks",
    ),
}  # fmt: skip
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
_UNACCENTED = str.maketrans("áéíóúüñ", "aeiouun")
_TYPOS_EVERY = 14
"""About one slip in so many letters."""


def of(text: str, count: int, language: Language = "en") -> list[str]:
    """`count` variants of the text, in turn with an opening, an ending, and slips."""
    seed = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    chance = random.Random(seed)
    variants = []
    for turn in range(count):
        varied = text
        if turn % 3 == 0 or chance.random() < 0.3:
            varied = chance.choice(_BEFORE[language]) + varied
        if turn % 3 == 1 or chance.random() < 0.3:
            varied = varied.rstrip(".!?") + chance.choice(_AFTER[language])
        if turn % 3 == 2:
            varied = _with_slips(varied, chance)
        variants.append(varied)
    return variants


def _with_slips(text: str, chance: random.Random) -> str:
    """The text with letters swapped, dropped or doubled, accents forgotten, or a word as it is written in a hurry."""
    if chance.random() < 0.5:
        text = text.translate(_UNACCENTED)
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
