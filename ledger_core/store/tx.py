"""What one transaction sends to the server, and when.

Under READ COMMITTED a read that locks nothing sees what it would see in a transaction opened before it, and a single
statement is a transaction of its own. So nothing is opened for a command: its read goes out under its identity, its
one write waits for the end and is its own transaction. Any other statement opens one first, with what waited.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, LiteralString

import psycopg
from psycopg.sql import SQL
from psycopg.sql import Literal as Quoted

_BEGIN: Final = SQL("BEGIN; SELECT core.identify({}, {}, {})")


@dataclass(frozen=True)
class Identity:
    """On whose behalf a transaction runs; row-level security goes by it."""

    role: Literal["customer", "specialist", "system"]
    actor_id: str
    customer_id: str | None = None
    """The one customer whose rows a customer's transaction sees."""

    def __post_init__(self) -> None:
        assert (self.customer_id is not None) == (self.role == "customer"), "only a customer is one"

    @property
    def values(self) -> tuple[str, str, str]:
        """As the functions of the database take it, first of all."""
        return self.role, self.customer_id or "", self.actor_id


class Tx:
    """One transaction under one identity, opened when it must be."""

    def __init__(self, driver: psycopg.AsyncConnection[Any], identity: Identity) -> None:
        self.driver = driver
        self._identity = identity.values
        self._begun = False
        self._waiting: tuple[LiteralString, Sequence[Any]] | None = None

    async def begin(self) -> None:
        """Open it, unless it is open; the write that waited follows."""
        if not self._begun:
            self._begun = True
            await self.driver.execute(_BEGIN.format(*map(Quoted, self._identity)), prepare=False)
        if self._waiting is not None:
            await self._send()

    async def ask(self, query: LiteralString, *values: Any) -> psycopg.AsyncCursor[Any]:
        """The answer of a function that takes the identity first and locks nothing."""
        if self._waiting is not None:
            await self.begin()
        return await self.driver.execute(query, (*self._identity, *values), prepare=True)

    async def leave(self, query: LiteralString, *values: Any) -> None:
        """Let a function that takes the identity first write: at once in an open transaction, else at its end."""
        if self._waiting is not None:
            await self.begin()
        self._waiting = query, (*self._identity, *values)
        if self._begun:
            await self._send()

    async def commit(self) -> None:
        """Send what waits, in a transaction of its own if none is open; else COMMIT."""
        if self._waiting is not None:
            await self._send()
        if self._begun:
            await self.driver.execute("COMMIT")

    async def roll_back(self) -> None:
        """Forget what waits, and end what is open; a connection that is lost has ended it."""
        self._waiting = None
        with suppress(psycopg.Error):
            await self.driver.rollback()

    async def _send(self) -> None:
        assert self._waiting is not None
        (query, values), self._waiting = self._waiting, None
        await self.driver.execute(query, values, prepare=True)
