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
from weakref import WeakKeyDictionary

import psycopg
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.sql import SQL
from psycopg.sql import Literal as Quoted

_BEGIN: Final = SQL("BEGIN; SELECT core.identify({}, {}, {})")
_GOOD: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
_prepared: WeakKeyDictionary[psycopg.AsyncConnection[Any], dict[LiteralString, bytes]] = WeakKeyDictionary()
"""of each connection: its prepared calls and their names"""


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


Value = str | bytes | None
"""what a function takes: text, or JSON as bytes"""


class Tx:
    """One transaction under one identity, opened when it must be."""

    def __init__(self, driver: psycopg.AsyncConnection[Any], identity: Identity) -> None:
        self.driver = driver
        self._identity = identity.values
        self._begun = False
        self._waiting: tuple[LiteralString, Sequence[Value]] | None = None

    async def begin(self) -> None:
        """Open it, unless it is open; the write that waited follows."""
        if not self._begun:
            self._begun = True
            await self.driver.execute(_BEGIN.format(*map(Quoted, self._identity)), prepare=False)
        if self._waiting is not None:
            await self._send()

    async def ask(self, call: LiteralString, *values: Value) -> Sequence[bytes | None]:
        """The one row, in text, of a function that takes the identity first and locks nothing."""
        if self._waiting is not None:
            await self.begin()
        return await _row_of(self.driver, call, (*self._identity, *values))

    async def leave(self, call: LiteralString, *values: Value) -> None:
        """Let a function that takes the identity first write: at once in an open transaction, else at its end."""
        if self._waiting is not None:
            await self.begin()
        self._waiting = call, (*self._identity, *values)
        if self._begun:
            await self._send()

    async def commit(self) -> None:
        """Send what waits, in a transaction of its own if none is open; else COMMIT."""
        if self._waiting is not None:
            await self._send()
        if self._begun:
            await self.driver.execute("COMMIT")

    async def roll_back(self) -> None:
        """Forget what waits, and end what is open; a connection that is lost has ended it.

        The driver deallocates its statements with a rollback, and takes those prepared here with them.
        """
        self._waiting = None
        if self.driver.info.transaction_status is TransactionStatus.IDLE:
            return
        _prepared.pop(self.driver, None)
        with suppress(psycopg.Error):
            await self.driver.rollback()
            await self.driver.execute("DEALLOCATE ALL", prepare=False)

    async def _send(self) -> None:
        assert self._waiting is not None
        (call, values), self._waiting = self._waiting, None
        await _row_of(self.driver, call, values)


async def _row_of(
    driver: psycopg.AsyncConnection[Any], call: LiteralString, values: Sequence[Value]
) -> Sequence[bytes | None]:
    """The one row that a call returns, in text: what a cursor does, without converting what is text already."""
    known = _prepared.setdefault(driver, {})
    given = [value.encode() if isinstance(value, str) else value for value in values]
    async with driver.lock:
        if call not in known:
            name = b"cashline_%d" % len(known)
            driver.pgconn.send_prepare(name, call.encode())
            _check(await driver.wait(execute(driver.pgconn)))
            known[call] = name
        driver.pgconn.send_query_prepared(known[call], given)
        result = _check(await driver.wait(execute(driver.pgconn)))
    return [result.get_value(0, n) for n in range(result.nfields)]


def _check(results: Sequence[PGresult]) -> PGresult:
    for result in results:
        if result.status not in _GOOD:
            raise error_from_result(result)
    return results[-1]
