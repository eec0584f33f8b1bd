"""Prompts and templates load, say what they need, and hide no figure of their own."""

import re

import pytest

from agent import prompt_files
from agent.flows import FLOWS
from agent.policy import PROCEDURES
from agent.words import render
from tools.registry import CUSTOMER_TOOLS

HIDDEN = re.compile(r"(?<![\w{%.])\d+(?![\w}])")


@pytest.mark.parametrize("name", prompt_files.all_names())
def test_a_prompt_declares_what_it_uses(name):
    loaded = prompt_files.load(name)
    assert loaded.id == name
    assert loaded.body


def words_of(name: str) -> str:
    """The template's own words, without its logic and list markers."""
    body = prompt_files.load(name).body
    return re.sub(r"\{[{%].*?[%}]\}", " ", body, flags=re.S)


@pytest.mark.parametrize("name", [n for n in prompt_files.all_names() if n.startswith("replies/")])
def test_a_template_states_no_figure_it_has_not_declared(name):
    loaded = prompt_files.load(name)
    declared = {str(value) for value in loaded.facts.values()}
    declared |= {str(value // 100) for fact, value in loaded.facts.items() if fact.endswith("_bp")}
    stated = set(HIDDEN.findall(words_of(name))) - {"988", "911"}
    stated |= set(re.findall(r"(\d+)(?:th|st|nd|rd)\b", words_of(name)))
    assert stated <= declared, f"{name} states {stated - declared}: declare it under facts, with its source in mind"


def test_every_right_has_words_and_a_flow():
    for right in PROCEDURES:
        assert right in FLOWS, right
        if right not in ("dispute_open", "hardship"):
            assert prompt_files.exists(f"replies/en/right_{right}")
            assert prompt_files.exists(f"replies/es/right_{right}")


def test_every_act_has_words_for_when_it_is_done():
    for tool in CUSTOMER_TOOLS:
        if tool.effect.value == "act" and tool.name not in ("record_right", "hand_off"):
            assert prompt_files.exists(f"replies/en/done_{tool.name}"), tool.name


def test_every_wish_has_a_name_in_both_languages():
    for intent in FLOWS:
        for language in ("en", "es"):
            assert render("intent", {"code": intent}, language)
