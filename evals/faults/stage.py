"""One customer with one line and the day it lives on: from here an experiment begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.bank import numbers
from ledger_core.commands.context import CommandContext
from ledger_core.commands.issue_statement import issue_statement
from ledger_core.commands.make_payment import MadePayment, make_payment
from ledger_core.commands.open_line import open_line
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.request_draw import RequestedDraw, request_draw
from ledger_core.commands.retry import with_retries
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.dates import Moment
from ledger_core.demo.numbers import invented_numbers
from ledger_core.ids import new_id
from ledger_core.line.state import LineState
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts, customers

OPENED_ON = date(2026, 1, 5)
IDENTITY = system("stage")
_ACTOR = "system:stage"
_TEN = time(10)

Command = Callable[..., Awaitable[Any]]


@dataclass
class Stage:
    """A line and its servicing moment; time passes by `go_to`."""

    engine: AsyncEngine
    customer_id: str
    line_id: str
    bank_account_id: str
    at: Moment
    keys: Any = field(default_factory=count)

    def context(self, key: str | None = None) -> CommandContext:
        """A context of now, under a fresh key unless one is given."""
        return CommandContext(key or f"stage-{next(self.keys)}", _ACTOR, self.at)

    async def ask(self, command: Command, key: str | None = None, **arguments: Any) -> Any:
        """Run a command on the line now, committed; its answer or refusal."""
        ctx = self.context(key)

        async def once(conn: AsyncConnection) -> Any:
            return await command(conn, ctx, line_id=self.line_id, **arguments)

        return await with_retries(self.engine, IDENTITY, once)

    async def act(self, command: Command, key: str | None = None, **arguments: Any) -> Any:
        """The same, where a refusal is a mistake of the experiment."""
        answer = await self.ask(command, key, **arguments)
        if isinstance(answer, Refused):
            raise AssertionError(f"{command.__name__} was refused on {self.at.on}: {answer.codes}")
        return answer

    async def state(self) -> LineState:
        async with transaction(self.engine, IDENTITY) as conn:
            return (await line_at(conn, self.at, self.line_id)).state

    async def draw(self, amount_cents: int, *, settle: bool = True) -> str:
        """The id of a draw; settled on its day, to which time passes, unless told otherwise."""
        asked = {"amount_cents": amount_cents, "bank_account_id": self.bank_account_id}
        done: RequestedDraw = await self.act(request_draw, **asked)
        if settle:
            await self.go_to(done.settles_on)
            await self.act(settle_draw, draw_id=done.draw_id)
        return done.draw_id

    async def pay(self, amount_cents: int, *, in_days: int = 0, settle: bool = False) -> str:
        """The id of a payment today or in so many days; with `settle`, time passes until the bank confirms."""
        done: MadePayment = await self.act(
            make_payment,
            amount_cents=amount_cents,
            pay_on=self.at.on + timedelta(days=in_days),
            bank_account_id=self.bank_account_id,
        )
        if settle:
            await self.go_to(done.settles_on)
            await self.act(settle_payment, payment_id=done.payment_id)
        return done.payment_id

    async def go_to(self, on: date, *, close: bool = True) -> None:
        """Let the days pass: scheduled payments come in, and cycles close unless told otherwise."""
        while self.at.on < on:
            self.at = Moment(self.at.on + timedelta(days=1), _TEN)
            state = await self.state()
            if close and state.next_close_on < self.at.on:
                await self.act(issue_statement)
            for payment in state.payments.values():
                if payment.stage == "scheduled" and payment.pay_on <= self.at.on:
                    await self.act(receive_payment, payment_id=payment.payment_id)

    async def close_cycle(self) -> None:
        """Go to the day after the running cycle's end; its statement is issued."""
        await self.go_to((await self.state()).next_close_on + timedelta(days=1))


async def add_customer(conn: AsyncConnection, customer_id: str, bank_account_id: str) -> None:
    """A customer with one verified bank account."""
    person = {"customer_id": customer_id, "display_name": "Somebody", "language": "en", "state": "OH"}
    await conn.execute(insert(customers).values(**person, timezone="America/New_York", military=False))
    account = {"bank_account_id": bank_account_id, "customer_id": customer_id, "bank_name": "First Bank"}
    await conn.execute(insert(bank_accounts).values(**account, last4="0001", status="verified"))
    invented = invented_numbers(bank_account_id, "First Bank", "0001", "Somebody")
    await numbers.give(conn, bank_account_id, customer_id, invented)


async def open_stage(
    engine: AsyncEngine, *, product_id: str = "cash_line_flex", opened_on: date = OPENED_ON, due_day: int = 14
) -> Stage:
    """A customer with a line of $2,000, or a membership of $500, opened at ten in the morning; all committed."""
    stage = Stage(engine, new_id("cus"), new_id("line"), new_id("bank"), Moment(opened_on, _TEN))
    async with transaction(engine, IDENTITY) as conn:
        await add_customer(conn, stage.customer_id, stage.bank_account_id)
    await stage.act(
        open_line,
        "open",
        customer_id=stage.customer_id,
        product_id=product_id,
        limit_cents=200_000 if product_id == "cash_line_flex" else 50_000,
        apr_bp=2599 if product_id == "cash_line_flex" else 0,
        due_day=due_day,
        state_code="OH",
    )
    return stage
