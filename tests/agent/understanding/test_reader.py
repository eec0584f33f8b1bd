"""A whole message, as the agent reads it. Needs the embedding model that the platform runs on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time

import pytest
import yaml

from agent.understanding import Understanding, understand
from tools.knowledge.embed import MiniLM

TODAY = date(2027, 3, 10)
PHRASINGS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("rights_phrasings.yaml").read_text(encoding="utf-8")
)
Read = Callable[[str], Understanding]


@pytest.fixture(scope="module")
def read() -> Read:
    embedder = MiniLM()
    return lambda text: understand(text, today=TODAY, embedder=embedder)


def names(said: Understanding) -> list[str]:
    return [intent.name for intent in said.intents]


def rights(said: Understanding) -> set[str]:
    return {right.name for right in said.rights}


@pytest.mark.parametrize("right", [name for name in PHRASINGS if name != "none"])
def test_a_right_is_never_missed_however_it_is_said(read: Read, right: str) -> None:
    missed = [text for text in PHRASINGS[right] if right not in rights(read(text))]
    assert missed == []


def test_plain_servicing_starts_no_duty(read: Read) -> None:
    alarms = {text: rights(read(text)) for text in PHRASINGS["none"] if read(text).rights}
    assert alarms == {}


def test_a_right_and_a_wish_in_one_message_are_both_heard(read: Read) -> None:
    said = read("there's an 80 dollar draw on feb 27 i never made. also can you raise my limit")
    assert names(said) == ["dispute_open", "limit_increase"]
    assert rights(said) == {"dispute_open"}
    assert [amount.cents for amount in said.amounts] == [8000]
    assert [mention.on for mention in said.dates] == [date(2027, 2, 27)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("what is my balance and when is it due", ["balance", "due_date_info"]),
        ("why the hell is interest 40 bucks this month, it was 30 last time", ["interest_explain"]),
        ("lost my job last week. no way i can make the 14th", ["hardship"]),
        ("pay 150 on friday", ["payment_make"]),
        ("move friday's payment to monday", ["payment_change"]),
        ("cancel the payment i scheduled", ["payment_cancel"]),
        ("how many payments are left on my plan", ["plan_status"]),
        ("i need 300 in my bank by tomorrow", ["draw_request"]),
        ("payoff for the 30th please", ["payoff_quote"]),
        ("should i put my tax refund in bitcoin or pay this off", ["out_of_scope"]),
        ("just let me talk to someone", ["human"]),
        ("no entiendo por qué me cobraron 25 dólares", ["fee_explain"]),
        ("¿cuánto me queda disponible?", ["available_credit"]),
        ("quiero pagar 200 dólares mañana", ["payment_make"]),
        ("perdí mi trabajo y no puedo pagar", ["hardship"]),
    ],
)
def test_wishes_are_named_in_the_order_they_are_said(read: Read, text: str, wanted: list[str]) -> None:
    assert names(read(text)) == wanted


def test_a_wish_that_the_customer_rules_out_is_marked(read: Read) -> None:
    assert read("i don't want to close my account").negated == ("close_account",)


def test_a_yes_is_no_wish_of_its_own(read: Read) -> None:
    said = read("yes please")
    assert said.assent == "yes"
    assert names(said) == ["smalltalk"]
    assert said.rights == ()


def test_a_long_story_is_read_in_bounded_time(read: Read) -> None:
    story = (
        "I have held this line since last year and always paid. In March I noticed two postings that I cannot explain. "
        "The first one is for 350 dollars and I did not make it. I phoned on the 4th and again on the 9th and was told to "
        "wait. My husband says we should get a lawyer. "
    ) * 14
    read("warm")
    start = process_time()
    said = read(story[:4000])
    seconds = process_time() - start
    assert {"dispute_open", "attorney"} <= rights(said)
    assert seconds < 1, f"took {seconds:.3f} s of the processor"
