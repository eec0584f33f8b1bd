"""Reads Spanish word by word into English servicing words, so that an English embedding can place it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from agent.understanding.numbers import plain

_FILE = Path(__file__).with_name("gloss.yaml")


def to_english(text: str) -> str:
    """The text with every known Spanish word or phrase replaced; the rest stays as it is. No grammar."""
    table, pattern = _table()
    replaced = pattern.sub(
        lambda match: table[plain(match.group())], plain(text.replace("¿", "").replace("¡", ""))
    )
    return re.sub(r"\s+", " ", replaced).strip()


def words() -> frozenset[str]:
    """Every word that the gloss knows, without accents."""
    return frozenset(word for entry in _table()[0] for word in entry.split())


@cache
def _table() -> tuple[dict[str, str], re.Pattern[str]]:
    spec: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    entries = {str(key): value for group in (spec["words"], spec["phrases"]) for key, value in group.items()}
    table = {plain(key): value for key, value in entries.items() if plain(key).strip("¿")}
    longest_first = sorted(table, key=len, reverse=True)
    return table, re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")
