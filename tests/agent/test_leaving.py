"""What a customer settles beside the debt: a bank account off the line, more on a dispute, a line to be closed."""

from __future__ import annotations

import pytest

from ledger_core.bank import accounts
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.store.postgres import customer, transaction
from tests.agent.test_conversations import owing, say


async def status_of(engine, book):
    async with transaction(engine, customer(book.customer_id)) as conn:
        account = await accounts.find(conn, book.bank_account_id)
    return account.status


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "remove my bank account"), ("es", "quiero quitar mi cuenta de banco")],
)
async def test_a_bank_account_comes_off_only_at_a_yes(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    turn = await say(talk, words, "proposed", has=["4471"])
    assert turn["obligations"] == []
    assert await status_of(engine, book) == "verified"
    assert (await talk.press(turn["proposal"]))["status"] == "done"
    assert await status_of(engine, book) == "closed"


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
