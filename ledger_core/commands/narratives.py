"""Words of people, kept beside the books and known there by reference alone; they can be erased."""

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.errors import InvalidInput
from ledger_core.ids import new_id
from ledger_core.inputs import check_words, is_code
from ledger_core.store.tables import narratives


async def record(
    conn: AsyncConnection,
    *,
    customer_id: str,
    line_id: str,
    kind: str,
    body: str,
    reference_id: str | None = None,
) -> str:
    """The id of the words as kept; the ones already kept for the same reference and kind stand.

    kind: memo (of a draw), dispute (its narrative) or another code. reference_id: what they are about.
    Raises InvalidInput for words that are too long or no text.
    """
    check_words(kind, body)
    if reference_id is not None:
        query = select(narratives.c.narrative_id).where(
            narratives.c.reference_id == reference_id, narratives.c.kind == kind
        )
        kept: str | None = (await conn.execute(query)).scalar_one_or_none()
        if kept is not None:
            return kept
    narrative_id = new_id("narrative")
    await conn.execute(
        insert(narratives).values(
            narrative_id=narrative_id,
            customer_id=customer_id,
            line_id=line_id,
            reference_id=reference_id,
            kind=kind,
            body=body,
        )
    )
    return narrative_id


async def refer(conn: AsyncConnection, line_id: str, narrative_id: str, reference_id: str) -> None:
    """Let words recorded before point at what they led to. Raises InvalidInput for words that the line has not."""
    mine = narratives.c.line_id == line_id, narratives.c.narrative_id == narrative_id
    query = update(narratives).where(*mine).values(reference_id=reference_id)
    if not is_code(narrative_id) or (await conn.execute(query)).rowcount == 0:
        raise InvalidInput(f"line {line_id} has no words {narrative_id[:40]!r}")
