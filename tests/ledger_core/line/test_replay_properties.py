"""What holds for every history of a line, whatever happens to it."""

import random
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger_core.journal.chart import CUSTOMER_ACCOUNTS
from ledger_core.journal.difference import entries_of
from ledger_core.line import payoff, statement
from ledger_core.line.events import Recorded, StatementIssued
from ledger_core.line.explain import interest_difference
from ledger_core.line.interest import BUCKETS
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState
from ledger_core.money import microcents_to_cents_half_up
from ledger_core.products import load
from tests.fixtures.histories import OPENED, History, histories
from tests.fixtures.line_book import DAY, LineBook

FEW = settings(max_examples=25, deadline=None)
FLEX = load("cash_line_flex")


def check_balances_match_the_accounts(state: LineState) -> None:
    """INV-2 and INV-3: all accounts sum to zero; the customer's equal the balances of the state."""
    totals = state.account_totals
    assert sum(totals.values()) == 0
    undisputed = {
        "principal_receivable": state.principal_cents - state.disputed_principal_cents,
        "interest_receivable": state.interest_billed_cents - state.disputed_interest_cents,
        "fees_receivable": state.fees_owed_cents - state.disputed_fees_cents,
        "disputed_receivable": state.disputed_cents,
        "customer_credit": -state.credit_balance_cents,
        "draws_held": state.held_cents,
    }
    assert {name: totals[name] for name in CUSTOMER_ACCOUNTS} == undisputed


def check_the_allowance_covers_a_charged_off_line(state: LineState) -> None:
    """After charge-off the books carry the line at nothing; a debt forgiven or paid is no loss any more."""
    allowance = -state.account_totals["charge_off_allowance"]
    assert allowance == (state.owed_cents if state.status == "charged_off" else 0)


def check_nothing_is_negative(state: LineState) -> None:
    """INV-4: no balance, and no disputed or unpaid part of one, is below zero or above the whole."""
    for draw in state.draws.values():
        assert 0 <= draw.disputed_cents <= draw.outstanding_cents <= draw.amount_cents
    for fee in state.fees.values():
        assert 0 <= fee.disputed_cents <= fee.outstanding_cents <= fee.amount_cents
    assert state.credit_balance_cents >= 0
    assert 0 <= state.disputed_interest_cents <= state.interest_billed_cents
    assert 0 <= state.past_due_cents <= state.minimum_due_cents
    assert state.principal_cents == sum(state.principal_by_draw.values())
    assert state.principal_cents == sum(state.principal_by_bucket.values())
    undisputed = state.principal_cents - state.disputed_principal_cents
    assert not (state.credit_balance_cents and undisputed)


def check_interest_is_the_sum_of_its_segments(state: LineState) -> None:
    """INV-5: what a cycle billed is its segments' micro-cents, rounded once per bucket."""
    for issued in state.statements:
        in_cycle = [s for s in state.interest_days if issued.cycle_start <= s.from_day <= issued.cycle_end]
        by_bucket = {b: sum(s.microcents for s in in_cycle if s.bucket == b) for b in BUCKETS}
        assert issued.interest_cents == sum(microcents_to_cents_half_up(m) for m in by_bucket.values())
    running = [s for s in state.interest_days if s.from_day >= state.cycle.started_on]
    assert state.interest_accrued_microcents == sum(s.microcents for s in running)


@given(histories)
@FEW
def test_invariants_hold_after_every_history(history: History) -> None:
    for as_of in (history.on, history.on + 40 * DAY):
        state = history.book.state(as_of)
        check_balances_match_the_accounts(state)
        check_the_allowance_covers_a_charged_off_line(state)
        check_nothing_is_negative(state)
        check_interest_is_the_sum_of_its_segments(state)


@given(histories)
@FEW
def test_the_payoff_of_a_day_leaves_nothing_at_the_next_close(history: History) -> None:
    book, on = history.book, history.on + DAY
    book.close_through(history.on)
    quote = payoff.quote(book.product, book.state(on), on)
    assume(quote.total_cents and not book.state(on).open_disputes)
    book.pay(on, quote.total_cents)
    book.close_through(on + 45 * DAY)
    state = book.state(on + 45 * DAY)
    assert (state.owed_cents, state.credit_balance_cents, state.minimum_due_cents) == (0, 0, 0)


