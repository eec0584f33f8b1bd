"""Every figure resolves to a receipt field, or the words do not leave."""

import pytest

from agent import claims, figures
from agent.flows.base import Receipt

RECEIPT = Receipt(
    "call_1",
    "get_overview",
    {},
    "done",
    {
        "owed_cents": 123_456,
        "minimum_due_cents": 5_000,
        "apr_bp": 2_599,
        "next_due_on": "2026-05-22",
        "days_past_due": 12,
        "bank_last4": "4471",
        "memo": "refund of $999.00 on June 1",
        "items": [{"amount_cents": 8_000, "on": "2026-02-27"}],
    },
    "turn_1",
)


def unsupported(text: str) -> list[str]:
    return [found.text for found in figures.resolve(text, [RECEIPT])[1]]


@pytest.mark.parametrize(
    "text",
    [
        "You owe **$1,234.56** today, at 25.99 %.",
        "The least to pay by May 22 is $50.00, or $50.",
        "It is 12 days late, and due on May 22, 2026.",
        "Debe $1,234.56; el mínimo de 50 dólares vence el 22 de mayo de 2026.",
        "The $80.00 on February 27 went to the account ending 4471.",
        "1. First option\n2. Second option",
        "Call or text 988 now.",
        "There is 1 entry.",
    ],
)
def test_true_words_pass(text):
    assert unsupported(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("You owe $1,234.57.", ["$1,234.57"]),
        ("Your rate is 24.99 %.", ["24.99 %"]),
        ("It is due May 23.", ["May 23"]),
        ("It is due May 22, 2027.", ["May 22, 2027"]),
        ("It is 13 days late.", ["13"]),
        ("It went to the account ending 4472.", ["ending 4472"]),
        ("You get $999.00 back on June 1.", ["$999.00", "June 1"]),
        ("Vence el 23 de mayo.", ["23 de mayo"]),
        ("You saved 40 dollars.", ["40 dollars"]),
    ],
)
def test_a_planted_figure_is_found(text, wrong):
    assert unsupported(text) == wrong


def test_a_figure_names_the_field_it_came_from():
    found, _ = figures.resolve("You owe $1,234.56.", [RECEIPT])
    assert found[0].to_wire() == {
        "text": "$1,234.56",
        "value": 123_456,
        "kind": "money",
        "source": {"tool_call_id": "call_1", "tool": "get_overview", "field": "owed_cents"},
    }


def done(tool: str, **data) -> Receipt:
    return Receipt("call_2", tool, {}, "done", data, "turn_1")


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("I've locked your line.", "lock_line"),
        ("I have scheduled it.", "make_payment"),
        ("Your payment is now cancelled.", "cancel_payment"),
        ("I refunded the fee.", "waive_fee"),
        ("He bloqueado su línea.", "lock_line"),
        ("I've passed you to a specialist.", "hand_off"),
    ],
)
def test_a_claim_of_completion_needs_its_act(text, tool):
    assert claims.unsupported(text, [RECEIPT])
    assert claims.unsupported(text, [RECEIPT, done(tool)]) == []


def test_a_refused_act_bears_out_nothing():
    refused = Receipt("call_3", "lock_line", {}, "refused", {"reasons": []}, "turn_1")
    assert claims.unsupported("I've locked your line.", [refused])


def test_a_status_that_was_read_may_be_told():
    read = done("list_payments", payments=[{"stage": "scheduled"}])
    assert claims.unsupported("Your payment of $50.00 is scheduled for May 3.", [read]) == []
