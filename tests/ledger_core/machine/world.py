"""The world that the machine lives in: a database of its own, its lines, and the servicing date."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decide_application import decide_application
from ledger_core.commands.open_line import open_line
from ledger_core.commands.retry import with_retries
from ledger_core.dates import Moment
from ledger_core.demo import bank_simulator
from ledger_core.ids import new_id
from ledger_core.line.events import from_stored
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState
from ledger_core.nightly import NightlyReport
from ledger_core.nightly import run as run_night
from ledger_core.products import Product
from ledger_core.refusals import Refused
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.tables import bank_accounts, customers
from ledger_core.underwriting.features import MONTHS, Month, Observation
from tests.ledger_core.machine.naive_facts import RawFact, raw_fact

FIRST_DAY = date(2026, 3, 2)
SYSTEM = system("machine")
_TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'core'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')
 ORDER BY relname"""
_DIGEST = "SELECT '{0}' AS name, count(*), sum(hashtextextended(t::text, 0)) FROM core.{0} AS t"
_EVENTS = """
SELECT event_id, seq, line_version, type, effective_on, payload
  FROM core.events WHERE line_id = %(line_id)s ORDER BY seq"""

Command = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Act:
    """A command that went into the books, and what it answered."""

    command: Command
    line_id: str
    context: CommandContext
    arguments: dict[str, Any]
    answer: Any


@dataclass
class Line:
    """A line of the machine, and what was last seen of it."""

    line_id: str
    customer_id: str
    bank_account_id: str
    product: Product
    opened_on: date
    seen_events: list[Any] = field(default_factory=list)
    seen_entries: list[Any] = field(default_factory=list)
    seen_statements: list[Any] = field(default_factory=list)
    military: bool = False
    written_at: date | None = FIRST_DAY
    """the day that its last write took for now; None after a night"""


