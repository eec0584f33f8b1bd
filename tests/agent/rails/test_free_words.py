"""A model's free words: numbers spelled out, days by the calendar, and true figures in a wrong place."""

from datetime import date

import pytest

from agent import claims, figures
from agent.flows.base import Receipt
from agent.spelled import in_digits

TODAY = date(2026, 5, 19)
RECEIPT = Receipt(
    "call_1",
    "get_overview",
    {},
    "done",
    {
        "owed_cents": 123_400,
        "minimum_due_cents": 5_000,
        "limit_cents": 200_000,
        "available_cents": 76_600,
        "apr_bp": 2_599,
        "next_due_on": "2026-05-22",
        "days_past_due": 12,
    },
    "turn_1",
)


def unsupported(text):
    return [found.text for found in figures.resolve(text, [RECEIPT], drafted=True, today=TODAY)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "The minimum is fifty dollars, due on the twenty-second of May.",
        "Debe mil doscientos treinta y cuatro dólares; vence el veintidós de mayo.",
        "It is due Friday, in three days, so on 5/22.",
        "You are twelve days late. Once you pay, one of us will look at it.",
        "- balance: $1,234\n- minimum due: $50.00\n- due date: May 22nd",
        "Your limit is two thousand dollars.",
        "Vence el viernes por la mañana.",
    ],
)
def test_true_free_words_pass(text):
    assert unsupported(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("The minimum is fifty-one dollars.", ["fifty-one dollars"]),
        ("Debe mil doscientos treinta y cinco dólares.", ["mil doscientos treinta y cinco dólares"]),
        ("Due the twenty-third of May.", ["twenty-third of May"]),
        ("Vence el tres de mayo.", ["tres de mayo"]),
        ("It is due tomorrow.", ["tomorrow"]),
        ("It is due in four days.", ["in four days"]),
        ("Vence el lunes.", ["lunes"]),
        ("That is 50 euros.", ["50 euros"]),
        ("It is due on 5/23/2026.", ["5/23/2026"]),
        ("You are thirteen days late.", ["thirteen"]),
    ],
)
def test_a_false_figure_is_found_in_any_writing(text, wrong):
    assert unsupported(text) == wrong


@pytest.mark.parametrize(
    "text",
    [
        "Your minimum is $1,234.00.",
        "You owe $50.00 right now.",
        "Your limit is $766.00.",
        "| balance | $2,000.00 |",
        "El pago mínimo es de **$2,000.00**.",
        "Su saldo es de $50.00.",
    ],
)
def test_a_true_figure_in_a_wrong_place_is_a_wrong_figure(text):
    assert len(unsupported(text)) == 1


def test_a_changed_number_keeps_its_place_in_the_words():
    text = "Pay fifty dollars by the third of May, then two hundred and ten dollars."
    digits = in_digits(text)
    assert digits.text == "Pay 50 dollars by the May 3, then 210 dollars."
    at = digits.text.index("210")
    start, end = digits.place(at, at + 3)
    assert text[start:end] == "two hundred and ten"


@pytest.mark.parametrize(
    "text",
    [
        "We have raised your limit.",
        "Ya le inscribí en un plan.",
        "Su límite ha sido aumentado.",
        "Abrí una disputa por eso.",
        "Ya cambié su fecha de pago.",
    ],
)
def test_claims_of_what_was_not_done_are_found_in_both_languages(text):
    assert claims.unsupported(text, [RECEIPT])
