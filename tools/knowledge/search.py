"""Policy sections that answer a question, in force on a date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.postgres import named_queries
from tools.knowledge.documents import Audience
from tools.knowledge.embed import Embedder
from tools.knowledge.glossary import in_english

_QUERIES = named_queries(Path(__file__).with_name("search.sql"))
# Without it, an HNSW scan stops after its first candidates, and a filter may leave none of them.
_KEEP_SCANNING = text("SELECT set_config('hnsw.iterative_scan', 'strict_order', true)")

LIKENESS_MIN = Decimal("0.42")
"""Below this, no section answers. Chosen on `answered` and `unanswered` of tests/tools/knowledge/questions.yaml."""
_CANDIDATES = 40
_FUSION = 10
"""The constant of reciprocal rank fusion: lower than the usual 60, since a corpus this small has few good places."""
_MEANING_WEIGHT = 4
"""Meaning counts four times as much as shared words: customers rarely use a policy's words."""

Key = tuple[str, str, str]
"""Document, version, section."""


@dataclass(frozen=True)
class Passage:
    """A section to cite: where it stands, what it says, and how well it fits."""

    document: str
    title: str
    section: str
    heading: str
    version: str
    effective_on: date
    text: str
    score: Decimal
    """Reciprocal rank fusion; comparable within one search only."""


@dataclass(frozen=True)
class Ranking:
    """Sections, best first, and whether any of them answers."""

    scores: tuple[tuple[Key, Decimal], ...]
    likeness: Decimal
    """Of the closest section to the query, -1 to 1."""
    ours: bool
    """Whether the closest text is a policy and not the list of what we do not offer."""


async def search(
    conn: AsyncConnection,
    embedder: Embedder,
    query: str,
    *,
    as_of: date,
    product: str | None,
    state: str | None,
    audience: Audience,
    limit: int = 4,
) -> tuple[Passage, ...]:
    """Sections that answer the query, best first; () when none does.

    query: English, or Spanish in servicing words. as_of: the version in force on that day is searched.
    product, state: None searches all. audience: a customer sees customer documents only.
    """
    ranking = await rank(conn, embedder, query, as_of=as_of, product=product, state=state, audience=audience)
    if not ranking.ours or ranking.likeness < LIKENESS_MIN:
        return ()
    return await _passages(conn, ranking.scores[:limit])


async def rank(
    conn: AsyncConnection,
    embedder: Embedder,
    query: str,
    *,
    as_of: date,
    product: str | None = None,
    state: str | None = None,
    audience: Audience = "specialist",
) -> Ranking:
    """All candidates, whether or not they answer; for measuring retrieval. Same arguments as search."""
    words = in_english(query)
    if not words.strip():
        return Ranking((), Decimal(-1), ours=False)
    vectors = await asyncio.to_thread(embedder.embed, [words])
    filters: dict[str, Any] = {"as_of": as_of, "product": product, "state": state, "audience": audience}
    filters["candidates"] = _CANDIDATES
    await conn.execute(_KEEP_SCANNING)
    near = await _rows(conn, "near", filters | {"vector": str(vectors[0].tolist())})
    worded = await _rows(conn, "worded", filters | {"words": words})
    if not near:
        return Ranking((), Decimal(-1), ours=False)
    scores = fuse([_key(row) for row in near if row.answers], [_key(row) for row in worded])
    return Ranking(scores, Decimal(repr(near[0].likeness)).quantize(Decimal("0.0001")), near[0].answers)


def fuse(near: Sequence[Key], worded: Sequence[Key]) -> tuple[tuple[Key, Decimal], ...]:
    """Reciprocal rank fusion of two rankings; a section counts at its first place in each."""
    scores: dict[Key, Decimal] = {}
    for ranking, weight in ((near, _MEANING_WEIGHT), (worded, 1)):
        for place, key in enumerate(dict.fromkeys(ranking), start=1):
            scores[key] = scores.get(key, Decimal(0)) + Decimal(weight) / (_FUSION + place)
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return tuple((key, score.quantize(Decimal("0.000001"))) for key, score in ordered)


async def _passages(conn: AsyncConnection, scores: Sequence[tuple[Key, Decimal]]) -> tuple[Passage, ...]:
    names = ("documents", "versions", "sections")
    wanted = {name: [key[place] for key, _ in scores] for place, name in enumerate(names)}
    rows = await _rows(conn, "passages", wanted)
    return tuple(
        Passage(
            row.document, row.title, row.section, row.heading, row.version, row.effective_on, row.body, score
        )
        for row, (_, score) in zip(rows, scores, strict=True)
    )


async def _rows(conn: AsyncConnection, query: str, values: dict[str, Any]) -> Sequence[Any]:
    return (await conn.execute(_QUERIES[query], values)).all()


def _key(row: Any) -> Key:
    return row.document, row.version, row.section
