"""Which words the layer has met, so that a text of none of them is not taken for a wish, and slips are mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from agent.understanding import gloss, language
from agent.understanding.numbers import plain

WORDS = Path(__file__).parent / "artefact" / "words.txt"
_WORD = re.compile(r"[^\W\d_]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_APOSTROPHES = str.maketrans("", "", "'’")
_OFTEN = 2
"""Times that a word of the outside sets was written before it counts as one."""
_MENDED_FROM = 5
"""Letters from which a word that nobody knows is taken for a slip of one that we use."""
_ONE_OF = 3
"""Words of more than a letter of which one must be known, or the text says nothing."""


@dataclass(frozen=True)
class Vocabulary:
    """Words in lower case without accents. `ours` are those of our own examples, each with how often it is used."""

    ours: Mapping[str, int]
    met: frozenset[str]

    @cached_property
    def _by_form(self) -> dict[str, list[str]]:
        """Words of ours by each of their forms with a letter left out."""
        known: dict[str, list[str]] = {}
        for word in self.ours:
            if len(word) >= _MENDED_FROM - 1:
                for form in _forms(word):
                    known.setdefault(form, []).append(word)
        return known

    def knows(self, word: str) -> bool:
        return word in self.ours or word in self.met or word in _spoken()

    def mended(self, text: str) -> str:
        """The text with each unknown word that is one slip from a word of ours replaced by it."""

        def mend(match: re.Match[str]) -> str:
            word = plain(match.group())
            if self.knows(word):
                return match.group()
            if (drawn := _DRAWN_OUT.sub(r"\1", word)) != word and self.knows(drawn):
                return drawn
            if len(word) < _MENDED_FROM:
                return match.group()
            like = {ours for form in _forms(word) for ours in self._by_form.get(form, ())}
            near = [ours for ours in like if _one_slip(word, ours)]
            return max(near, key=lambda ours: (self.ours[ours], ours)) if near else match.group()

        return _WORD.sub(mend, text)

    def says_nothing(self, text: str) -> bool:
        """Whether the text has no word and no figure in it, or hardly a word that anybody knows."""
        words = _words(text)
        if not words:
            return not any(letter.isdigit() for letter in text)
        known = sum(self.knows(word) and len(word) > 1 for word in words)
        return known * _ONE_OF < sum(len(word) > 1 for word in words) or not known


@cache
def _spoken() -> frozenset[str]:
    """Words that tell a language, and those of the gloss."""
    return frozenset(plain(word).translate(_APOSTROPHES) for word in (*language.WORDS, *gloss.words()))


def learned(ours: Iterable[str], outside: Iterable[str]) -> Vocabulary:
    """The vocabulary of our examples and of the texts of outside sets."""
    used = Counter(word for text in ours for word in set(_words(text)))
    met = Counter(word for text in outside for word in set(_words(text)))
    return Vocabulary(used, frozenset(word for word, times in met.items() if times >= _OFTEN) - set(used))


def save(vocabulary: Vocabulary, path: Path = WORDS) -> None:
    """Writes the words, a line each; ours with how often they are used."""
    lines = [f"{word} {times}" for word, times in vocabulary.ours.items()] + list(vocabulary.met)
    path.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")


@cache
def load(path: Path = WORDS) -> Vocabulary:
    """The shipped vocabulary."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    ours = {line[0]: int(line[1]) for line in lines if len(line) > 1}
    return Vocabulary(ours, frozenset(line[0] for line in lines if len(line) == 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text).translate(_APOSTROPHES))


def _forms(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _one_slip(word: str, other: str) -> bool:
    """Whether one letter more, less, other, or two in the wrong order make one word of the other."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = next(
        (n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    rest, rest_other = word[start:], other[start:]
    return (
        rest[1:] == rest_other
        or rest == rest_other[1:]
        or rest[1:] == rest_other[1:]
        or (rest[:2] == rest_other[1::-1] and rest[2:] == rest_other[2:])
    )
