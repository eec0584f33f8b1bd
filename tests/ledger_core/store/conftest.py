"""Drafts for the store alone: `books.opening(…)`, `books.draw(…)`, `books.write(engine, …)`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.ids import new_id
from ledger_core.store.append import (
    Append,
    AppendResult,
    NewEntry,
    NewEvent,
    NewLine,
    NewPosting,
    OutboxMessage,
    Projection,
    append,
)
from ledger_core.store.postgres import Identity, system, transaction

DAY = date(2026, 3, 16)
TESTER = system("test")
PROJECTION = Projection(
    status="open",
    limit_cents=100_000,
    principal_cents=0,
    held_cents=0,
    owed_cents=0,
    rate_bp=2199,
    disputed_cents=0,
    next_close_on=date(2026, 4, 1),
    due_on=None,
    days_past_due=0,
    locked=False,
    plan_id=None,
)


class Books:
    """Drafts appends to one line, Anna's unless told otherwise."""

    def opening(self, line_id: str, customer_id: str = "cus_anna") -> Append:
        payload = {"limit_cents": 100_000, "apr_bp": 2199}
        return Append(
            line_id=line_id,
            expected_version=0,
            key=f"open-{line_id}",
            input_hash="opening",
            result={"line_id": line_id},
            events=(NewEvent(new_id("event"), "LineOpened", 1, DAY, payload),),
            projection=PROJECTION,
            new_line=NewLine(customer_id, "cash_line_flex", 1, DAY),
        )

    def draw(
        self, line_id: str, version: int, amount_cents: int = 5_000, *, key: str | None = None
    ) -> Append:
        event = NewEvent(new_id("event"), "DrawRequested", 1, DAY, {"amount_cents": amount_cents})
        return Append(
            line_id=line_id,
            expected_version=version,
            key=key or new_id("key"),
            input_hash=f"draw-{amount_cents}",
            result={"amount_cents": amount_cents},
            events=(event,),
            entries=(self.entry(event.event_id, amount_cents),),
            outbox=(OutboxMessage("line.draw_requested", {"event_id": event.event_id}),),
            projection=replace(PROJECTION, held_cents=amount_cents),
        )

    def entry(self, event_id: str, debit_cents: int, credit_cents: int | None = None) -> NewEntry:
        return NewEntry(
            entry_id=new_id("entry"),
            kind="draw",
            stage="pending",
            effective_on=DAY,
            event_id=event_id,
            reason="draw_requested",
            postings=(
                NewPosting("draws_held", "debit", debit_cents),
                NewPosting("draws_held_contra", "credit", credit_cents or debit_cents),
            ),
        )

    def happening(
        self, line_id: str, version: int, kind: str, payload: dict[str, Any], *, on: date = DAY, **more: Any
    ) -> Append:
        """An append of one event; `more` replaces fields of the projection."""
        return Append(
            line_id=line_id,
            expected_version=version,
            key=new_id("key"),
            input_hash=kind,
            result={},
            events=(NewEvent(new_id("event"), kind, 1, on, payload),),
            projection=replace(PROJECTION, **more),
        )

    async def write(self, engine: AsyncEngine, drafted: Append, identity: Identity = TESTER) -> AppendResult:
        async with transaction(engine, identity) as conn:
            return await append(conn, drafted)


@pytest.fixture
def books() -> Books:
    return Books()
