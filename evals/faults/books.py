"""What a whole database of books says, free of ids and times of writing, and how two of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.store.postgres import named_queries, system, transaction

_QUERIES = named_queries(Path(__file__).parent / "books.sql")
_IDENTITY = system("auditor")


@dataclass(frozen=True)
class Books:
    """`said` must be equal in two runs of the same work; `broken` must be empty in any."""

    digest: bytes
    said: Mapping[str, Any]
    """counts and sums of every table, by name"""
    broken: tuple[str, ...]
    """invariants that do not hold"""


@dataclass(frozen=True)
class Verdict:
    """How books that went through a failure differ from their undisturbed twin."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.broken)


async def look(engine: AsyncEngine, *, audited: bool = True) -> Books:
    """The books as they stand, read in one transaction as the platform itself.

    audited: look for broken invariants too, which takes the longest.
    """
    async with transaction(engine, _IDENTITY) as conn:
        digest = (await conn.execute(_QUERIES["digest"])).scalar_one()
        rows = (await conn.execute(_QUERIES["said"])).all()
        wrong = await broken(conn) if audited else []
    return Books(bytes(digest), {r.name: (r.rows, abs(r.sum or 0)) for r in rows}, tuple(wrong))


async def broken(conn: AsyncConnection) -> list[str]:
    """The invariants that do not hold, over all lines; the identity of the transaction sees them all."""
    return [row.what for row in await conn.execute(_QUERIES["broken"])]


def compare(disturbed: Books, twin: Books) -> Verdict:
    """Nothing lost and nothing twice, or what is; contents that differ at equal counts count as lost."""
    lost, doubled = [], []
    for name in sorted(disturbed.said.keys() | twin.said.keys()):
        ours, theirs = disturbed.said.get(name, (0, 0)), twin.said.get(name, (0, 0))
        if ours > theirs:
            doubled.append(f"{name}: {ours} for {theirs}")
        elif ours < theirs:
            lost.append(f"{name}: {ours} for {theirs}")
    if not lost and not doubled and disturbed.digest != twin.digest:
        lost.append("the content digest differs")
    return Verdict(tuple(lost), tuple(doubled), disturbed.broken)
