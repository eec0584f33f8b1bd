"""One night: the business date that opens, the day that ended, and how a step reaches the lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import accounts
from ledger_core.bank.accounts import BankAccount
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import World
from ledger_core.commands.retry import with_retries
from ledger_core.dates import Moment
from ledger_core.nightly.report import NightlyReport, NotDone
from ledger_core.nightly.worlds import read_worlds
from ledger_core.refusals import Refused
from ledger_core.store.postgres import named_queries, system, transaction

IDENTITY = system("nightly")
QUERIES = named_queries(Path(str(files("ledger_core.nightly"))) / "queries.sql")
_ACTOR = "system:nightly"
_OPENS_AT = time(0, 5)
_CLOSES_AT = time(23, 59)
_LATE_FROM_DAYS = 10
"""no product does anything about a line less late than this"""

Command = Callable[[AsyncConnection, CommandContext], Awaitable[object]]
"""A command with all but its connection and context given."""


@dataclass(frozen=True)
class Night:
    """The night into the business date `on`."""

    engine: AsyncEngine
    on: date
    report: NightlyReport
    due: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """by step: the lines to look at, by ascending id; `survey` fills it"""

    @property
    def closed(self) -> date:
        """The day that ended."""
        return self.on - timedelta(days=1)

    @property
    def moment(self) -> Moment:
        """Five past midnight in New York: what the commands of this night take for now."""
        return Moment(self.on, _OPENS_AT)

    @property
    def evening(self) -> Moment:
        """The last minute of the day that ended: what closing it takes for now."""
        return Moment(self.closed, _CLOSES_AT)

    async def worlds(self, what: str) -> Sequence[World]:
        """The lines that are due for a step, replayed as of now."""
        if not self.due[what]:
            return ()
        async with transaction(self.engine, IDENTITY) as conn:
            return await read_worlds(conn, self.due[what], self.moment)

    async def do(
        self, step: str, line_id: str, about: str, command: Command, *, at: Moment | None = None
    ) -> bool:
        """Run a command on a line in a transaction of its own, once for this date, step and `about`.

        at: what the command takes for now, `moment` when None. True when it is done, now or before. A refusal
        goes into the report.
        """
        context = CommandContext(f"nightly:{self.on}:{step}:{about}", _ACTOR, at or self.moment)

        async def once(conn: AsyncConnection) -> object:
            return await command(conn, context)

        answer = await with_retries(self.engine, IDENTITY, once)
        if isinstance(answer, Refused):
            self.report.not_done.append(NotDone(step, line_id, answer.codes))
            return False
        self.count(step)
        return True

    async def bank_account(self, customer_id: str) -> BankAccount | None:
        """The bank account to send money to: their first verified one, if any."""
        async with transaction(self.engine, IDENTITY) as conn:
            known = await accounts.of_customer(conn, customer_id)
        return next((account for account in known if account.is_verified), None)

    def count(self, step: str, by: int = 1) -> None:
        """Note in the report that the step moved something."""
        self.report.counts[step] = self.report.counts.get(step, 0) + by

    def given(self, **params: Any) -> dict[str, Any]:
        """Parameters of a query, with the days that every query may name."""
        return {"today": self.on, "closed": self.closed, **params}


async def survey(night: Night) -> None:
    """Find which lines the steps have to look at, in one query."""
    async with transaction(night.engine, IDENTITY) as conn:
        for what, line_id in await conn.execute(QUERIES["due"], night.given(late_from=_LATE_FROM_DAYS)):
            night.due[what].append(line_id)
