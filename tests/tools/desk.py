"""A conversation at a desk: a customer with a book, an executor, and what the conversation has seen so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.dates import FixedClock
from ledger_core.store.postgres import customer, system, transaction
from tests.fixtures.books import Book, open_book
from tools.context import Caller
from tools.executor import Executor
from tools.outcomes import NeedsConfirmation, Outcome
from tools.provenance import ledger_from
from tools.registry import ALL_TOOLS

TODAY = datetime(2026, 3, 16, 15, 0, tzinfo=UTC).date()
PAID_ON = datetime(2026, 3, 3, tzinfo=UTC).date()


class FlatEmbedder:
    """Every text is the same point: for tests that ask for no meaning."""

    name = "flat"
    dimensions = 384

    def embed(self, texts):
        return np.full((len(texts), self.dimensions), 1 / self.dimensions**0.5, dtype=np.float32)


@dataclass
class Desk:
    """One conversation of the book's customer. `say` is what our own code understood of their words."""

    book: Book
    executor: Executor
    clock: FixedClock
    conversation_id: str = "conv_one"
    language: str = "en"
    since_version: int = 0
    words: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    @property
    def caller(self) -> Caller:
        return Caller(customer(self.book.customer_id), self.conversation_id, "turn_one", self.language)

    def say(self, **understood: Any) -> None:
        self.words.append(understood)

    async def call(self, name: Any, arguments: Any = None, *, key: str | None = None, **named: Any) -> Outcome:
        """A call whose result, when it has one, is on record for the calls after it."""
        number = next(self._numbers)
        outcome = await self.executor.call(
            self.caller,
            name,
            named if arguments is None else arguments,
            call_id=f"call_{self.conversation_id}_{number}",
            key=key or f"{self.conversation_id}:{number}",
            provenance=ledger_from(words=self.words, records=self.records),
        )
        if outcome.kind in ("done", "needs_confirmation"):
            self.records.append(outcome.to_json())
        return outcome

    async def look_around(self) -> None:
        """What every conversation sees first: the lines and the bank accounts."""
        await self.call("get_overview")
        await self.call("list_bank_accounts")

    async def propose_payment(self, amount_cents: int = 5_000, **more: Any) -> NeedsConfirmation:
        self.say(amount_cents=amount_cents)
        outcome = await self.call(
            "make_payment",
            line_id=self.book.line_id,
            amount_cents=amount_cents,
            bank_account_id=self.book.bank_account_id,
            **more,
        )
        assert isinstance(outcome, NeedsConfirmation), outcome
        return outcome

    async def token(self, proposal_id: str) -> str:
        proposal = await self.executor.proposal(self.caller, proposal_id)
        assert proposal is not None
        assert proposal.confirmation_token is not None
        return proposal.confirmation_token

    async def confirm(self, proposal_id: str, **more: Any) -> Outcome:
        return await self.executor.confirm(self.caller, proposal_id, await self.token(proposal_id), **more)

    async def events(self, kind: str) -> int:
        """How many events of a type the conversation has led to."""
        query = text(
            "SELECT count(*) FROM core.events WHERE line_id = :line AND type = :kind AND line_version > :since"
        )
        asked = {"line": self.book.line_id, "kind": kind, "since": self.since_version}
        async with transaction(self.book.engine, system("test")) as conn:
            return int(await conn.scalar(query, asked))

    async def receipts(self) -> list[Any]:
        query = text("SELECT * FROM servicing.tool_calls ORDER BY called_at, tool_call_id")
        async with transaction(self.book.engine, system("test")) as conn:
            return list((await conn.execute(query)).all())


def desk_of(book: Book, clock: FixedClock, **more: Any) -> Desk:
    return Desk(book, Executor(book.engine, clock, ALL_TOOLS, FlatEmbedder()), clock, **more)


async def open_desk(
    engine: AsyncEngine, clock: FixedClock, *, draw_cents: int = 150_000, paid: bool = True, **line: Any
) -> Desk:
    """A customer with a flex line and a balance, on the clock's day, who has looked around.

    paid: the minimum that fell due on March 14 was met; else the line is two days past due.
    """
    book = await open_book(engine, **line)
    if draw_cents:
        await book.draw(draw_cents)
        if paid:
            await book.go_to(PAID_ON)
            await book.pay(10_000, settle=True)
    await book.go_to(TODAY)
    desk = desk_of(book, clock, since_version=(await book.world()).line.version)
    await desk.look_around()
    return desk
