"""The demo book: a year of life, day by day, through the real commands, the nightly work and the bank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core import nightly
from ledger_core.bank.numbers import sealed_row
from ledger_core.commands.context import CommandContext
from ledger_core.commands.open_line import open_line
from ledger_core.commands.retry import with_retries
from ledger_core.dates import Moment
from ledger_core.demo import bank_simulator
from ledger_core.demo.actor import Doing, perform
from ledger_core.demo.acts import Act, Draw
from ledger_core.demo.numbers import invented_numbers
from ledger_core.demo.people import PEOPLE, phone
from ledger_core.demo.person import Person
from ledger_core.demo.schedule import schedule
from ledger_core.refusals import Refused
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.tables import account_numbers, bank_accounts, customers, demo_book

YEAR_DAYS = 365
IDENTITY = system("demo")
_OPENING_HOUR = time(9)
_BANK_HOUR = time(8)
_EVENING = time(19, 59)

Progress = Callable[[int, int], object]
"""Told how many days are lived, of how many."""


@dataclass(frozen=True)
class RefusedAct:
    """An act that a command refused: habits run into that, stories should not."""

    customer_id: str
    on: date
    act: Act
    codes: tuple[str, ...]


@dataclass
class SeedReport:
    """What the seeding did, since it was started or resumed."""

    anchor: date
    days: int = 0
    acts: int = 0
    refused: list[RefusedAct] = field(default_factory=list)
    differences: int = 0
    """accruals that the nights could not reconcile; 0 in sound books"""


async def seed(
    batch_engine: AsyncEngine,
    *,
    anchor: date,
    progress: Progress | None = None,
    people: Sequence[Person] = PEOPLE,
) -> SeedReport:
    """Live the year that ends with the anchor; returns at once when it is lived.

    anchor: the servicing date of the first run. A book once begun keeps its anchor: killed at any point and
    started again, it goes on with the day it was in, and ends up the same. people: fewer, for tests.
    """
    engine = _relaxed(batch_engine)
    try:
        book_anchor, lived = await _begin(engine, anchor, people)
        report = SeedReport(book_anchor)
        lives = {person: schedule(person, book_anchor) for person in people}
        while lived < book_anchor:
            lived += timedelta(days=1)
            await _live(engine, report, lives, lived)
            if progress is not None:
                progress(YEAR_DAYS - (book_anchor - lived).days, YEAR_DAYS)
        return report
    finally:
        await engine.dispose()


async def is_complete(conn: AsyncConnection) -> bool:
    """Whether the demo book is there and its year is lived."""
    lived = (await conn.execute(select(demo_book.c.lived_through == demo_book.c.anchor))).scalar()
    return bool(lived)


def _relaxed(batch_engine: AsyncEngine) -> AsyncEngine:
    """Seeding need not wait for the disk: a crash takes the newest days, and they are lived again."""
    url = batch_engine.url.update_query_dict({"options": "-csynchronous_commit=off"})
    return make_engine(url.render_as_string(hide_password=False), pool_size=2)


async def _begin(engine: AsyncEngine, anchor: date, people: Sequence[Person]) -> tuple[date, date]:
    """The book's anchor and the last day lived; people and bank accounts are there afterwards."""
    async with transaction(engine, IDENTITY) as conn:
        first = {"only_row": True, "anchor": anchor, "lived_through": anchor - timedelta(days=YEAR_DAYS)}
        await conn.execute(insert(demo_book).values(first).on_conflict_do_nothing())
        await conn.execute(insert(customers).on_conflict_do_nothing(), [_customer(p) for p in people])
        banks = [row for person in people for row in _banks(person)]
        await conn.execute(insert(bank_accounts).on_conflict_do_nothing(), banks)
        numbers = [row for person in people for row in _numbers(person)]
        await conn.execute(insert(account_numbers).on_conflict_do_nothing(), numbers)
        row = (await conn.execute(select(demo_book.c.anchor, demo_book.c.lived_through))).one()
        return row.anchor, row.lived_through


async def _live(
    engine: AsyncEngine, report: SeedReport, lives: Mapping[Person, Mapping[date, tuple[Act, ...]]], on: date
) -> None:
    """One day: the night into it, the bank's answers, then what people do."""
    night = await nightly.run(engine, on)
    report.differences += len(night.differences)
    await bank_simulator.tick(engine, Moment(on, _BANK_HOUR))
    for person, life in lives.items():
        if person.opened_on(report.anchor) == on:
            await with_retries(engine, IDENTITY, partial(_open, person=person, anchor=report.anchor))
        for n, act in enumerate(life.get(on, ())):
            doing = Doing(person, report.anchor, on, n, act)
            answer = await with_retries(engine, IDENTITY, partial(perform, doing=doing))
            report.acts += answer is not None
            if isinstance(answer, Refused):
                report.refused.append(RefusedAct(person.customer_id, on, act, answer.codes))
    if any(
        isinstance(act, Draw) and act.speed == "instant"
        for life in lives.values()
        for act in life.get(on, ())
    ):
        await bank_simulator.tick(engine, Moment(on, _EVENING))
    async with transaction(engine, IDENTITY) as conn:
        await conn.execute(update(demo_book).values(lived_through=on))
    report.days += 1


def _is_instant(act: Act) -> bool:
    return isinstance(act, Draw) and act.speed == "instant"


async def _open(conn: AsyncConnection, *, person: Person, anchor: date) -> None:
    context = CommandContext(
        f"demo:{person.customer_id}:open", "system:demo", Moment(person.opened_on(anchor), _OPENING_HOUR)
    )
    opened = await open_line(
        conn,
        context,
        line_id=person.line_id,
        customer_id=person.customer_id,
        product_id=person.product_id,
        limit_cents=person.limit_cents,
        apr_bp=person.line_apr_bp,
        due_day=person.calendar(anchor).due_day,
        state_code=person.state,
    )
    assert not isinstance(opened, Refused), (person.customer_id, opened.codes)


def _customer(person: Person) -> dict[str, object]:
    return {
        "customer_id": person.customer_id,
        "display_name": person.name,
        "email": person.email,
        "phone": phone(person),
        "language": person.language,
        "state": person.state,
        "timezone": person.timezone,
        "military": person.military,
        "story": person.story,
    }


def _banks(person: Person) -> list[dict[str, object]]:
    return [
        {
            "bank_account_id": person.bank_account_id(index),
            "customer_id": person.customer_id,
            "bank_name": bank.name,
            "last4": bank.last4,
            "status": bank.status,
            "nickname": bank.nickname,
        }
        for index, bank in enumerate(person.banks)
    ]


def _numbers(person: Person) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for index, bank in enumerate(person.banks):
        account_id = person.bank_account_id(index)
        numbers = invented_numbers(account_id, bank.name, bank.last4, person.name)
        rows.append(sealed_row(account_id, person.customer_id, numbers, 1))
    return rows
