"""Every flow and every repair, by turns in both languages: the table in repairs.yaml, spoken through the real graph over real books."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import yaml

from agent.flows import FLOWS
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.open_dispute import open_dispute
from tests.agent.test_conversations import SEAMS, owing
from tests.fixtures.books import open_book, seasoned_book

TABLE = yaml.safe_load((Path(__file__).parent / "repairs.yaml").read_text(encoding="utf-8"))
LANGUAGES = ("en", "es")
TURNED = int(os.environ.get("CASHLINE_REPAIRS_TURNED", "0"))
"""1: each flow in the other language; a run takes each in one, by turns"""
PROPOSING, ASKING = TABLE["proposing"], TABLE["asking"]
TODAY = date(2026, 3, 16)


async def busy(engine, **more):
    """A payment to come, a draw on its way, a late fee."""
    book = await owing(engine, **more)
    await book.pay(12_000, pay_on=date(2026, 3, 25))
    await book.draw(7_500, settle=False)
    await book.act(charge_fee, kind="late", amount_cents=2_500, about=(await book.state()).statements[0].statement_id)
    return book


async def planned(engine, **more):
    book = await owing(engine, **more)
    await book.act(enroll_plan, kind="plan_12")
    return book


async def disputing(engine, **more):
    """The same draw twice, two weeks ago."""
    book = await owing(engine, draw=50_000, until=date(2026, 3, 2), **more)
    await book.draw(15_000)
    await book.draw(15_000)
    await book.go_to(TODAY)
    return book


async def disputed(engine, **more):
    book = await disputing(engine, **more)
    await book.act(open_dispute, kind="duplicate", about=max((await book.state()).draws))
    return book


async def credited(engine, **more):
    book = await open_book(engine, due_day=28, **more)
    await book.draw(10_000)
    await book.go_to(date(2026, 2, 20))
    await book.pay(10_000, settle=True)
    await book.pay(5_000, settle=True)
    await book.go_to(TODAY)
    return book


async def good(engine, **more):
    book = await seasoned_book(engine, opened_on=date(2025, 8, 4))
    await book.go_to(TODAY)
    return book


BOOKS = {make.__name__: make for make in (owing, busy, planned, disputing, disputed, credited, good)}


async def wrong_of(talk, turn, language, shown):
    """What is not as the turn of the table wants it."""
    answer = await talk.say(turn[language])
    text = answer["reply"]["text"]
    has = turn.get("has", "")
    has = shown if has == "=" else has
    has = has[language] if isinstance(has, dict) else has
    fits = turn.get("status", answer["status"]) == answer["status"] and has.lower() in text.lower()
    return [] if fits and not any(seam in text for seam in SEAMS) else [f"{turn[language]!r}: {answer['status']}, {text[:160]!r}"]


def turns_of(flow):
    first = [{"status": "proposed", **flow["open"]}, *([flow["first"]] if "first" in flow else [])]
    return [*first, *TABLE["common"], *flow["own"], TABLE["last"]], first[-1]["has"]


async def test_every_proposing_flow_takes_every_repair_and_leaves_the_books_as_they_were(engine, talk_to):
    wrong, books = [], {}
    for n, (name, flow) in enumerate(PROPOSING.items()):
        if flow["book"] not in books:
            books[flow["book"]] = await BOOKS[flow["book"]](engine)
        book, language = books[flow["book"]], LANGUAGES[(n + TURNED) % 2]
        before = (await book.state()).account_totals
        talk = await talk_to(book.customer_id)
        turns, shown = turns_of(flow)
        for turn in turns:
            wrong += [f"{name}: {problem}" for problem in await wrong_of(talk, turn, language, shown)]
        if (await book.state()).account_totals != before:
            wrong.append(f"{name}: the books have changed")
    assert not wrong, "\n".join(wrong)


async def test_look_ups_are_followed_up_in_few_words(engine, talk_to):
    book = await owing(engine)
    wrong = []
    for n, (name, talks) in enumerate(ASKING.items()):
        for turns in talks:
            talk = await talk_to(book.customer_id)
            for turn in turns:
                problems = await wrong_of(talk, turn, LANGUAGES[(n + TURNED) % 2], "")
                wrong += [f"{name}: {problem}" for problem in problems]
    assert not wrong, "\n".join(wrong)


def test_the_table_holds_the_flows_that_act():
    assert PROPOSING.keys() | ASKING.keys() <= FLOWS.keys()
    assert len({FLOWS[name] for name in PROPOSING}) >= 16
