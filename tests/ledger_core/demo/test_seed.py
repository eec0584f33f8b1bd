"""A year cut off at any point and taken up again is the same year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.bank import exchange
from ledger_core.demo.people import BY_CUSTOMER
from ledger_core.demo.seed import YEAR_DAYS, seed
from ledger_core.ids import new_id
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import make_engine, system, transaction

pytestmark = pytest.mark.slow
ANCHOR = date(2026, 5, 20)
PEOPLE = tuple(BY_CUSTOMER[f"cus_{name}"] for name in ("tyrone_jackson", "nina_volkov", "marcus_bell"))
"""a returned payment, a resolved dispute, a plain life"""


class CutOff(Exception):
    """As if the process had been killed."""


@pytest.fixture
def another(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The URL of a second empty database, for the batch role."""
    name = new_id("test")
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER cashline_owner".encode())
        yield server.dsn(name, "cashline_batch")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


async def said(engine: AsyncEngine) -> tuple[object, ...]:
    """What the books and the nights say, without ids."""
    async with transaction(engine, system("test")) as conn:
        digest = (await conn.execute(text("SELECT core.content_digest()"))).scalar()
        accrued = text("SELECT line_id, accrued_on, bucket, microcents FROM core.accruals ORDER BY 1, 2, 3")
        corrected = text(
            "SELECT line_id, corrected_on, microcents FROM core.accrual_corrections ORDER BY 1, 2"
        )
        moved = text("SELECT kind, state, effective_on, amount_cents FROM core.transfers ORDER BY 1, 2, 3, 4")
        rows = [(await conn.execute(query)).all() for query in (accrued, corrected, moved)]
        return (digest, *rows)


async def test_a_year_cut_off_again_and_again_ends_up_the_same(
    batch_engine: AsyncEngine, another: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_engine(another)
    report = await seed(whole, anchor=ANCHOR, people=PEOPLE)
    assert report.refused == []
    assert report.differences == 0

    calls = 0

    def dying(step: Any) -> Any:
        async def do_or_die(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            done = None if calls % 40 == 1 else await step(*args, **kwargs)
            if calls % 20 == 1:
                raise CutOff
            return done

        return do_or_die

    def die_at_times(lived: int, days: int) -> None:
        if lived % 30 == 0:
            raise CutOff

    for step in ("deliver", "pay_out_instantly", "receive", "settle_due"):
        monkeypatch.setattr(exchange, step, dying(getattr(exchange, step)))
    cuts = 0
    while True:
        try:
            await seed(batch_engine, anchor=ANCHOR, people=PEOPLE, progress=die_at_times)
            break
        except CutOff:
            cuts += 1
    assert cuts > YEAR_DAYS // 30
    assert await said(batch_engine) == await said(whole)
    await whole.dispose()


async def test_a_book_once_begun_keeps_its_anchor(batch_engine: AsyncEngine) -> None:
    await seed(batch_engine, anchor=ANCHOR, people=PEOPLE[:1])
    again = await seed(batch_engine, anchor=date(2027, 1, 1), people=PEOPLE[:1])
    assert (again.anchor, again.days) == (ANCHOR, 0)
