"""Renders replies from strict templates: `prompts/replies/<language>/<name>.md` with fields out of receipts.

Money, days, rates and counts are written here and nowhere else, in the customer's language. A template places a rich
part by `[[name]]`; clients that draw parts get blocks, all others the same words as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from agent import prompt_files
from agent.agenda import Task
from agent.flows.base import Say

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}
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


def money(cents: int) -> str:
    """ "$1,234.56"; a negative amount as "−$5.00"."""
    sign = "−" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def pct(basis_points: int) -> str:
    """ "25.99 %", "6 %"."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d} %" if part else f"{whole} %"


def day(value: str | date, language: str, year: int | None) -> str:
    """ "May 22", or "May 22, 2027" when it is not in `year`; "22 de mayo (de 2027)" in Spanish."""
    when = date.fromisoformat(value) if isinstance(value, str) else value
    month = MONTHS[language][when.month - 1]
    if language == "es":
        return f"{when.day} de {month}" + ("" if when.year == year else f" de {when.year}")
    return f"{month} {when.day}" + ("" if when.year == year else f", {when.year}")


@cache
def _environment(language: str, year: int | None) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True  # noqa: S701  plain text
    )
    environment.filters["money"] = money
    environment.filters["pct"] = pct
    environment.filters["day"] = lambda value: day(value, language, year)
    environment.filters["month_year"] = lambda value: _month_year(value, language)
    return environment


def _month_year(value: str, language: str) -> str:
    when = date.fromisoformat(value)
    joiner = " de " if language == "es" else " "
    return f"{MONTHS[language][when.month - 1]}{joiner}{when.year}"


@cache
def _template(name: str, language: str, year: int | None) -> Template:
    return _environment(language, year).from_string(prompt_files.load(template_path(name, language)).body)


def template_path(name: str, language: str) -> str:
    """The template in the customer's language, or in English where it is not written yet."""
    path = f"replies/{language}/{name}"
    return path if prompt_files.exists(path) else f"replies/en/{name}"


def render(name: str, fields: Mapping[str, Any], language: str, year: int | None = None) -> str:
    """The template's words. Raises when a field it needs is not given."""
    path = template_path(name, language)
    written_in = path.split("/")[1]
    rendered = _template(name, written_in, year).render(dict(fields))
    return re.sub(r"\n{3,}", "\n\n", rendered).strip()


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
        case kind:
            assert kind in ("text", "notice"), f"unknown block {kind!r}"
            return str(block["text"])
