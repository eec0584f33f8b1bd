"""Which rows of the outside suites count as days and amounts of a payment conversation, and when they are read right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from evals.suites import value_cases
from evals.suites.understanding import amounts_are_right, days_are_right, was_learned_from

TODAY = "2027-03-10T00:00:00"


def named(text: str, kind: str, **values: str) -> dict[str, Any]:
    item = {"TypeName": f"datetimeV2.{kind}", "Resolution": {"values": [{"type": kind, **values}]}}
    return {
        "id": text, "text": text, "model": "DateTimeModel", "lang": "English", "reference": TODAY, "expected": [item],
    }  # fmt: skip


def counted(row: dict[str, Any]) -> list[value_cases.DayCase]:
    return value_cases.day_cases([row], [])


def test_a_day_counts_and_is_read() -> None:
    (case,) = counted(named("pay it on the 14th", "date", value="2027-03-14"))
    assert days_are_right(case)


def test_a_wrong_day_is_not_right() -> None:
    (case,) = counted(named("pay it on the 14th", "date", value="2027-03-15"))
    assert not days_are_right(case)


def test_a_stretch_between_two_days_may_hold_its_last() -> None:
    row = named(
        "from april 3 to april 5",
        "daterange",
        start="2027-04-03",
        end="2027-04-05",
        timex="(XXXX-04-03,XXXX-04-05,P2D)",
    )
    (case,) = counted(row)
    assert case.named == (((date(2027, 4, 3), date(2027, 4, 4)), (date(2027, 4, 3), date(2027, 4, 5))),)
    assert days_are_right(case)


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("at 4 pm", "time", {"value": "16:00:00"}),
        ("for two weeks", "duration", {"value": "1209600"}),
        ("in the third quarter", "daterange", {"start": "2027-07-01", "end": "2027-10-01"}),
        ("in 1974", "daterange", {"start": "1974-01-01", "end": "1975-01-01"}),
        ("early april", "daterange", {"start": "2027-04-01", "end": "2027-04-16"}),
    ],
)
def test_what_no_payment_conversation_holds_does_not_count(
    text: str, kind: str, values: dict[str, str]
) -> None:
    assert counted(named(text, kind, **values)) == []


def test_amounts_in_dollars_count_and_others_do_not() -> None:
    def row(text: str, value: str, unit: str) -> dict[str, Any]:
        item = {"Resolution": {"value": value, "unit": unit}}
        return {"id": text, "text": text, "model": "CurrencyModel", "lang": "English", "expected": [item]}

    cases = value_cases.amount_cases(
        [
            row("it costs 20 dollars", "20", "Dollar"),
            row("20 euros", "20", "Euro"),
            row("a billion dollars", "1e9", "Dollar"),
        ],
        [],
    )
    assert [case.cents for case in cases] == [(2000,)]
    assert amounts_are_right(cases[0])


def test_rows_kept_apart_were_not_learned_from() -> None:
    texts = [f"sentence number {n}" for n in range(400)]
    assert 0.6 < sum(was_learned_from({"text": text}) for text in texts) / 400 < 0.8
