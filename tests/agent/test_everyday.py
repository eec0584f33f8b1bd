"""Plain sentences that were once taken for something else, as whole turns over real books."""

from __future__ import annotations

import pytest

from tests.agent.test_conversations import owing, say


@pytest.mark.parametrize(
    ("language", "words", "kind"),
    [
        ("en", "please pay 200 dollars today", "make_payment"),
        ("en", "take 80 dollars from my account today", "make_payment"),
        ("es", "tome 80 de mi cuenta hoy", "make_payment"),
        ("en", "take 80 from my line", "request_draw"),
        ("es", "mándame 80 a mi banco", "request_draw"),
    ],
)
async def test_money_is_proposed_the_way_the_customer_said(engine, talk_to, language, words, kind):
    book = await owing(engine, language=language)
    turn = await say(await talk_to(book.customer_id), words, "proposed")
    assert turn["proposal"]["kind"] == kind


@pytest.mark.parametrize("words", ["zzzzz", "glorp blarg", "x"])
async def test_what_nobody_can_read_is_asked_back(engine, talk_to, words):
    book = await owing(engine)
    turn = await say(await talk_to(book.customer_id), words, "asking")
    assert [task["intent"] for task in turn["agenda"]] == ["unclear"]


@pytest.mark.parametrize(
    ("language", "words", "sign"),
    [
        ("en", "My card is lost! What can I do?", "no card with a Cash Line"),
        ("en", "can I have a visa card?", "no card with a Cash Line"),
        ("es", "perdí mi tarjeta", "no tiene tarjeta"),
    ],
)
async def test_of_a_card_the_customer_is_told_that_the_line_has_none(engine, talk_to, language, words, sign):
    book = await owing(engine, language=language)
    turn = await say(await talk_to(book.customer_id), words, "answered", has=[sign])
    assert turn["obligations"] == []


async def test_a_stolen_card_beside_money_that_is_gone_is_a_report_of_fraud(engine, talk_to):
    book = await owing(engine)
    turn = await say(await talk_to(book.customer_id), "someone stole my card and took money from my line")
    assert "fraud_report" in [item["right"] for item in turn["obligations"]]
