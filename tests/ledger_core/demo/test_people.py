"""The people of the demo book, their calendars, habits and schedules: pure, for any anchor."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from ledger_core.demo.acts import Draw, Pay
from ledger_core.demo.calendar import Ago, Calendar, Close, Due, due_day_near
from ledger_core.demo.people import BY_CUSTOMER, PEOPLE, phone
from ledger_core.demo.person import FLEX, MEMBERSHIP
from ledger_core.demo.schedule import schedule
from ledger_core.ids import ID_PATTERN

ANCHORS = [date(2026, 1, 1), date(2026, 2, 28), date(2026, 5, 31), date(2026, 11, 24), date(2028, 2, 29)]


def test_the_book_has_forty_people_or_more_and_half_of_them_a_story_of_their_own() -> None:
    told = [person for person in PEOPLE if "A regular" not in person.story]
    assert len(PEOPLE) >= 40
    assert len(told) >= 20
    assert len(BY_CUSTOMER) == len(PEOPLE)


def test_a_story_is_one_line() -> None:
    for person in PEOPLE:
        assert "\n" not in person.story
        assert len(person.story) <= 100, person.name
        assert person.story.endswith("."), person.name


def test_both_products_and_both_languages_are_there() -> None:
    assert {person.product_id for person in PEOPLE} == {FLEX, MEMBERSHIP}
    assert Counter(person.language for person in PEOPLE)["es"] >= 4


def test_ids_are_readable_fixed_and_nobody_shares_one() -> None:
    assert BY_CUSTOMER["cus_maria_gonzalez"].name == "Maria Gonzalez"
    assert BY_CUSTOMER["cus_megan_obrien"].name == "Megan O'Brien"
    assert all(re.fullmatch(r"cus_[a-z_]+", customer_id) for customer_id in BY_CUSTOMER)
    lines = {person.line_id for person in PEOPLE}
    accounts = {person.bank_account_id(n) for person in PEOPLE for n in range(len(person.banks))}
    assert len(lines) == len(PEOPLE)
    assert len(accounts) == sum(len(person.banks) for person in PEOPLE)
    assert all(ID_PATTERN.match(identifier) for identifier in lines | accounts)


def test_nobody_can_be_reached() -> None:
    for person in PEOPLE:
        assert person.email.endswith("@example.com")
        assert re.fullmatch(r"\(555\) 555-01\d\d", phone(person))
    assert len({phone(person) for person in PEOPLE}) == len(PEOPLE)


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_the_same_anchor_gives_the_same_year(anchor: date) -> None:
    for person in PEOPLE:
        assert schedule(person, anchor) == schedule(person, anchor)


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_everybody_acts_between_the_opening_of_the_line_and_the_anchor(anchor: date) -> None:
    for person in PEOPLE:
        days = list(schedule(person, anchor))
        assert days == sorted(days)
        assert all(person.opened_on(anchor) <= on <= anchor for on in days), person.name


def test_the_year_holds_draws_and_payments_of_all_kinds() -> None:
    anchor = date(2026, 11, 24)
    acts = [act for person in PEOPLE for day in schedule(person, anchor).values() for act in day]
    assert sum(isinstance(act, Draw) for act in acts) > 100
    assert sum(isinstance(act, Pay) for act in acts) > 200


def test_due_date_zero_is_the_first_on_or_after_the_anchor() -> None:
    assert Calendar(date(2026, 11, 24), 24).due(0) == date(2026, 11, 24)
    assert Calendar(date(2026, 11, 24), 23).due(0) == date(2026, 12, 23)
    assert Calendar(date(2026, 11, 24), 25).due(-1) == date(2026, 10, 25)


def test_a_cycle_closes_twenty_five_days_before_its_due_date() -> None:
    calendar = Calendar(date(2026, 11, 24), 12)
    for index in range(-14, 2):
        assert calendar.due(index) - calendar.close(index) == timedelta(days=25)


def test_a_first_cycle_has_three_weeks_and_no_more_than_a_month_beyond() -> None:
    for opened_on in (date(2026, 3, 1) + timedelta(days=n) for n in range(62)):
        first = Calendar(date(2026, 11, 24), 9).first_close(opened_on)
        assert 20 <= (first - opened_on).days <= 51


def test_days_twenty_nine_to_thirty_one_fall_due_on_the_twenty_eighth() -> None:
    assert due_day_near(date(2026, 1, 20), 9) == 28
    assert due_day_near(date(2026, 1, 20), 11) == 28
    assert due_day_near(date(2026, 1, 20), 12) == 1


def test_a_day_is_named_from_the_anchor_a_due_date_or_a_close() -> None:
    calendar = Calendar(date(2026, 11, 24), 12)
    assert Ago(21).on(calendar) == date(2026, 11, 3)
    assert Due(-1, 14).on(calendar) == date(2026, 11, 26)
    assert Close(-1, -25).on(calendar) == date(2026, 9, 23)
