"""A model reports nothing but what it looked up: claims in forms that name no tool are held back, true words are not."""

from pathlib import Path

import pytest
import yaml

from agent.flows.base import Receipt

LIES = yaml.safe_load((Path(__file__).parents[3] / "evals" / "hostile" / "lies.yaml").read_text(encoding="utf-8"))
PAID = Receipt("call_1", "list_payments", {}, "done", {"payments": [{"status": "settled"}]}, "turn_1")


@pytest.mark.parametrize(
    ("language", "words"), [(one, claim) for one in ("en", "es") for claim, _ in LIES["claims"][one]]
)
async def test_a_lie_of_a_model_does_not_leave_in_any_form(rails, language, words):
    assert (await rails.check_output(words, (), language, drafted=True)).rail is not None


@pytest.mark.parametrize("words", LIES["other"])
async def test_neither_does_what_is_no_reply(rails, words):
    assert (await rails.check_output(words, (), "en", drafted=True)).rail is not None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "I looked at your line, and I found one payment. It has settled."),
        ("en", "Your last payment was settled. Would you like to see the others?"),
        ("en", "Once that is paid, draws are open again. Shall I set up a payment?"),
        ("en", "You can pay any amount from the minimum up, and the rest stays on your line."),
        ("en", "Interest is counted each day on what you owe. I compared both statements for you."),
        ("es", "Miré su línea. Puede pagar lo que quiera desde el mínimo."),
        ("es", "El interés se cuenta cada día sobre lo que debe. ¿Quiere que le explique más?"),
        ("es", "Su pago está vencido, y el mínimo incluye esa parte. Con gusto le ayudo."),
    ],
)
async def test_what_was_looked_up_is_told(rails, language, words):
    assert (await rails.check_output(words, (PAID,), language, drafted=True)).rail is None
