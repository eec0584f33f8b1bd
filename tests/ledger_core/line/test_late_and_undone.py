"""What came late, in parts, or was undone leaves the same books as what came in time, at once, or never."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace as changed

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.line.events import (
    DisputeOpened,
    DisputeResolved,
    FeeWaived,
    PaymentReceived,
    PaymentReturned,
    Recorded,
)
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState
from ledger_core.products import load
from tests.fixtures.histories import OPENED, History, histories
from tests.fixtures.line_book import DAY, LineBook

FLEX = load("cash_line_flex")
FEW = settings(max_examples=40, deadline=None)
HOUSE = ("cash_clearing_draws", "credits_expense")
"""where the house bears a draw that was not the customer's"""


def renumbered(events: Sequence[Recorded]) -> list[Recorded]:
    """The same facts on the same days, written in this order."""
    return [changed(e, seq=seq) for seq, e in enumerate(events, 1)]


def balances(state: LineState, *, without: Sequence[str] = ()) -> dict[str, object]:
    """Everything that is owed, to the micro-cent, and why interest runs as it does."""
    return {
        "accounts": {a: c for a, c in state.account_totals.items() if a not in without},
        "days": state.interest_days,
        "accrued": state.interest_accrued_microcents,
        "draws": {key: cents for key, cents in state.principal_by_draw.items() if cents},
        "credit": state.credit_balance_cents,
        "rate": state.apr_bp,
    }


def about(event: Recorded, name: str) -> bool:
    """Whether the fact names that id in any of its fields."""
    return name in [getattr(event.fact, field) for field in event.fact.__dataclass_fields__]


def as_if_never(history: History, gone: Callable[[Recorded], bool]) -> LineState:
    events = renumbered([e for e in history.book.events if not gone(e)])
    return replay(FLEX, events, as_of=history.on + 3 * DAY)


@given(histories, st.randoms(use_true_random=False))
@FEW
def test_any_order_of_arrival_ends_in_the_same_balances(history: History, shuffle: random.Random) -> None:
    """Every interleaving of the days; facts of one day keep their order, by which the day is told."""
    opened, *rest = history.book.events
    waiting: dict[object, list[Recorded]] = {}
    for event in rest:
        waiting.setdefault(event.effective_on, []).append(event)
    arrived = [opened]
    while waiting:
        day = shuffle.choice(list(waiting))
        arrived.append(waiting[day].pop(0))
        if not waiting[day]:
            del waiting[day]
    late = replay(FLEX, renumbered(arrived), as_of=history.on + 3 * DAY)
    assert balances(late) == balances(history.book.state(history.on + 3 * DAY))


@given(
    st.lists(st.tuples(st.sampled_from(["draw", "pay", "fee"]), st.integers(1, 60_000)), min_size=2, max_size=6),
    st.randoms(use_true_random=False),
    st.integers(0, 40),
)
@FEW
def test_draws_payments_and_fees_of_one_day_may_come_in_any_order(
    moves: list[tuple[str, int]], shuffle: random.Random, days: int
) -> None:
    """At one rate. A fee charged after the last principal is paid leaves principal where one before leaves a fee."""
    states = []
    for _ in range(2):
        book = LineBook(OPENED)
        book.draw(OPENED, 40_000)
        on = OPENED + (5 + days) * DAY
        book.close_through(on - DAY)
        for kind, cents in moves:
            {"draw": book.draw, "pay": book.pay, "fee": book.fee}[kind](on, cents)
        then = book.state(on)
        book.close_through(on + 40 * DAY)
        states.append((then, book.state(on + 40 * DAY)))
        shuffle.shuffle(moves)
    (then, later), (then_too, later_too) = states
    assert then.payoff_base_cents == then_too.payoff_base_cents
    if not any(kind == "fee" for kind, _ in moves):
        assert later.account_totals == later_too.account_totals
        assert later.interest_days == later_too.interest_days


