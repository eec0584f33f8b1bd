"""A Spanish question in the English words of the policies: a glossary, no translation."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

_WORD = re.compile(r"[^\W_]+")


class _Glossary(NamedTuple):
    phrases: dict[tuple[str, ...], str]
    words: dict[str, str]
    beginnings: tuple[tuple[str, str], ...]
    """Longest first."""
    markers: frozenset[str]


def in_english(query: str) -> str:
    """English words for a Spanish query, in its order; any other query as it is."""
    tokens = _WORD.findall(_plain(query))
    if not _is_spanish(query, tokens):
        return query
    glossary = _load()
    longest = max(len(phrase) for phrase in glossary.phrases)
    english: list[str] = []
    at = 0
    while at < len(tokens):
        for length in range(min(longest, len(tokens) - at), 0, -1):
            found = _look_up(glossary, tuple(tokens[at : at + length]))
            if found:
                english.append(found)
                break
        else:
            english += _kept(glossary, tokens[at])
        at += length
    return " ".join(english)


def _kept(glossary: _Glossary, token: str) -> list[str]:
    """An unknown word stays as it is, since it may be a name; small words go."""
    return [] if token in glossary.markers or len(token) <= 3 else [token]


def _look_up(glossary: _Glossary, tokens: tuple[str, ...]) -> str | None:
    if len(tokens) > 1:
        return glossary.phrases.get(tokens)
    word = tokens[0]
    if word in glossary.words:
        return glossary.words[word]
    return next((english for start, english in glossary.beginnings if word.startswith(start)), None)


def _is_spanish(query: str, tokens: list[str]) -> bool:
    if any(mark in query for mark in "¿¡ñÑ"):
        return True
    marked = sum(token in _load().markers for token in tokens)
    known = sum(_look_up(_load(), (token,)) is not None for token in tokens if token not in _load().markers)
    return marked >= 1 and marked + known >= 2 and 5 * (marked + known) >= 2 * len(tokens)


def _plain(text: str) -> str:
    """Lower case, accents off."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


@cache
def _load() -> _Glossary:
    content = yaml.safe_load(Path(__file__).with_name("glossary.yaml").read_text())
    words = {word: english for word, english in content["words"].items() if not word.endswith("*")}
    stems = ((word[:-1], english) for word, english in content["words"].items() if word.endswith("*"))
    return _Glossary(
        phrases={tuple(_plain(phrase).split()): english for phrase, english in content["phrases"].items()},
        words=words,
        beginnings=tuple(sorted(stems, key=lambda stem: -len(stem[0]))),
        markers=frozenset(content["markers"]),
    )
