"""Messages that once were taken for something else, in whole turns over real books."""

from __future__ import annotations

from datetime import date

import pytest

from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.lock_line import lock_line
from tests.agent.test_conversations import owing, say
from tests.fixtures.books import seasoned_book

NO_SENSE = {"en": ("asdf qwer zxcv", "fjfj dkdk slsl", "qwerty"), "es": ("asdf qwer zxcv", "wflk jsdf okwe", "asdf jklñ")}


def rights_of(turn):
    return [item["right"] for item in turn["obligations"]]


@pytest.mark.parametrize(
    ("language", "words", "sign"),
    [
        ("en", "my account was hacked", "Your line is locked"),
        ("en", "I'm a victim of identity theft", "Your line is locked"),
        ("es", "hackearon mi cuenta", "Su línea sigue bloqueada"),
        ("es", "me robaron la identidad", "Su línea sigue bloqueada"),
    ],
)
async def test_a_line_that_was_locked_before_the_words_for_fraud_is_said_to_be(engine, talk_to, language, words, sign):
    book = await owing(engine, language=language)
    await book.act(lock_line, reason="fraud")
    await say(await talk_to(book.customer_id), words, "handed_off", has=[sign])
    assert (await book.state()).locked


@pytest.mark.parametrize(
    ("language", "words", "sign"),
    [
        ("en", "why did you decline my request", "no credit decision against you"),
        ("es", "¿por qué rechazaron mi solicitud?", "ninguna decisión de crédito en su contra"),
    ],
)
async def test_why_something_was_declined_on_a_locked_line_is_explained(engine, talk_to, language, words, sign):
    book = await owing(engine, language=language)
    await book.act(lock_line, reason="fraud")
    turn = await say(await talk_to(book.customer_id), words, "answered", has=[sign])
    assert [task["intent"] for task in turn["agenda"]] == ["decision_explain"]
    assert not (await book.state()).decisions


async def test_a_decline_is_explained_by_its_reasons_though_the_line_was_locked_since(engine, talk_to):
    book = await seasoned_book(engine, opened_on=date(2025, 8, 4), pays=False)
    await book.go_to(date(2026, 3, 16))
    talk = await talk_to(book.customer_id)
    await say(talk, "increase my limit by 500", "refused", has=["past due"])
    await book.act(lock_line, reason="customer")
    await say(talk, "why did you decline my request", "answered", has=["past due", "could not approve"])
    assert len((await book.state()).decisions) == 1


@pytest.mark.parametrize(
    ("language", "words"), [("en", "what is this transaction of 1500"), ("es", "¿qué es este movimiento de 1500?")]
)
async def test_one_entry_is_found_by_its_amount(engine, talk_to, language, words):
    book = await owing(engine, language=language)
    turn = await say(await talk_to(book.customer_id), words, "answered", has=["$1,500.00"], lacks=["$200.00"])
    assert [task["intent"] for task in turn["agenda"]] == ["transaction_explain"]


@pytest.mark.parametrize("words", ["Please end my 12 payment plan", "cancel my payment plan", "quiero cancelar mi plan de pagos"])
async def test_a_plan_that_is_to_end_is_neither_a_crisis_nor_a_hardship(engine, talk_to, words):
    book = await owing(engine)
    await book.act(enroll_plan, kind="plan_12")
    turn = await say(await talk_to(book.customer_id), words, "proposed", lacks=["988"])
    assert (rights_of(turn), [task["intent"] for task in turn["agenda"]]) == ([], ["plan_cancel"])


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("No puedo entrar a mi cuenta", "account_access"),
        ("change my plan", "plan_change"),
        ("change my payment plan", "plan_change"),
        ("cancel my plan", "plan_cancel"),
        ("¿cuándo me van a llamar?", "handoff_status"),
        ("I want to change something about my dispute", "dispute_manage"),
        ("What's the least I have to send this cycle?", "minimum_payment_info"),
        ("Cambie mi fecha de pago al día 20", "due_date_change"),
    ],
)
async def test_plain_wishes_start_no_duty(engine, talk_to, words, wish):
    book = await owing(engine)
    turn = await say(await talk_to(book.customer_id), words)
    assert (rights_of(turn), [task["intent"] for task in turn["agenda"]]) == ([], [wish])


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("I want to end my plan and my life", "crisis"),
        ("end my life and my payment plan", "crisis"),
        ("I lost my job, cancel my plan", "hardship"),
        ("cuando me llaman en el trabajo me regañan, dejen de llamarme", "cease_contact"),
    ],
)
async def test_beside_such_words_a_right_is_still_heard(engine, talk_to, words, right):
    book = await owing(engine)
    assert right in rights_of(await say(await talk_to(book.customer_id), words))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_what_makes_no_sense_is_asked_back_twice_and_then_a_person_takes_over(engine, talk_to, language):
    book = await owing(engine, language=language)
    talk = await talk_to(book.customer_id)
    said = [await say(talk, words) for words in NO_SENSE[language]]
    assert [turn["agenda"][-1]["intent"] for turn in said] == ["unclear", "unclear", "unclear_handoff"]
    assert said[-1]["status"] == "handed_off"
    assert said[-1]["handoff"] is not None


async def test_a_draw_that_is_not_recognized_is_a_dispute_whatever_else_it_sounds_like(engine, talk_to):
    book = await owing(engine)
    turn = await say(await talk_to(book.customer_id), "I don't recognize the last draw", has=[])
    assert "dispute_open" in rights_of(turn)
