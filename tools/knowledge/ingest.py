"""Brings policy documents from their files into the database, embedding each text once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.knowledge.documents import Document, passages_to_embed, read_policies, superseded_on
from tools.knowledge.embed import Embedder
from tools.knowledge.tables import chunks, documents, sections


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did."""

    documents: int
    """Document versions that are now stored."""
    written: int
    """Of these, new or changed."""
    removed: int
    """Document versions that no file holds any more."""
    embedded: int
    """Texts that were embedded; 0 when nothing changed."""


async def ingest(
    conn: AsyncConnection, embedder: Embedder, policies: Sequence[Document] | None = None
) -> IngestReport:
    """Make the stored documents equal to `policies` (by default those of this package), in the caller's tx.

    Goes by content hash: a document that has not changed is not touched, and one whose embedding model has
    changed is embedded again. Runs as the batch role.
    """
    wanted = read_policies() if policies is None else tuple(policies)
    stored = await _stored_hashes(conn)
    removed = stored.keys() - {(d.id, d.version) for d in wanted}
    changed = [d for d in wanted if stored.get((d.id, d.version)) != d.content_hash(embedder.name)]
    for document, version in [*removed, *((d.id, d.version) for d in changed)]:
        await conn.execute(
            delete(documents).where(documents.c.document == document, documents.c.version == version)
        )
    embedded = await _write(conn, embedder, changed) if changed else 0
    await _date_supersession(conn, wanted)
    return IngestReport(len(wanted), len(changed), len(removed), embedded)


async def _stored_hashes(conn: AsyncConnection) -> dict[tuple[str, str], str]:
    rows = await conn.execute(select(documents.c.document, documents.c.version, documents.c.content_hash))
    return {(row.document, row.version): row.content_hash for row in rows}


async def _write(conn: AsyncConnection, embedder: Embedder, changed: Sequence[Document]) -> int:
    """Returns how many texts were embedded."""
    keyed = [
        ((document.id, document.version, section.number, chunk), passage)
        for document in changed
        for section in document.sections
        for chunk, passage in enumerate(passages_to_embed(document, section))
    ]
    texts = list(dict.fromkeys(passage for _, passage in keyed))  # versions share most of their text
    vectors = await asyncio.to_thread(embedder.embed, texts)
    vector_of = dict(zip(texts, vectors, strict=True))
    await conn.execute(insert(documents), [_document_row(d, embedder.name) for d in changed])
    await conn.execute(insert(sections), [row for d in changed for row in _section_rows(d)])
    await conn.execute(
        insert(chunks),
        [
            {
                "document": key[0],
                "version": key[1],
                "section": key[2],
                "chunk": key[3],
                "embedding": vector_of[text],
            }
            for key, text in keyed
        ],
    )
    return len(texts)


async def _date_supersession(conn: AsyncConnection, wanted: Sequence[Document]) -> None:
    """A new version ends the one before it, whose own content has not changed."""
    for document in wanted:
        ends = superseded_on(document, wanted)
        this = (documents.c.document == document.id) & (documents.c.version == document.version)
        await conn.execute(
            update(documents)
            .where(this & documents.c.superseded_on.is_distinct_from(ends))
            .values(superseded_on=ends)
        )


def _document_row(document: Document, model: str) -> dict[str, Any]:
    return {
        "document": document.id,
        "version": document.version,
        "title": document.title,
        "effective_on": document.effective_on,
        "products": list(document.products),
        "states": list(document.states),
        "audience": document.audience,
        "answers": document.answers,
        "content_hash": document.content_hash(model),
    }


def _section_rows(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "document": document.id,
            "version": document.version,
            "section": section.number,
            "heading": section.heading,
            "asks": ". ".join(section.asks),
            "body": section.text,
        }
        for section in document.sections
    ]
