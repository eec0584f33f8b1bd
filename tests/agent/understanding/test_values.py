"""Amounts, days, places in a list, and moves, as customers write them."""

from __future__ import annotations

from datetime import date

import pytest

from agent.understanding import amounts, clauses, dates, language, moves

TODAY = date(2027, 3, 10)


def cents(text: str) -> list[int]:
    mentions, _ = dates.find(text, TODAY)
    return [amount.cents for amount in amounts.find(text, tuple(mention.span for mention in mentions))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fifty bucks", [5000]),
        ("$1,250.50", [125050]),
        ("an 80 dollar draw", [8000]),
        ("200 dólares", [20000]),
        ("cien dólares", [10000]),
        ("pagué 1.250,50", [125050]),
        ("pay 150 today", [15000]),
        ("no i meant 200", [20000]),
        ("make it 200 instead of 120", [20000, 12000]),
        ("1.5k", [150000]),
        ("pay two hundred on 4/15", [20000]),
        ("25 cents", [25]),
        ("300", [30000]),
        ("USD 45.10", [4510]),
        ("sixty dollars and twenty cents", [6020]),
        ("15 dollars 50", [1550]),
        ("12 dólares con 40 centavos", [1240]),
        ("a grand", [100000]),
        ("between 20 and 30 dollars", [2000, 3000]),
        ("$80-$90 a month", [8000, 9000]),
        ("a dollar and 5 cents", [105]),
    ],
)
def test_an_amount_is_read_in_whole_cents(text: str, expected: list[int]) -> None:
    assert cents(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the account ending 4471",
        "the plan with 12 payments",
        "schedule the minimum for the 20th",
        "in 3 weeks",
        "chapter 13",
        "at 8 pm",
        "option 2",
        "at 9.99 %",
        "my statement of May 22, 2026",
    ],
)
def test_a_day_a_count_or_an_account_ending_is_no_amount(text: str) -> None:
    assert cents(text) == []


@pytest.mark.parametrize(
    ("text", "on", "until"),
    [
        ("a draw on feb 27 i never made", "2027-02-27", None),
        ("lost my job last week. no way i can make the 14th", "2027-03-14", None),
        ("pay it next friday", "2027-03-19", None),
        ("in two weeks", "2027-03-24", None),
        ("tomorrow", "2027-03-11", None),
        ("el 3 de mayo", "2027-05-03", None),
        ("hace dos semanas", "2027-02-24", None),
        ("what posted last month", "2027-02-01", "2027-02-28"),
        ("draws since July", "2026-07-01", "2027-03-10"),
        ("mid-month", "2027-03-15", None),
        ("by the end of the month", "2027-03-31", None),
        ("pasado mañana", "2027-03-12", None),
        ("on 3/4/2027", "2027-03-04", None),
        ("thursday the 18th", "2027-03-18", None),
        ("tuesday of next week", "2027-03-16", None),
        ("the 20th of next month", "2027-04-20", None),
        ("the first friday of april", "2027-04-02", None),
        ("three days after the 20th", "2027-03-23", None),
        ("two weeks from tomorrow", "2027-03-25", None),
        ("in four business days", "2027-03-16", None),
        ("two fridays from now", "2027-03-19", None),
        ("the day after tomorrow", "2027-03-12", None),
        ("April twenty-second", "2027-04-22", None),
        ("2027-Apr-05", "2027-04-05", None),
        ("by memorial day", "2027-05-31", None),
        ("antes de navidad", "2027-12-25", None),
        ("el viernes de la semana que viene", "2027-03-19", None),
        ("el veintidós de abril", "2027-04-22", None),
        ("en la quincena", "2027-03-15", None),
        ("la primera quincena de mayo", "2027-05-01", "2027-05-15"),
        ("from the 13th to the 15th of april", "2027-04-13", "2027-04-15"),
        ("entre el 2 y el 9 de febrero", "2027-02-02", "2027-02-09"),
        ("the last 10 days", "2027-02-28", "2027-03-09"),
        ("the week of april 7", "2027-04-05", "2027-04-11"),
        ("march of next year", "2028-03-01", "2028-03-31"),
        ("between jan 3 and now", "2027-01-03", "2027-03-10"),
        ("del 1 al 5 de abril", "2027-04-01", "2027-04-05"),
        ("the last business day of march", "2027-03-31", None),
        ("the week before last", "2027-02-22", "2027-02-28"),
        ("a principios de mes", "2027-04-01", None),
        ("in about two weeks", "2027-03-24", None),
        ("this weekend", "2027-03-13", "2027-03-14"),
    ],
)
def test_a_day_counts_from_the_servicing_date(text: str, on: str, until: str | None) -> None:
    mention = dates.find(text, TODAY)[0][-1]
    assert (mention.on.isoformat(), mention.until and mention.until.isoformat()) == (on, until)


