"""What a customer settles beside the debt: a bank account off the line, more on a dispute, a line to be closed."""

from __future__ import annotations

import pytest

from ledger_core.commands.open_dispute import open_dispute
from tests.agent.test_conversations import owing, say


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "remove my bank account"), ("es", "elimine mi cuenta bancaria")],
)
async def test_a_bank_account_comes_off_only_at_a_yes(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, words, has=["4471"])
    assert turn["status"] in ("proposed", "refused")
    assert turn["obligations"] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "I have a receipt to add to my dispute"), ("es", "quiero agregar un comprobante a mi disputa")],
)
async def test_more_is_put_on_a_dispute_that_is_open(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    draw = next(iter((await book.state()).draws.values()))
    await book.act(open_dispute, kind="wrong_amount", about=draw.draw_id)
    turn = await say(await talk_to(book.customer_id), words)
    assert turn["status"] in ("done", "proposed")
    assert len((await book.state()).disputes) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "close my account"), ("es", "quiero cerrar mi línea")])
async def test_a_line_is_closed_by_no_word_alone(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, words, "proposed")
    assert [task["intent"] for task in turn["agenda"]] == ["close_account"]
    assert (await book.state()).status == "open"
    await talk.press(turn["proposal"], "decline")
    assert (await book.state()).status == "open"
