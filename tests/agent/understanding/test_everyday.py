"""Plain sentences of customers, up to the agenda: a sample of evals/sets/everyday.yaml, and money never the wrong way."""

from __future__ import annotations

import pytest
import yaml

from agent.understanding import clauses, direction, understand, vocabulary
from agent.understanding.train import EXAMPLES
from evals.suites import everyday
from evals.suites.everyday import Opened
from tools.knowledge.embed import MiniLM

SAMPLE = 4
"""One phrasing in so many, and every one that moves money or holds two wishes."""
MONEY = {"payment_make", "draw_request"}


@pytest.fixture(scope="module")
def found() -> list[Opened]:
    embedder = MiniLM()
    sample = [
        said
        for n, said in enumerate(everyday.phrasings())
        if n % SAMPLE == 0 or said.kind == "two" or said.wishes & MONEY
    ]
    return [
        everyday.opened(said, lambda text: understand(text, today=everyday.TODAY, embedder=embedder))
        for said in sample
    ]


@pytest.mark.parametrize(("kind", "least"), [("wish", 0.9), ("two", 0.8), ("nothing", 0.9)])
def test_everyday_sentences_open_what_they_ask_for(found: list[Opened], kind: str, least: float) -> None:
    of_kind = [one for one in found if one.said.kind == kind]
    missed = [(one.said.text, one.tasks) for one in of_kind if not one.heard]
    assert len(of_kind) - len(missed) >= least * len(of_kind), missed


def test_money_is_never_moved_the_other_way(found: list[Opened]) -> None:
    assert [one.said.text for one in found if one.wrong_way] == []


def test_no_sentence_of_the_set_is_an_example_that_the_layer_learned() -> None:
    examples = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    learned = {text.lower() for group in examples.values() for texts in group.values() for text in texts}
    assert [said.text for said in everyday.phrasings() if said.text.lower() in learned] == []


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("take 80 dollars from my account today", "to_us"),
        ("take 80 from my line", "to_customer"),
        ("transfer 100 from my checking to my line", "to_us"),
        ("transfer 100 from my line to my checking", "to_customer"),
        ("put 30 in my bank account", "to_customer"),
        ("put 30 on my balance", "to_us"),
        ("lend me 40", "to_customer"),
        ("I can give you 40", "to_us"),
        ("pague 80 de mi cuenta", "to_us"),
        ("pase 80 de mi línea a mi banco", "to_customer"),
        ("pase 80 de mi banco a mi línea", "to_us"),
        ("mándeme 100 a mi cuenta", "to_customer"),
        ("withdraw 200 from my account", None),
        ("I need 200", None),
    ],
)
def test_the_words_tell_which_way_money_goes(text: str, way: str | None) -> None:
    assert direction.way(text) == way


@pytest.mark.parametrize("text", ["zzzzz", "glorp blarg", "x", "😀", "...", "kjh qwpo"])
def test_what_nobody_can_read_says_nothing(text: str) -> None:
    assert vocabulary.load().says_nothing(text)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("balence plz", "balance plz"),
        ("my paymnt tomorow", "my payment tomorrow"),
        ("heyyy", "hey"),
        ("I owe Oyelaran 20", "I owe Oyelaran 20"),
    ],
)
def test_a_slip_is_read_as_the_word_that_was_meant(text: str, mended: str) -> None:
    assert vocabulary.load().mended(text) == mended


@pytest.mark.parametrize(
    "text", ["cancelen mi pago y díganme mi saldo", "quiero pagar 50 hoy y que me manden mi estado de cuenta"]
)
def test_a_spanish_order_after_and_is_a_clause_of_its_own(text: str) -> None:
    assert len(clauses.split(text)) == 2