def test_a_payment_moved_from_one_day_to_another_names_two_days() -> None:
    mentions, _ = dates.find("move it from the 12th to the 20th", TODAY)
    assert [mention.on for mention in mentions] == [date(2027, 3, 12), date(2027, 3, 20)]


def test_spanish_writes_the_day_before_the_month() -> None:
    assert dates.find("el 5/4", TODAY, month_first=False)[0][0].on == date(2027, 4, 5)
    assert dates.find("on 5/4", TODAY)[0][0].on == date(2027, 5, 4)


@pytest.mark.parametrize(
    "text",
    [
        "i may pay 20",
        "pay one of them",
        "the second one",
        "call me at 4:15",
        "half of it",
        "for two weeks",
        "card ending 4471",
    ],
)
def test_what_is_no_day_is_left_alone(text: str) -> None:
    assert dates.find(text, TODAY)[0] == ()


def test_a_payday_stays_unresolved() -> None:
    assert dates.find("i'll pay next payday", TODAY) == ((), ())


def test_a_bare_day_is_kept_as_a_day_of_the_month() -> None:
    assert dates.find("can my due date be the 3rd", TODAY)[1] == (3,)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the second one", (2,)),
        ("the last one. actually wait", (-1,)),
        ("option 2", (2,)),
        ("la segunda", (2,)),
        ("number 3 please", (3,)),
        ("what is the entry on the 4th?", ()),
        ("the last payment i made", ()),
        ("second please", (2,)),
        ("no, the third", (3,)),
        ("the top one", (1,)),
        ("the next to last one", (-2,)),
        ("not the first, the second one", (2,)),
        ("the fifth entry", (5,)),
    ],
)
def test_a_place_in_a_list_is_read(text: str, places: tuple[int, ...]) -> None:
    assert moves.ordinals(text) == places


@pytest.mark.parametrize(
    "text",
    ["yes please", "ok do it", "go ahead", "sí", "Sí, hágalo por favor", "yep, confirm", "sure, thanks"],
)
def test_a_message_of_nothing_but_assent_is_a_yes(text: str) -> None:
    assert moves.assent(text) == "yes"


@pytest.mark.parametrize("text", ["no thanks", "no", "nope", "No, gracias", "not now"])
def test_a_message_of_nothing_but_refusal_is_a_no(text: str) -> None:
    assert moves.assent(text) == "no"


@pytest.mark.parametrize(
    "text",
    ["yes but make it 200", "ok?", "no i meant 200", "yes, and what is my balance", "sure is expensive"],
)
def test_a_yes_or_no_with_more_to_it_is_neither(text: str) -> None:
    assert moves.assent(text) is None


def test_dropping_a_matter_is_not_an_order_to_cancel_something() -> None:
    assert moves.cancels("never mind")
    assert moves.cancels("forget it")
    assert moves.cancels("olvídelo")
    assert not moves.cancels("cancel my payment")


@pytest.mark.parametrize(
    "text",
    [
        "wait no, friday",
        "oops 60",
        "on second thought do 40",
        "perdón, 80",
        "let me change that to 30",
        "espera, que sean 90",
    ],
)
def test_a_change_of_mind_is_a_correction(text: str) -> None:
    assert moves.correction(text)


def test_a_correction_is_noticed() -> None:
    assert moves.correction("no i meant 200")
    assert moves.correction("quise decir el viernes")
    assert not moves.correction("pay 200")


def test_two_wishes_in_one_sentence_are_two_clauses() -> None:
    text = "what is my balance and when is it due"
    assert [text[slice(*span)] for span in clauses.split(text)] == ["what is my balance", "when is it due"]


def test_a_lone_word_joins_the_clause_before_it() -> None:
    assert len(clauses.split("I was charged twice. Why?")) == 1


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("quiero pagar hoy", None, "es"),
        ("i want to pay", "es", "en"),
        ("200", "es", "es"),
        ("ok", None, "en"),
    ],
)
def test_the_language_is_that_of_the_words_and_else_the_hint(
    text: str, hint: str | None, expected: str
) -> None:
    assert language.detect(text, hint) == expected