@given(histories)
@FEW
def test_every_statement_leads_from_the_last_to_the_true_balance(history: History) -> None:
    issued = [e.fact for e in history.book.events if isinstance(e.fact, StatementIssued)]
    previous = 0
    for fact in issued:
        figures = fact.figures
        assert figures.previous_balance_cents == previous
        added = figures.corrections_cents + figures.draws_cents + figures.refunds_cents
        added += figures.fees_cents + figures.interest_cents
        previous += added - figures.payments_cents - figures.credits_cents
        assert figures.new_balance_cents == previous
        assert figures.minimum_due_cents == figures.minimum_payment_cents + figures.past_due_cents
        assert figures.minimum_payment_cents >= 0
        known = next(e.seq for e in history.book.events if e.fact is fact)
        then = history.book.state(fact.cycle_end, known_at_seq=known)
        assert then.owed_cents - then.credit_balance_cents == figures.new_balance_cents
        assert then.disputed_cents == figures.disputed_cents


@given(histories, st.randoms(use_true_random=False))
@FEW
def test_facts_that_arrive_late_end_in_the_same_balances(history: History, shuffle: random.Random) -> None:
    """Facts of one day keep their order; across days they may be written in any."""
    events = history.book.events
    days = sorted({e.effective_on for e in events[1:]})
    shuffle.shuffle(days)
    order = [events[0], *(e for day in days for e in events[1:] if e.effective_on == day)]
    late = [Recorded(e.event_id, seq, e.effective_on, e.fact) for seq, e in enumerate(order, 1)]
    as_of = history.on + 3 * DAY
    expected, actual = history.book.state(as_of), replay(FLEX, late, as_of=as_of)
    assert actual.account_totals == expected.account_totals
    assert actual.interest_days == expected.interest_days
    assert dict(actual.principal_by_draw) == dict(expected.principal_by_draw)
    assert actual.interest_accrued_microcents == expected.interest_accrued_microcents


@given(histories)
@FEW
def test_written_entries_always_sum_to_the_replayed_totals(history: History) -> None:
    """INV-7: what commands append one by one equals what hindsight would have written."""
    events = history.book.events
    written: dict[str, int] = {}
    before = None
    for n, recorded in enumerate(events, 1):
        as_of = max(e.effective_on for e in events[:n])
        after = replay(FLEX, events[:n], as_of=as_of)
        if before is not None:
            before = replay(FLEX, events[: n - 1], as_of=as_of)
        entries = () if before is None else before.entries
        for entry in entries_of(entries, after.entries, new_ids=[recorded.event_id], on=as_of):
            assert sum(p.signed_cents for p in entry.postings) == 0
            for posting in entry.postings:
                written[posting.account] = written.get(posting.account, 0) + posting.signed_cents
        assert {a: c for a, c in written.items() if c} == {a: c for a, c in after.account_totals.items() if c}
        before = after


@given(histories)
@FEW
def test_causes_of_a_change_of_interest_add_up_to_the_cent(history: History) -> None:
    history.book.close_through(history.on + 70 * DAY)
    state = history.book.state(history.on + 70 * DAY)
    for earlier, later in zip(state.statements, state.statements[1:], strict=False):
        causes = interest_difference(state, earlier.number, later.number)
        change = later.figures.interest_cents - earlier.figures.interest_cents
        assert sum(c.cents for c in causes) == change
        assert all(c.cents for c in causes)


@given(st.integers(2, 60_000), st.integers(1, 59_999), st.integers(0, 50))
@FEW
def test_a_payment_in_two_parts_does_what_one_does(total: int, part: int, days: int) -> None:
    first = min(part, total - 1)
    books = []
    for amounts in ((total,), (first, total - first)):
        book = LineBook(OPENED)
        book.draw(OPENED, 40_000)
        book.draw(OPENED + 5 * DAY, 15_000)
        book.fee(OPENED + 6 * DAY, 2_500)
        on = OPENED + timedelta(days=7 + days)
        book.close_through(on - DAY)
        for amount in amounts:
            book.pay(on, amount)
        books.append(book.state(date(2025, 4, 1)))
    assert books[0].account_totals == books[1].account_totals
    assert books[0].interest_days == books[1].interest_days
    assert books[0].minimum_due_cents == books[1].minimum_due_cents


@given(histories)
@FEW
def test_a_fact_survives_the_journal(history: History) -> None:
    for recorded in history.book.events:
        again = type(recorded.fact).from_payload(recorded.fact.to_payload())
        assert again == recorded.fact


@given(histories)
@FEW
def test_closing_the_books_twice_gives_the_same_statement(history: History) -> None:
    state = history.book.state(history.book.state(history.on).next_close_on)
    if state.as_of == state.next_close_on:
        once = statement.close(FLEX, state, "s")
        assert once == statement.close(FLEX, state, "s")
        assert once.cycle_start == state.cycle.started_on
