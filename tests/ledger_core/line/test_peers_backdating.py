"""What other ledgers got wrong about the past. Each test says in its first line what the peer's bug was."""

from collections import Counter
from datetime import date

from ledger_core.journal.difference import entries_between
from ledger_core.line.consequences import consequences
from ledger_core.line.events import CreditRefunded, FeeWaived, PaymentReceived
from ledger_core.line.fees import late_fee
from ledger_core.line.state import LineState
from ledger_core.money import daily_interest_microcents
from tests.fixtures.line_book import DAY, LineBook

JAN_10 = date(2026, 1, 10)


def billed() -> tuple[LineBook, date]:
    """$1,500.00 drawn and a first statement; the day after its close."""
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    issued = line.close_through(date(2026, 2, 20))
    assert issued is not None
    return line, issued.cycle_end + DAY


def owed(state: LineState) -> tuple[object, ...]:
    return dict(state.account_totals), state.interest_days, state.minimum_due_cents, state.days_past_due


def test_an_earlier_payment_is_allocated_against_what_was_owed_then() -> None:
    """frappe/lending #878: it saw a demand that a later payment had already reduced, and went elsewhere."""
    late, on_time = billed()[0], billed()[0]
    on = billed()[1]
    late.pay(on + 15 * DAY, 9_000, "second")
    late.pay(on + 11 * DAY, 5_000, "first")
    on_time.pay(on + 11 * DAY, 5_000, "first")
    on_time.pay(on + 15 * DAY, 9_000, "second")
    today = on + 20 * DAY
    assert late.state(today).payments["first"].allocation == on_time.state(today).payments["first"].allocation
    assert late.state(today).payments["second"].allocation == on_time.state(today).payments["second"].allocation
    assert owed(late.state(today)) == owed(on_time.state(today))


def test_a_payment_that_falls_away_brings_back_interest_and_the_late_fee() -> None:
    """frappe/lending #1150: interest of the days was made again, the penalty was cancelled and never made again."""
    line, on = billed()
    never, _ = billed()
    due_on = line.state(on).statements[0].due_on
    payment = line.pay(due_on, 20_000)
    today = due_on + 12 * DAY
    assert late_fee(line.product, line.state(today), "fee") is None
    line.return_payment(today, payment)
    assert line.state(today).interest_days == never.state(today).interest_days
    assert late_fee(line.product, line.state(today), "fee") == late_fee(never.product, never.state(today), "fee")


def test_a_penalty_is_judged_again_after_a_late_payment() -> None:
    """Fineract 2208: penalties charged before a backdated repayment were not looked at again."""
    line, on = billed()
    due_on = line.state(on).statements[0].due_on
    fee = late_fee(line.product, line.state(due_on + 11 * DAY), "fee")
    assert fee is not None
    line.add(due_on + 11 * DAY, fee)
    known = list(line.events)
    line.pay(due_on, 20_000)
    undone = consequences(
        line.product, known, line.events[len(known) :], today=due_on + 12 * DAY, credit_id=lambda: "credit"
    )
    assert undone == (FeeWaived("fee", "credit", "error", 2_500),)


def test_days_past_due_follow_a_late_payment() -> None:
    """frappe/lending #214, #231: days past due stayed as they were before a backdated payment."""
    line, on = billed()
    due_on = line.state(on).statements[0].due_on
    today = due_on + 40 * DAY
    line.close_through(today)
    assert line.state(today).days_past_due == 40
    line.pay(due_on, line.state(due_on).statements[0].figures.minimum_due_cents)
    assert line.state(today).days_past_due == (today - line.state(today).statements[1].due_on).days
    assert line.state(due_on + 10 * DAY).days_past_due == 0


def test_what_was_billed_stands_when_payments_come_late_or_are_cancelled() -> None:
    """frappe/lending #587: late and cancelled repayments changed demands that had been made."""
    line, on = billed()
    billed_before = line.state(on).statements[0].figures
    payment = line.pay(JAN_10 + 3 * DAY, 50_000)
    assert line.state(on).statements[0].figures == billed_before
    assert line.state(on).statements[0].minimum_unpaid_cents == 0
    line.return_payment(on, payment)
    assert line.state(on).statements[0].figures == billed_before
    assert line.state(on).minimum_due_cents == billed_before.minimum_due_cents


def test_interest_of_a_day_is_accrued_once_however_the_past_changes() -> None:
    """frappe/lending #490: accruals overlapped after a backdated repayment."""
    line, on = billed()
    line.pay(JAN_10 + 5 * DAY, 30_000)
    line.pay(JAN_10 + 3 * DAY, 20_000)
    days = [s.from_day + n * DAY for s in line.state(on + 9 * DAY).interest_days for n in range(s.days)]
    assert days == [JAN_10 + n * DAY for n in range((on + 9 * DAY - JAN_10).days)]


def test_a_late_payment_is_corrected_by_one_entry_and_only_once() -> None:
    """Fineract 2081: accruals were reversed and made again several times after a backdated repayment."""
    line, on = billed()
    before = line.state(on)
    line.pay(JAN_10 + 5 * DAY, 30_000, settled=False)
    after = line.state(on)
    entries = entries_between(before.journal, after.journal, new_ids=[line.events[-1].event_id], on=on)
    assert Counter(e.kind for e in entries) == {"payment_received": 1, "correction": 1}
    assert entries_between(after.journal, line.state(on).journal, new_ids=[], on=on) == ()
    saved = [leg.amount_cents for leg in entries[1].postings if leg.account == "interest_income"]
    exact = daily_interest_microcents(150_000, 2599) - daily_interest_microcents(120_000, 2599)
    days = (on - JAN_10).days - 5
    assert abs(saved[0] * 1_000_000 - exact * days) <= 1_000_000


def test_a_payment_that_paid_everything_can_still_be_taken_back() -> None:
    """Fineract 2326: the reversal of a repayment failed once principal and fees were paid in full."""
    line, on = billed()
    never, _ = billed()
    for book in (line, never):
        book.fee(on, 2_500)
    payment = line.pay(on + DAY, line.state(on + DAY).payoff_base_cents)
    line.close_through(on + 40 * DAY)
    line.return_payment(on + 41 * DAY, payment)
    today = on + 41 * DAY
    assert line.state(today).principal_cents == never.state(today).principal_cents == 150_000
    assert line.state(today).fees_owed_cents == 2_500


def test_a_refund_of_money_that_was_never_there_is_owed() -> None:
    """Fineract 2024: after a credit balance refund, undoing an earlier repayment got the overpaid part wrong."""
    line = LineBook(JAN_10)
    line.draw(JAN_10, 90_000)
    first = line.pay(JAN_10 + DAY, 2_000)
    line.pay(JAN_10 + 4 * DAY, 91_000)
    credit = line.state(JAN_10 + 4 * DAY).credit_balance_cents
    assert credit == 3_000
    line.add(JAN_10 + 9 * DAY, CreditRefunded("refund", credit, "bank_1"))
    line.return_payment(JAN_10 + 10 * DAY, first)
    state = line.state(JAN_10 + 10 * DAY)
    assert (state.principal_cents, state.credit_balance_cents) == (2_000, 0)
    assert sum(state.account_totals.values()) == 0


def test_a_line_that_a_late_payment_paid_off_is_left_open_for_a_decision() -> None:
    """frappe/lending #917: a backdated repayment closed the loan as of the past."""
    line, on = billed()
    line.add(JAN_10 + 2 * DAY, PaymentReceived("late", 170_000))
    state = line.state(on)
    assert (state.status, state.owed_cents) == ("open", 0)
    assert state.credit_balance_cents > 0
