from datetime import UTC, date, datetime, time, timedelta

import pytest

from ledger_core.dates import (
    FixedClock,
    Moment,
    add_business_days,
    add_months,
    business_date,
    business_days_between,
    eastern,
    eastern_instant,
    federal_reserve_holidays,
    is_business_day,
    on_or_after,
    on_or_before,
)

HOLIDAYS_2026 = {
    date(2026, 1, 1),
    date(2026, 1, 19),
    date(2026, 2, 16),
    date(2026, 5, 25),
    date(2026, 6, 19),
    date(2026, 9, 7),
    date(2026, 10, 12),
    date(2026, 11, 11),
    date(2026, 11, 26),
    date(2026, 12, 25),
}


def test_the_holidays_of_2026_are_the_published_ones_and_a_saturday_holiday_is_not_moved():
    assert federal_reserve_holidays(2026) == HOLIDAYS_2026
    assert is_business_day(date(2026, 7, 3)), "Independence Day 2026 is a Saturday: that Friday is open"


def test_a_holiday_on_a_sunday_closes_the_bank_on_the_monday():
    assert date(2027, 7, 5) in federal_reserve_holidays(2027)
    assert not is_business_day(date(2023, 1, 2))


def test_juneteenth_is_a_holiday_from_2022_on():
    assert date(2021, 6, 18) not in federal_reserve_holidays(2021)
    assert date(2022, 6, 20) in federal_reserve_holidays(2022)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 3, 13), 1, date(2026, 3, 16)),
        (date(2026, 3, 14), 1, date(2026, 3, 16)),
        (date(2026, 11, 25), 1, date(2026, 11, 27)),
        (date(2026, 3, 16), -1, date(2026, 3, 13)),
        (date(2026, 12, 31), 2, date(2027, 1, 5)),
        (date(2026, 3, 14), 0, date(2026, 3, 14)),
    ],
)
def test_business_days_skip_weekends_and_holidays(start, count, expected):
    assert add_business_days(start, count) == expected


def test_business_days_between_is_the_inverse_of_adding_them():
    start = date(2026, 11, 20)
    for count in range(30):
        assert business_days_between(start, add_business_days(start, count)) == count
    assert business_days_between(date(2026, 11, 23), start) == -1


def test_a_closed_day_rolls_forward_or_back_to_an_open_one():
    assert on_or_after(date(2026, 12, 25)) == date(2026, 12, 28)
    assert on_or_before(date(2026, 12, 27)) == date(2026, 12, 24)
    assert on_or_after(date(2026, 3, 16)) == on_or_before(date(2026, 3, 16)) == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (Moment(date(2026, 3, 16), time(19, 59, 59)), date(2026, 3, 16)),
        (Moment(date(2026, 3, 16), time(20, 0)), date(2026, 3, 17)),
        (Moment(date(2026, 3, 20), time(20, 0)), date(2026, 3, 23)),
        (Moment(date(2026, 3, 21), time(9, 0)), date(2026, 3, 23)),
    ],
)
def test_after_the_cut_off_a_request_counts_for_the_next_business_day(moment, expected):
    assert business_date(moment) == expected


def test_the_servicing_day_is_new_yorks_also_when_utc_is_on_the_next_day():
    assert eastern(datetime(2026, 3, 17, 3, 30, tzinfo=UTC)) == Moment(date(2026, 3, 16), time(23, 30))
    assert eastern(datetime(2026, 1, 17, 4, 30, tzinfo=UTC)) == Moment(date(2026, 1, 16), time(23, 30))
    assert eastern_instant(Moment(date(2026, 3, 16), time(20, 0))) == datetime(2026, 3, 17, 0, 0, tzinfo=UTC)


def test_a_month_on_is_the_same_day_or_the_last_of_a_shorter_month():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert add_months(date(2026, 2, 28), 1, day=31) == date(2026, 3, 31)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


def test_a_fixed_clock_moves_only_when_told():
    clock = FixedClock(datetime(2026, 3, 16, 15, 0, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 3, 16, 16, 0, tzinfo=UTC)
