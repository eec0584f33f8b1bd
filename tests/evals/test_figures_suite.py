"""The figures suite writes its own numbers, plants what is false, and a sample of its drafts reaches the aims."""

from datetime import date
from random import Random

import pytest

from agent.flows.base import Receipt
from agent.rails.actions import Draft
from evals.suites.figures import _altered, objection
from evals.suites.figures_drafts import drafts, in_words

LINE = {
    "owed_cents": 123_456, "minimum_due_cents": 5_175, "available_cents": 76_500, "limit_cents": 200_000, "apr_bp": 2_599,
    "next_due_on": "2026-05-22",
}  # fmt: skip
READ = Receipt("call_1", "get_overview", {}, "done", {"lines": [LINE]}, "turn_1")


@pytest.mark.parametrize(
    ("n", "en", "es"),
    [
        (15, "fifteen", "quince"),
        (188, "one hundred eighty-eight", "ciento ochenta y ocho"),
        (2000, "two thousand", "dos mil"),
        (1234, "one thousand two hundred thirty-four", "mil doscientos treinta y cuatro"),
    ],
)
def test_numbers_are_written_in_words(n, en, es):
    assert (in_words(n, "en"), in_words(n, "es")) == (en, es)


def test_a_changed_reply_differs_in_one_figure():
    text = "You owe $1,234.56 at 25.99 %, due May 22."
    changed = list(_altered(text, Random(1)))
    assert len(changed) == 3
    assert all(one != text and len(one.split()) == len(text.split()) for one in changed)


def test_false_free_drafts_are_held_back_and_true_ones_leave():
    today = date(2026, 5, 1)
    made = list(drafts(LINE, Random(3)))
    judged = [(one, objection(Draft(one.text, [READ], one.language, True, today))) for one in made]
    assert [one.text for one, why in judged if not one.false and why is not None] == []
    assert [one.text for one, why in judged if one.false not in ("", "role") and why is None] == []