@given(histories, st.integers(0, 10**6), st.integers(0, 10**6))
@FEW
def test_a_payment_in_parts_does_what_the_whole_does(history: History, which: int, cut: int) -> None:
    """On one day: the bound is nothing at all. Every part goes where the whole would have gone."""
    history.book.pay(history.on, 2 + which % 30_000)
    whole = [e for e in history.book.events if isinstance(e.fact, PaymentReceived) and e.fact.amount_cents > 1]
    chosen = whole[which % len(whole)].fact
    assert isinstance(chosen, PaymentReceived)
    first = 1 + cut % (chosen.amount_cents - 1)
    parts = ((f"{chosen.payment_id}_a", first), (f"{chosen.payment_id}_b", chosen.amount_cents - first))
    events: list[Recorded] = []
    for event in history.book.events:
        if not about(event, chosen.payment_id):
            events.append(event)
            continue
        for name, cents in parts:
            fields: dict[str, object] = {"payment_id": name}
            if isinstance(event.fact, PaymentReceived):
                fields["amount_cents"] = cents
            events.append(changed(event, event_id=f"{event.event_id}_{name}", fact=changed(event.fact, **fields)))
    as_of = history.on + 3 * DAY
    split, merged = replay(FLEX, renumbered(events), as_of=as_of), history.book.state(as_of)
    assert balances(split) == balances(merged)
    assert split.minimum_due_cents == merged.minimum_due_cents
    assert split.days_past_due == merged.days_past_due


@given(histories, st.integers(0, 10**6))
@FEW
def test_a_returned_payment_is_as_if_never_paid(history: History, which: int) -> None:
    book = history.book
    book.pay(history.on, 1 + which % 30_000)
    made = [p for p in book.state(history.on).payments.values() if p.stage in ("received", "settled")]
    payment = made[which % len(made)]
    book.add(history.on, PaymentReturned(payment.payment_id, "R01"))
    returned = book.state(history.on + 3 * DAY)
    never = as_if_never(history, lambda e: about(e, payment.payment_id))
    assert balances(returned) == balances(never)
    assert returned.minimum_due_cents == never.minimum_due_cents
    assert returned.days_past_due == never.days_past_due


@given(histories, st.integers(0, 10**6))
@FEW
def test_a_draw_found_not_to_be_the_customers_is_as_if_never_drawn(history: History, which: int) -> None:
    book = history.book
    book.draw(OPENED + which % ((history.on - OPENED).days + 1) * DAY, 5_000 + which % 20_000)
    state = book.state(history.on)
    disputed = {d.about for d in state.disputes.values()}
    drawn = [d for d in state.draws.values() if d.settled_on and d.draw_id not in disputed]
    draw = drawn[which % len(drawn)]
    dispute = book.dispute(history.on, draw.draw_id, draw.amount_cents)
    book.add(history.on, DisputeResolved(dispute, "for_customer", draw.amount_cents))
    found = book.state(history.on + 3 * DAY)
    never = as_if_never(history, lambda e: about(e, draw.draw_id) or about(e, dispute))
    assert balances(found, without=HOUSE) == balances(never, without=HOUSE)


@given(histories, st.integers(0, 10**6))
@FEW
def test_a_fee_taken_back_as_an_error_is_as_if_never_charged(history: History, which: int) -> None:
    book = history.book
    book.fee(OPENED + which % ((history.on - OPENED).days + 1) * DAY, 2_500)
    disputed = {e.fact.about for e in book.events if isinstance(e.fact, DisputeOpened)}
    fees = [f for f in book.state(history.on).fees.values() if not f.waived_cents and f.fee_id not in disputed]
    fee = fees[which % len(fees)]
    book.add(history.on, FeeWaived(fee.fee_id, "credit_error", "error", fee.amount_cents))
    waived = book.state(history.on + 3 * DAY)
    never = as_if_never(history, lambda e: about(e, fee.fee_id))
    assert balances(waived) == balances(never)


@given(histories, st.integers(0, 10**6), st.integers(0, 10**6))
@FEW
def test_a_payment_credited_late_is_as_if_credited_in_time(history: History, first: int, second: int) -> None:
    """Credited first on a later day and then as of the earlier one: the first credit leaves no trace."""
    days = (history.on - OPENED).days + 1
    received, credited = sorted((OPENED + first % days * DAY, OPENED + second % days * DAY))
    fact = PaymentReceived("payment_late", 1 + first % 40_000)
    known = history.book.events
    seq = len(known) + 1
    in_time = Recorded("in_time", seq, received, fact)
    late, again = Recorded("late", seq, credited, fact), Recorded("again", seq + 1, received, fact)
    as_of = history.on + 3 * DAY
    expected = replay(FLEX, [*known, in_time], as_of=as_of)
    actual = replay(FLEX, [*known, late, again], as_of=as_of)
    assert balances(actual) == balances(expected)
    assert actual.payments == expected.payments
    assert actual.minimum_due_cents == expected.minimum_due_cents
