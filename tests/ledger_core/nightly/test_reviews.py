"""Limits looked at unasked by the nights."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core import nightly
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.nightly import night as nights
from ledger_core.queries import decisions, notices
from ledger_core.store.postgres import customer, transaction
from ledger_core.underwriting.policy import policy_on, reviews_on
from tests.fixtures.books import Book, open_book

IN_FORCE = date(2026, 11, 24)


class CutOff(Exception):
    """The machine stops."""


async def failing(engine: AsyncEngine, cycles: int = 5) -> Book:
    """A line that paid two minimums of so many, and whose next statement calls for a review."""
    book = await open_book(engine, limit_cents=100_000, opened_on=IN_FORCE)
    await book.draw(60_000)
    for month in range(cycles):
        await book.close_cycle()
        if month < 2:
            await book.pay(9_000, settle=True)
    return book


async def test_a_failing_line_is_lowered_once_with_a_notice_also_when_the_night_is_cut_off(
    batch_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await failing(batch_engine)
    owed = (await book.state()).principal_cents
    on = (await book.state()).next_close_on + timedelta(days=1)
    do = nights.Night.do

    async def dies(night: nights.Night, doings: list[nights.Doing]) -> None:
        if any(doing.step == "review" for doing in doings):
            raise CutOff
        await do(night, doings)

    with monkeypatch.context() as cut:
        cut.setattr(nights.Night, "do", dies)
        with pytest.raises(CutOff):
            await nightly.run(batch_engine, on)
    report = await nightly.run(batch_engine, on)
    assert report.counts["review"] == 1
    assert (await nightly.run(batch_engine, on)).counts == {}
    book.at = type(book.at)(on, book.at.at)
    state = await book.state()
    assert owed <= state.limit_cents < 100_000
    (told,) = await book.ask(decisions.decisions)
    assert (told.kind, told.limit_cents, told.taken_on) == ("limit_review", state.limit_cents, on)
    assert 1 <= len(told.reasons) <= 4
    async with transaction(batch_engine, customer(book.customer_id)) as conn:
        (english,) = await notices.notices(conn, book.line_id)
        (spanish,) = await notices.notices(conn, book.line_id, "es")
    assert (english.kind, english.issued_on, english.decision_id) == ("lowered", on, told.decision_id)
    for reason in told.reasons:
        assert reason.why in english.text
    assert f"${state.limit_cents // 100:,}.00" in spanish.text
    assert spanish.text != english.text
    assert book.customer_id not in english.text


async def test_a_line_is_not_looked_at_soon_after_another_decision_nor_at_other_statements(
    batch_engine: AsyncEngine,
) -> None:
    await failing(batch_engine, cycles=4)
    lately = await failing(batch_engine)
    await lately.act(decide_limit, limit_cents=150_000)
    report = await nightly.run(batch_engine, (await lately.state()).next_close_on + timedelta(days=1))
    assert report.counts["close"] == 2
    assert "review" not in report.counts


def test_no_limit_was_looked_at_before_the_policy_said_so() -> None:
    assert reviews_on(IN_FORCE - timedelta(days=1)) is None
    assert reviews_on(date(1999, 1, 1)) is None
    assert policy_on(IN_FORCE).reviews == reviews_on(IN_FORCE)
