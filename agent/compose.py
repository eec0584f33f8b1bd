"""Puts together what the tasks say: one text, and the same as blocks for clients that draw rich parts.

A template places a rich part by `[[name]]`; clients without drawing get the same words as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent import prompt_files
from agent.agenda import Task
from agent.flows.base import Say
from agent.words import money, render, template_path

_MARKER = re.compile(r"\[\[(\w+)\]\]")


@dataclass(frozen=True)
class Reply:
    """What leaves: the whole text, and the same as blocks."""

    text: str
    blocks: list[dict[str, Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    """figures that the templates themselves declare"""

    @staticmethod
    def of_text(text: str) -> Reply:
        return Reply(text.strip(), [{"type": "text", "text": text.strip()}])


def reply(says: Sequence[tuple[Task, Say]], language: str, year: int | None = None) -> Reply:
    """All that the tasks say, in order, as one reply. The same words are not said twice."""
    spoken: dict[str, Say] = {}
    for _, say in says:
        spoken.setdefault(render(say.template, say.fields, language, year), say)
    blocks = [block for words, say in spoken.items() for block in _blocks(words, say.blocks)]
    text = "\n\n".join(_plain(words, say.blocks) for words, say in spoken.items())
    files = [prompt_files.load(template_path(say.template, language)) for say in spoken.values()]
    return Reply(text, blocks, {name: value for file in files for name, value in file.facts.items()})


def _blocks(words: str, parts: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    for n, piece in enumerate(_MARKER.split(words)):
        if n % 2:
            blocks.append(parts[piece])
        elif piece.strip():
            blocks.append({"type": "text", "text": piece.strip()})
    return blocks


def _plain(words: str, parts: Mapping[str, dict[str, Any]]) -> str:
    return _MARKER.sub(lambda match: as_text(parts[match[1]]), words)


def as_text(block: dict[str, Any]) -> str:
    """A rich part in plain words, for clients without drawing and for the transcript."""
    match block["type"]:
        case "options":
            return "\n".join(
                f"{n}. {item['label']}: {item['detail']}" for n, item in enumerate(block["items"], start=1)
            )
        case "breakdown":
            rows = [f"- {row['label']}: {money(row['amount_cents'])}" for row in block["rows"]]
            return "\n".join([*rows, f"= {money(block['total_cents'])}"])
        case "table":
            return "\n".join(" · ".join(str(cell) for cell in row) for row in block["rows"])
        case "form":
            return ""
        case kind:
            assert kind in ("text", "notice"), f"unknown block {kind!r}"
            return str(block["text"])