class World:
    """Synchronous outside, as the machine is; every call runs on the one loop."""

    def __init__(self, server: EmbeddedServer, template: str, runner: asyncio.Runner) -> None:
        self.server, self.runner = server, runner
        self.name = new_id("test")
        self._admin(f"CREATE DATABASE {self.name} TEMPLATE {template} OWNER cashline_owner")
        self.engine = make_engine(server.dsn(self.name, "cashline_app"), pool_size=2)
        self.batch_engine = make_engine(server.dsn(self.name, "cashline_batch"), pool_size=2)
        self.today = FIRST_DAY
        self.lines: list[Line] = []
        self.touched: set[str] = set()
        self.acts: list[Act] = []
        self.people = 0
        self.counts: Counter[str] = Counter()
        self.reader = psycopg.connect(
            server.dsn(self.name, "cashline_app"), autocommit=True, row_factory=namedtuple_row
        )
        self.rows("SELECT set_config('cashline.role', 'system', false)")
        self.digest_query = self._digest_query()
        self.digest = self.read_digest()

    def close(self) -> None:
        """Give the database back."""
        self.reader.close()
        self.run(self.engine.dispose())
        self.run(self.batch_engine.dispose())
        self._admin(f"DROP DATABASE {self.name} WITH (FORCE)")

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def _admin(self, command: str) -> None:
        with psycopg.connect(self.server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(command.encode())

    # --- reading

    def rows(self, query: str, **parameters: Any) -> list[Any]:
        """What the platform reads, every customer's rows."""
        return self.reader.execute(query.encode(), parameters or None).fetchall()

    def state(self, line: Line, on: date | None = None) -> LineState:
        """The engine's state on a day, today unless told."""
        recorded = [from_stored(row) for row in self.events(line)]
        return replay(line.product, recorded, as_of=on or self.today)

    def events(self, line: Line) -> list[Any]:
        """The journal of facts, as stored."""
        return self.rows(_EVENTS, line_id=line.line_id)

    def facts(self, line: Line) -> list[RawFact]:
        """The same for the auditor."""
        return [raw_fact(e.seq, e.type, e.effective_on, e.payload) for e in self.events(line)]

    def read_digest(self) -> tuple[Any, ...]:
        """A hash per table of the schema: all rows and columns that the platform may read."""
        return tuple(self.rows(self.digest_query))

    def _digest_query(self) -> str:
        return " UNION ALL ".join(_DIGEST.format(row.relname) for row in self.rows(_TABLES))

    # --- writing

    def context(
        self, *, on: date | None = None, at: time = time(10), key: str | None = None
    ) -> CommandContext:
        return CommandContext(key or new_id("key"), "system:machine", Moment(on or self.today, at))

    def call(self, command: Command, line_id: str, context: CommandContext, **arguments: Any) -> Any:
        """What the command answers, in a transaction of its own."""

        async def once(conn: AsyncConnection) -> Any:
            return await command(conn, context, line_id=line_id, **arguments)

        return self.run(with_retries(self.engine, SYSTEM, once))

    def do(
        self, command: Command, line: Line, *, on: date | None = None, at: time = time(10), **arguments: Any
    ) -> Any:
        """Run a command; a refusal leaves every table as it was."""
        context = self.context(on=max(on or self.today, line.opened_on), at=at)
        name = getattr(command, "__name__", "?")
        answer = self.call(command, line.line_id, context, **arguments)
        after = self.read_digest()
        if isinstance(answer, Refused):
            assert after == self.digest, f"{name} refused with {answer.codes} and wrote all the same"
            self.counts[f"refused {name}"] += 1
            return answer
        self.counts[f"done {name}"] += 1
        if after != self.digest:
            self.acts.append(Act(command, line.line_id, context, arguments, answer))
            line.written_at = context.at.on
            self.touched.add(line.line_id)
        self.digest = after
        return answer

    def open(
        self,
        product: Product,
        *,
        limit_cents: int,
        apr_bp: int,
        due_day: int,
        on: date,
        military: bool = False,
    ) -> Line:
        """A new customer with a line, opened on that day."""
        line = self._newcomer(product, on, military=military)
        self.lines.append(line)
        opened = self.do(
            open_line,
            line,
            on=on,
            customer_id=line.customer_id,
            product_id=product.product_id,
            limit_cents=limit_cents,
            apr_bp=apr_bp,
            due_day=due_day,
            state_code="OH",
        )
        if isinstance(opened, Refused):
            self.lines.pop()
        return line

    def _newcomer(self, product: Product, on: date, *, military: bool) -> Line:
        """A customer with a bank account, and the line they may get."""
        self.people += 1
        n = self.people
        line = Line(f"line_{n:026d}", f"cus_{n:026d}", f"bank_{n:026d}", product, on, military=military)
        person = {
            "customer_id": line.customer_id,
            "display_name": "Somebody",
            "state": "OH",
            "military": military,
        }
        account = {
            "bank_account_id": line.bank_account_id,
            "customer_id": line.customer_id,
            "bank_name": "First Bank",
            "last4": "0001",
            "status": "verified",
        }

        async def people() -> None:
            async with transaction(self.engine, SYSTEM) as conn:
                await conn.execute(insert(customers).values(**person))
                await conn.execute(insert(bank_accounts).values(**account))

        self.run(people())
        self.digest = self.read_digest()
        return line

    def apply(self, product: Product, *, limit_cents: int, due_day: int, months_late: int) -> None:
        """A new customer asks for a line; it is the machine's when it is opened."""
        line = self._newcomer(product, self.today, military=False)
        months = tuple(Month(max(0, months_late - n), 20_000, 10_000) for n in range(MONTHS))
        answer = self.do(
            decide_application,
            line,
            customer_id=line.customer_id,
            product_id=product.product_id,
            limit_cents=limit_cents,
            due_day=due_day,
            state_code="OH",
            observation=Observation(100_000, 500, months),
        )
        if isinstance(answer, Refused) or answer.opened is None:
            self.touched.discard(line.line_id)
            self.acts = [act for act in self.acts if act.line_id != line.line_id]
        else:
            self.lines.append(line)

    def night(self) -> NightlyReport:
        """The night into the next date."""
        self.today += timedelta(days=1)
        report: NightlyReport = self.run(run_night(self.batch_engine, self.today))
        self.counts["night"] += 1
        for name, n in report.counts.items():
            self.counts[f"nightly {name}"] += n
        for step in report.not_done:
            self.counts[f"not done {step.step}: {', '.join(step.codes)}"] += 1
        self._written_by_others()
        return report

    def bank_answers(self) -> None:
        """The bank's answers of the morning."""
        self.counts["bank answers"] += self.run(
            bank_simulator.tick(self.batch_engine, Moment(self.today, time(8)))
        )
        self._written_by_others()

    def _written_by_others(self) -> None:
        for line in self.lines:
            line.written_at = None
            self.touched.add(line.line_id)
        self.digest = self.read_digest()
