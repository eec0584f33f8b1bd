"""A walk that goes on with new facts ends where a replay of all of them ends, and leaves the state before alone."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.line.events import CreditGranted, PaymentReceived, PaymentReturned
from ledger_core.line.replay import Walk, replay
from ledger_core.products import load
from tests.fixtures.histories import History, histories
from tests.fixtures.line_book import DAY, LineBook

FLEX = load("cash_line_flex")
JAN_10 = date(2026, 1, 10)


@given(histories, st.integers(0, 10**6), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_going_on_equals_a_replay_of_all_facts(history: History, cut: int, before: int, after: int) -> None:
    events = history.book.events
    known, new = events[: 1 + cut % len(events)], events[1 + cut % len(events) :]
    as_of = max(e.effective_on for e in known) + before * DAY
    horizon = max(as_of, *(e.effective_on for e in events)) + after * DAY
    walk = Walk(FLEX, known, as_of)
    expected_before = replay(FLEX, known, as_of=as_of)
    assert walk.extended(new, horizon).state == replay(FLEX, events, as_of=horizon)
    assert walk.state == expected_before
    assert walk.extended(new, horizon).state == replay(FLEX, events, as_of=horizon)


@given(histories)
@settings(max_examples=25, deadline=None)
def test_each_fact_may_be_the_one_that_goes_on(history: History) -> None:
    events = history.book.events
    for n in range(1, len(events)):
        as_of = max(e.effective_on for e in events[: n + 1])
        walk = Walk(FLEX, events[:n], min(as_of, max(e.effective_on for e in events[:n])))
        assert walk.extended(events[n : n + 1], as_of).state == replay(FLEX, events[: n + 1], as_of=as_of)


@given(histories)
@settings(max_examples=25, deadline=None)
def test_one_walk_goes_on_through_a_whole_life(history: History) -> None:
    events = history.book.events
    walk = Walk(FLEX, events[:1], events[0].effective_on)
    for n in range(1, len(events)):
        as_of = max(walk.as_of, events[n].effective_on)
        walk = walk.extended(events[n : n + 1], as_of)
        assert walk.outline == Walk(FLEX, events[: n + 1], as_of).outline
    assert walk.state == replay(FLEX, events, as_of=walk.as_of)


def test_a_later_day_without_new_facts_takes_in_what_was_left_out() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.pay(JAN_10 + 9 * DAY, 20_000)
    walk = Walk(line.product, line.events, JAN_10 + 3 * DAY)
    assert walk.state.principal_cents == 100_000
    assert walk.extended((), JAN_10 + 12 * DAY).state == line.state(JAN_10 + 12 * DAY)


def test_a_fact_that_comes_late_or_undoes_another_is_replayed() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.pay(JAN_10 + 9 * DAY, 20_000, "first")
    for late in (
        (JAN_10 + 2 * DAY, PaymentReceived("second", 7_000)),
        (JAN_10 + 11 * DAY, PaymentReturned("first", "R01")),
        (JAN_10 + 9 * DAY, CreditGranted("credit", 500, "goodwill")),
    ):
        walk = Walk(line.product, line.events, JAN_10 + 12 * DAY)
        known = len(line.events)
        line.add(*late)
        assert walk.extended(line.events[known:], JAN_10 + 12 * DAY).state == line.state(JAN_10 + 12 * DAY)
        line.events.pop()
