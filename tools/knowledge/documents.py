"""Policy files: a YAML header, then sections under `## 1.2 Heading`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml

Audience = Literal["customer", "specialist"]

POLICIES = Path(__file__).parent / "policies"
_HEADING = re.compile(r"^## (\d+(?:\.\d+)*) (.+)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.?!:;])\s+|\n\n")
_PART_WORDS_MAX = 150
"""About 200 tokens, so that title, heading and part fit what the sentence model reads."""


@dataclass(frozen=True)
class Section:
    """One numbered section of a document."""

    number: str
    heading: str
    text: str
    asks: tuple[str, ...] = ()
    """Questions that the section answers, in a customer's words."""


@dataclass(frozen=True)
class Document:
    """One version of a policy document."""

    id: str
    title: str
    version: str
    effective_on: date
    products: tuple[str, ...]
    states: tuple[str, ...]
    """Postal codes, or `all`."""
    audience: Audience
    """`specialist` documents are shown to no customer; `customer` documents to both."""
    sections: tuple[Section, ...]
    answers: bool = True
    """False for the list of what we do not offer: a question near it gets no answer."""

    def content_hash(self, model: str) -> str:
        """Changes when anything that is stored for this document would."""
        return hashlib.sha256(f"{model}\n{self!r}".encode()).hexdigest()


def read_policies(folder: Path = POLICIES) -> tuple[Document, ...]:
    """All document versions of a folder, by file name."""
    return tuple(read_document(path.read_text()) for path in sorted(folder.glob("*.md")))


def read_document(content: str) -> Document:
    """A document from a file's content. A question for a section that is not there is refused."""
    _, header_text, body = content.split("---\n", 2)
    header = yaml.safe_load(header_text)
    asks: dict[str, list[str]] = header.get("asks", {})
    parts = _HEADING.split(body)[1:]
    sections = tuple(
        Section(number, heading.strip(), text.strip(), tuple(asks.get(number, ())))
        for number, heading, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )
    unknown = asks.keys() - {section.number for section in sections}
    assert not unknown, f"{header['id']} has no section {sorted(unknown)}"
    return Document(
        id=header["id"],
        title=header["title"],
        version=header["version"],
        effective_on=header["effective_on"],
        products=tuple(header["products"]),
        states=tuple(header["states"]),
        audience=header["audience"],
        sections=sections,
        answers=header.get("answers", True),
    )


def superseded_on(document: Document, among: Sequence[Document]) -> date | None:
    """The first day of the next version of the same document, if there is one."""
    later = (d.effective_on for d in among if d.id == document.id and d.effective_on > document.effective_on)
    return min(later, default=None)


def passages_to_embed(document: Document, section: Section) -> tuple[str, ...]:
    """What a section is found by: its text under its title and heading, in parts, and its questions."""
    parts = (f"{document.title}. {section.heading}. {part}" for part in _parts(section.text))
    return (*parts, *section.asks)


def _parts(text: str) -> Iterator[str]:
    """Whole sentences, at most _PART_WORDS_MAX words together (a longer sentence stands alone)."""
    part: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        words = sentence.split()
        if part and len(part) + len(words) > _PART_WORDS_MAX:
            yield " ".join(part)
            part = []
        part += words
    yield " ".join(part)
