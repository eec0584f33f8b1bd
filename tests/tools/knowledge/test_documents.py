"""How policy files are read and cut, and how Spanish questions are put into English words."""

from dataclasses import replace
from datetime import date

import pytest

from tools.knowledge.documents import passages_to_embed, read_document, superseded_on
from tools.knowledge.glossary import in_english

FILE = """---
id: fees
title: Fees
version: "1.0"
effective_on: 2025-01-01
products: [cash_line_flex]
states: [all]
audience: customer
asks:
  "1.2": [how much is it]
---
# Fees

## 1.1 First
One. Two.

## 1.2 Second
Three.
"""


def test_a_file_is_read_into_numbered_sections() -> None:
    document = read_document(FILE)
    assert (document.id, document.version, document.effective_on) == ("fees", "1.0", date(2025, 1, 1))
    read = [(s.number, s.heading, s.text, s.asks) for s in document.sections]
    assert read == [("1.1", "First", "One. Two.", ()), ("1.2", "Second", "Three.", ("how much is it",))]


def test_a_question_for_a_section_that_is_not_there_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"no section \['9.9'\]"):
        read_document(FILE.replace('"1.2": [', '"9.9": ['))


def test_a_long_section_is_cut_between_sentences() -> None:
    document = read_document(FILE)
    section = replace(document.sections[0], text=" ".join(f"This is sentence number {i}." for i in range(70)))
    parts = passages_to_embed(document, section)
    assert len(parts) == 3
    assert all(part.startswith("Fees. First. This is sentence") and part.endswith(".") for part in parts)


def test_the_hash_changes_with_text_questions_and_model() -> None:
    document = read_document(FILE)
    others = [read_document(FILE.replace("Three", "Four")), read_document(FILE.replace("how much", "what"))]
    hashes = {document.content_hash("m"), document.content_hash("n"), *(d.content_hash("m") for d in others)}
    assert len(hashes) == 4


def test_a_version_ends_where_the_next_one_begins() -> None:
    first = read_document(FILE)
    second, third = (replace(first, version=str(y), effective_on=date(y, 1, 1)) for y in (2026, 2027))
    assert superseded_on(first, [third, first, second]) == date(2026, 1, 1)
    assert superseded_on(third, [third, first, second]) is None


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("¿Cuánto es el cargo por pago tardío?", "how much late fee"),
        ("Perdí mi trabajo y no puedo pagar", "lost my job cannot pay"),
        ("quiero comprar bitcoin", "I want to buy bitcoin"),
    ],
)
def test_a_spanish_question_is_put_into_servicing_words(spanish: str, english: str) -> None:
    assert in_english(spanish) == english


@pytest.mark.parametrize("query", ["how much is the late fee", "my son can't pay", "A la carte", "la"])
def test_an_english_question_stays_as_it_is(query: str) -> None:
    assert in_english(query) == query
