"""The words of a proposal, in both languages, from nothing but its terms."""

from string import Formatter

import pytest
import yaml

from tools.contract import Confirm
from tools.registry import ALL_TOOLS
from tools.wording import _FOLDER, LANGUAGES, of, plain

PROPOSING = [tool.name for tool in ALL_TOOLS if tool.confirm is not Confirm.NONE]


def entries(language):
    return yaml.safe_load((_FOLDER / f"{language}.yaml").read_text())["tools"]


def test_every_tool_that_proposes_has_words_in_every_language_with_the_same_fields():
    english, spanish = (entries(language) for language in LANGUAGES)
    assert list(english) == list(spanish)
    assert set(english) == set(PROPOSING)
    for name in PROPOSING:
        assert list(english[name]["rows"]) == list(spanish[name]["rows"]), name
        assert _places(english[name]) == _places(spanish[name]), name


def _places(entry):
    summary = entry["summary"]
    texts = [summary] if isinstance(summary, str) else list(summary.values())
    return {field for text in texts for _, field, _, _ in Formatter().parse(text) if field}


def test_equal_payments_are_told_as_one_run():
    terms = plain(
        {
            "kind": "plan_12",
            "apr_bp": 999,
            "payments": [
                {"due_on": "2026-04-14", "amount_cents": 18_813},
                {"due_on": "2026-05-14", "amount_cents": 18_813},
                {"due_on": "2026-06-14", "amount_cents": 18_809},
            ],
            "interest_cents": 0,
            "draws_pause": True,
        }
    )
    words = of("enroll_plan", terms, "en")
    rows = {row.label: row.value for row in words.rows}
    assert words.summary == "Start a repayment plan of 12 payments at 9.99 %"
    assert rows["Payments"] == (
        "2 payments of $188.13, the first on April 14, 2026, the last on May 14, 2026; $188.09 on June 14, 2026"
    )
    assert rows["Interest in all"] == "$0.00"
    assert rows["Draws pause"] == "yes"
    assert "New due date" not in rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_nothing_is_not_told(language):
    terms = {"stops_on": "2026-03-16", "apr_bp": 0, "cancelled_payment_cents": 0}
    assert len(of("stop_autopay", terms, language).rows) == 2, "the day, and what changes"


def test_a_language_we_do_not_speak_gets_english():
    terms = {"dispute_id": "dispute_1", "amount_cents": 8_000}
    assert of("withdraw_dispute", terms, "fr") == of("withdraw_dispute", terms, "en")
