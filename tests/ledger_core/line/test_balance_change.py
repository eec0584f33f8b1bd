"""Why a balance changed: between two days, or between what was known and what is known now, to the cent."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.line.balance_change import balance_difference
from ledger_core.line.events import FeeWaived, RateChanged
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState
from ledger_core.products import load
from tests.fixtures.histories import OPENED, History, backdated_histories, histories
from tests.fixtures.line_book import DAY, LineBook

FLEX = load("cash_line_flex")
JAN_10 = date(2026, 1, 10)


def check_causes_add_up(history: History, earlier: LineState, later: LineState) -> None:
    causes = balance_difference(earlier, later, history.book.events)
    assert sum(c.cents for c in causes) == later.payoff_base_cents - earlier.payoff_base_cents
    assert all(c.cents for c in causes)
    order = ["balance", "rate", "days", "one_off"]
    assert [c.kind for c in causes] == sorted((c.kind for c in causes), key=order.index)


@given(
    st.one_of(histories, backdated_histories),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
@settings(max_examples=200, deadline=None)
def test_causes_add_up_for_every_pair_of_days_and_of_knowledge(
    history: History, first: int, second: int, known: int
) -> None:
    days = (history.on - OPENED).days + 40
    then, now = sorted((OPENED + first % days * DAY, OPENED + second % days * DAY))
    seq = 1 + known % len(history.book.events)
    states = [history.book.state(then), history.book.state(now), history.book.state(now, seq)]
    check_causes_add_up(history, states[0], states[1])
    check_causes_add_up(history, states[2], states[1])
    check_causes_add_up(history, history.book.state(then, seq), states[1])
    assert balance_difference(states[1], states[1], history.book.events) == ()


def test_between_two_days_the_days_and_each_movement_are_told() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    earlier = line.state(JAN_10 + 5 * DAY)
    payment = line.pay(JAN_10 + 8 * DAY, 20_000)
    draw = line.draw(JAN_10 + 9 * DAY, 5_000)
    later = line.state(JAN_10 + 15 * DAY)
    causes = balance_difference(earlier, later, line.events)
    shown = [(c.kind, c.facts.get("payment_id") or c.facts.get("draw_id"), c.cents) for c in causes]
    assert shown[1:3] == [("one_off", payment, -20_000), ("one_off", draw, 5_000)]
    assert causes[0].kind == "days"
    assert causes[0].facts["days"] == 10
    assert causes[0].facts["apr_bp"] == 2599
    assert sum(c.cents for c in causes) == later.payoff_base_cents - earlier.payoff_base_cents


def test_a_payment_that_came_late_is_told_apart_from_the_interest_it_saved() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    known, today = len(line.events), JAN_10 + 25 * DAY
    payment = line.pay(JAN_10 + 5 * DAY, 40_000)
    then = replay(FLEX, line.events, as_of=today, known_at_seq=known)
    balance, moved = balance_difference(then, line.state(today), line.events)
    assert (balance.kind, balance.cents) == ("balance", -570)
    assert (moved.cents, moved.facts["payment_id"]) == (-40_000, payment)
    assert moved.facts["on"] == JAN_10 + 5 * DAY


def test_a_returned_payment_names_the_return_and_a_fee_the_error() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    payment = line.pay(JAN_10 + 5 * DAY, 40_000)
    fee = line.fee(JAN_10 + 6 * DAY, 2_500)
    earlier = line.state(JAN_10 + 7 * DAY)
    line.return_payment(JAN_10 + 8 * DAY, payment)
    line.add(JAN_10 + 8 * DAY, FeeWaived(fee, "credit", "error", 2_500))
    causes = balance_difference(earlier, line.state(JAN_10 + 8 * DAY), line.events)
    told = {c.facts["event"]: c for c in causes if c.kind == "one_off"}
    assert told["PaymentReceived"].cents == 40_000
    assert told["PaymentReceived"].facts["changed_by"] == "PaymentReturned"
    assert told["PaymentReceived"].facts["changed_on"] == JAN_10 + 8 * DAY
    assert told["FeeCharged"].cents == -2_500
    assert told["FeeCharged"].facts["changed_by"] == "FeeWaived"


def test_a_rate_corrected_back_is_a_cause_of_its_own() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    known, today = len(line.events), JAN_10 + 20 * DAY
    line.add(JAN_10, RateChanged(2199, "product"))
    then = replay(FLEX, line.events, as_of=today, known_at_seq=known)
    (rate,) = balance_difference(then, line.state(today), line.events)
    assert rate.kind == "rate"
    assert rate.facts == {"earlier_apr_bp": 2599, "later_apr_bp": 2199}
    assert rate.cents == line.state(today).payoff_base_cents - then.payoff_base_cents
