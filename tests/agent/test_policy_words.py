"""Policy answers in the customer's language, with every figure in them out of the passage."""

from datetime import date

from agent import figures
from agent.agenda import Task
from agent.flows.base import Receipt, World
from agent.flows.general import policy
from agent.words import render
from tools.knowledge import spanish


def passage(document, version, number):
    words = spanish.section(document, version, number)
    return {
        "document": document, "title": words.title, "section": number, "heading": words.heading, "version": version,
        "effective_on": words.effective_on.isoformat(), "text": words.text, "language": "es",
    }  # fmt: skip


def answer(said, *passages):
    receipt = Receipt("c", "search_policies", {"query": said}, "done", {"passages": list(passages)}, "t")
    say = policy(Task(id="t.0", intent="policy_question", said=said), World(date(2026, 3, 16), "es", [receipt], "t"))
    return say, render(say.template, dict(say.fields), "es"), receipt


def test_a_spanish_question_gets_the_spanish_words_of_the_policy_and_its_section():
    say, text, receipt = answer(
        "¿hasta qué hora puedo pagar hoy?", passage("payments-autopay", "1.0", "1.2"), passage("fee-schedule", "2.0", "2.1")
    )
    assert say.template == "policy"
    assert "8 pm, hora del Este" in text
    assert "sección 1.2" in text
    assert "inglés" not in text
    found, loose = figures.resolve(text, (receipt,))
    assert not loose
    assert found


def test_a_section_that_is_only_in_english_says_so_and_names_the_next_step():
    english = {**passage("disputes", "1.0", "2.1"), "title": "Closing", "text": "You may close at any time.", "language": "en"}
    text = render("policy", {"passage": english, "answer": english["text"]}, "es")
    assert "solo en inglés" in text
    assert "persona" in text
