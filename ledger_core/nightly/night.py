"""One night over a share of the lines: the business date that opens, the day that ended, and how a step acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.bank import accounts
from ledger_core.bank.accounts import BankAccount
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import World
from ledger_core.commands.order import Order
from ledger_core.commands.run_many import Asked, run_many
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.nightly.report import NightlyReport, NotDone
from ledger_core.refusals import Refused
from ledger_core.store.postgres import named_queries, system, transaction

IDENTITY = system("nightly")
QUERIES = named_queries(Path(str(files("ledger_core.nightly"))) / "queries.sql")
LINES_PER_BATCH = 500
"""read, replayed and written at once: enough that a round trip costs little, few enough for little memory"""
_ACTOR = "system:nightly"
_OPENS_AT = time(0, 5)
_CLOSES_AT = time(23, 59)


@dataclass(frozen=True, slots=True)
class Share:
    """The lines whose hash gives `number` of `of`; shares meet nowhere and leave no line out."""

    number: int = 0
    of: int = 1


@dataclass(frozen=True, slots=True)
class Doing:
    """An order that a step gives, once for this date, step and `about`."""

    step: str
    about: str
    order: Order[Any]
    world: World


@dataclass(frozen=True)
class Night:
    """The night into the business date `on`, over a share of the lines."""

    engine: AsyncEngine
    on: date
    report: NightlyReport
    share: Share = Share()
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

    async def worlds(self, what: str, at: Moment | None = None) -> AsyncIterator[tuple[World, ...]]:
        """The lines that are due for a step, replayed as of `at` (`moment` when None), batch by batch."""
        for line_ids in batches(self.due[what]):
            async with transaction(self.engine, IDENTITY) as conn:
                worlds = await read_worlds(conn, line_ids, at or self.moment)
            yield worlds

    async def do(self, doings: Sequence[Doing]) -> None:
        """Run the orders, each once; its world's moment is what it takes for now. Refusals are reported."""
        if not doings:
            return
        batch = [
            Asked(
                d.order, CommandContext(f"nightly:{self.on}:{d.step}:{d.about}", _ACTOR, d.world.at), d.world
            )
            for d in doings
        ]
        for doing, answer in zip(doings, await run_many(self.engine, IDENTITY, batch), strict=True):
            if isinstance(answer, Refused):
                self.report.not_done.append(NotDone(doing.step, doing.order.line_id, answer.codes))
            else:
                self.count(doing.step)

    async def bank_accounts(self, worlds: Sequence[World]) -> Mapping[str, tuple[BankAccount, ...]]:
        """By customer: their bank accounts, verified ones first."""
        async with transaction(self.engine, IDENTITY) as conn:
            return await accounts.of_customers(conn, [world.line.customer_id for world in worlds])

    def count(self, step: str, by: int = 1) -> None:
        """Note in the report that the step moved something."""
        if by:
            self.report.counts[step] = self.report.counts.get(step, 0) + by

    def given(self, **params: Any) -> dict[str, Any]:
        """Parameters of a query, with the days and the share that every query may name."""
        share = {"share": self.share.number, "of": self.share.of}
        return {"today": self.on, "closed": self.closed, **share, **params}


def batches(line_ids: Sequence[str]) -> Sequence[Sequence[str]]:
    """The lines in batches."""
    return [line_ids[n : n + LINES_PER_BATCH] for n in range(0, len(line_ids), LINES_PER_BATCH)]
