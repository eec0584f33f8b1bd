"""What follows from the facts of a line: interest, balances, late facts, what is undone."""

from datetime import date, timedelta

from ledger_core.line import payoff
from ledger_core.line.events import (
    AutopaySet,
    AutopayStopped,
    ChargedOff,
    CreditGranted,
    CreditRefunded,
    DrawCancelled,
    DrawFailed,
    DrawRequested,
    DrawSettled,
    FeeWaived,
    LimitChanged,
    LineClosed,
    LineClosureRequested,
    LineLocked,
    LineUnlocked,
    PaymentCancelled,
    PaymentReceived,
    PaymentScheduled,
    RateChanged,
)
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up
from tests.fixtures.line_book import LineBook

JAN_10 = date(2026, 1, 10)


def _cents(principal: int, apr_bp: int, days: int) -> int:
    return microcents_to_cents_half_up(daily_interest_microcents(principal, apr_bp) * days)


def test_interest_runs_from_the_day_a_draw_settles_to_the_day_before_a_payment() -> None:
    line = LineBook(JAN_10)
    line.add(date(2026, 1, 11), DrawRequested("d", 100_000, "standard", "b", date(2026, 1, 12), date(2026, 1, 18)))
    assert line.state(date(2026, 1, 12)).interest_accrued_microcents == 0
    line.add(date(2026, 1, 12), DrawSettled("d"))
    line.pay(date(2026, 1, 20), 100_000)
    state = line.state(date(2026, 1, 31))
    assert state.interest_accrued_microcents == 8 * daily_interest_microcents(100_000, 2599)
    assert state.principal_cents == 0


def test_interest_is_rounded_to_the_cent_once_per_cycle_and_the_rest_is_not_carried() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 5_000)
    first = line.close_through(date(2026, 2, 28))
    second = line.close_through(date(2026, 3, 31))
    assert first is not None
    assert second is not None
    assert first.figures.interest_cents == _cents(5_000, 2599, first.figures.days)
    assert second.figures.interest_cents == _cents(5_000, 2599, second.figures.days)


def test_fees_and_billed_interest_bear_no_interest() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.close_through(date(2026, 2, 20))
    line.fee(date(2026, 2, 21), 2_500)
    state = line.state(date(2026, 3, 1))
    assert state.fees_owed_cents == 2_500
    assert state.interest_billed_cents > 0
    assert dict(state.per_day_microcents) == {"standard": daily_interest_microcents(100_000, 2599)}


def test_a_statement_adds_up_and_equals_the_replayed_balance() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    line.close_through(date(2026, 2, 20))
    line.pay(date(2026, 3, 5), 9_000)
    line.draw(date(2026, 3, 7), 20_000)
    line.fee(date(2026, 3, 8), 2_500)
    issued = line.close_through(date(2026, 3, 31))
    assert issued is not None
    figures = issued.figures
    state = line.state(issued.cycle_end)
    assert figures.new_balance_cents == state.owed_cents
    assert (figures.draws_cents, figures.payments_cents, figures.fees_cents) == (20_000, 9_000, 2_500)
    assert figures.corrections_cents == 0
    assert state.minimum_due_cents == figures.minimum_due_cents


def test_a_returned_payment_restores_the_balance_it_paid_and_its_interest() -> None:
    paid, unpaid = LineBook(JAN_10), LineBook(JAN_10)
    for line in (paid, unpaid):
        line.draw(JAN_10, 150_000)
        line.close_through(date(2026, 2, 20))
    payment = paid.pay(date(2026, 3, 1), 40_000)
    paid.return_payment(date(2026, 3, 4), payment)
    with_return, without = paid.state(date(2026, 3, 10)), unpaid.state(date(2026, 3, 10))
    assert with_return.owed_cents == without.owed_cents
    assert with_return.interest_accrued_microcents == without.interest_accrued_microcents
    assert with_return.minimum_due_cents == without.minimum_due_cents
    assert with_return.payments[payment].stage == "returned"
    assert dict(with_return.account_totals) == dict(without.account_totals)


def test_a_payment_counts_until_the_day_it_is_returned() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    payment = line.pay(date(2026, 1, 20), 40_000)
    line.return_payment(date(2026, 1, 25), payment)
    assert line.state(date(2026, 1, 24)).principal_cents == 110_000
    assert line.state(date(2026, 1, 25)).principal_cents == 150_000


def test_a_return_after_the_statement_leaves_it_standing_and_shows_as_a_correction() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    payment = line.pay(date(2026, 1, 20), 40_000)
    first = line.close_through(date(2026, 2, 28))
    assert first is not None
    line.return_payment(date(2026, 3, 2), payment)
    second = line.close_through(date(2026, 3, 31))
    assert second is not None
    days_unpaid = (first.cycle_end - date(2026, 1, 20)).days + 1
    shown = second.figures
    assert line.state(date(2026, 4, 1)).statements[0].figures == first.figures
    assert shown.previous_balance_cents == first.figures.new_balance_cents
    assert shown.corrections_principal_cents == 40_000
    assert shown.corrections_interest_cents in {
        _cents(40_000, 2599, days_unpaid) - 1,
        _cents(40_000, 2599, days_unpaid),
        _cents(40_000, 2599, days_unpaid) + 1,
    }
    assert shown.corrections_cents == shown.corrections_principal_cents + shown.corrections_interest_cents


def test_a_late_fact_is_slotted_into_its_day() -> None:
    on_time, late = LineBook(JAN_10), LineBook(JAN_10)
    on_time.draw(JAN_10, 150_000)
    on_time.pay(date(2026, 1, 20), 50_000)
    on_time.draw(date(2026, 1, 25), 20_000)
    late.draw(JAN_10, 150_000)
    late.draw(date(2026, 1, 25), 20_000)
    late.pay(date(2026, 1, 20), 50_000)
    assert on_time.state(date(2026, 2, 1)).interest_days == late.state(date(2026, 2, 1)).interest_days


def test_what_was_known_then_is_still_answered() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    known = len(line.events)
    line.pay(date(2026, 1, 12), 50_000)
    assert line.state(date(2026, 2, 1), known_at_seq=known).principal_cents == 150_000
    assert line.state(date(2026, 2, 1)).principal_cents == 100_000


def test_a_payment_written_down_after_the_close_counts_towards_the_minimum_it_missed() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    issued = line.close_through(date(2026, 2, 20))
    assert issued is not None
    line.pay(issued.cycle_end, issued.figures.minimum_due_cents)
    state = line.state(issued.cycle_end + timedelta(days=1))
    assert state.minimum_due_cents == 0
    assert state.statements[0].paid_on == issued.cycle_end


def test_a_hold_lowers_what_is_available_until_it_ends() -> None:
    line = LineBook(JAN_10, limit_cents=100_000)
    for name, ending in (("a", DrawSettled("a")), ("b", DrawFailed("b", "R03")), ("c", DrawCancelled("c"))):
        line.add(JAN_10, DrawRequested(name, 10_000, "standard", "bank", date(2026, 1, 13), date(2026, 1, 17)))
        assert line.state(JAN_10).held_cents == 10_000
        line.add(JAN_10, ending)
    state = line.state(date(2026, 1, 11))
    assert state.held_cents == 0
    assert state.available_cents == 90_000
    assert [d.stage for d in state.draws.values()] == ["settled", "failed", "cancelled"]


def test_a_draw_that_fails_after_it_settled_was_never_owed() -> None:
    line = LineBook(JAN_10)
    draw = line.draw(JAN_10, 50_000)
    line.add(date(2026, 1, 14), DrawFailed(draw, "R03"))
    state = line.state(date(2026, 1, 20))
    assert state.principal_cents == 0
    assert state.interest_accrued_microcents == 0
    assert not any(state.account_totals.values())


def test_an_unsettled_payment_is_held_from_redraw() -> None:
    line = LineBook(JAN_10, limit_cents=100_000)
    line.draw(JAN_10, 100_000)
    line.pay(date(2026, 1, 12), 30_000, "p", settled=False)
    assert line.state(date(2026, 1, 12)).available_cents == 0
    line.pay(date(2026, 1, 13), 20_000)
    assert line.state(date(2026, 1, 13)).available_cents == 20_000


def test_an_overpayment_is_a_credit_balance_that_pays_the_next_draw() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 50_000)
    line.pay(JAN_10, 60_000)
    before = line.state(date(2026, 1, 15))
    line.draw(date(2026, 1, 15), 25_000)
    after = line.state(date(2026, 1, 15))
    assert (before.principal_cents, before.credit_balance_cents, before.credit_balance_since) == (0, 10_000, JAN_10)
    assert (after.principal_cents, after.credit_balance_cents, after.credit_balance_since) == (15_000, 0, None)


def test_a_refund_empties_the_credit_balance_and_what_it_lacks_in_hindsight_is_owed() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 50_000)
    payment = line.pay(JAN_10, 60_000)
    line.add(date(2026, 1, 15), CreditRefunded("refund_1", 10_000, "bank_1"))
    assert line.state(date(2026, 1, 15)).credit_balance_cents == 0
    line.return_payment(date(2026, 1, 18), payment)
    state = line.state(date(2026, 1, 18))
    assert state.principal_cents == 60_000
    assert state.principal_by_draw["refund_1"] == 10_000


def test_the_payoff_of_a_day_leaves_nothing_after_the_close() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 150_000)
    line.close_through(date(2026, 2, 28))
    line.fee(date(2026, 3, 1), 2_500)
    quote = payoff.quote(line.product, line.state(date(2026, 3, 2)), date(2026, 3, 9))
    parts = quote.principal_cents + quote.fees_cents + quote.interest_billed_cents + quote.interest_to_date_cents
    assert parts == quote.total_cents
    line.pay(date(2026, 3, 9), quote.total_cents)
    closed = line.close_through(date(2026, 3, 31))
    assert closed is not None
    assert closed.figures.new_balance_cents == 0
    assert closed.figures.minimum_due_cents == 0


def test_a_payoff_quote_across_a_close_is_what_the_statements_will_bill() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 123_456)
    on = date(2026, 4, 2)
    quote = payoff.quote(line.product, line.state(date(2026, 1, 20)), on)
    line.close_through(on)
    assert quote.total_cents == payoff.quote(line.product, line.state(on), on).total_cents


def test_a_payoff_while_statements_are_still_to_be_written_is_what_it_is_once_they_are() -> None:
    on = date(2026, 6, 20)
    for cents in range(60_000, 60_040):
        line = LineBook(JAN_10)
        line.draw(JAN_10, cents)
        early, late = (payoff.quote(line.product, line.state(on), on + timedelta(days=ahead)) for ahead in (0, 25))
        line.close_through(on)
        for quote in (early, late):
            assert quote.total_cents == payoff.quote(line.product, line.state(on), quote.on).total_cents



def test_a_rate_change_counts_from_its_day() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.add(date(2026, 1, 20), RateChanged(1999, "product"))
    state = line.state(date(2026, 1, 25))
    expected = 10 * daily_interest_microcents(100_000, 2599) + 5 * daily_interest_microcents(100_000, 1999)
    assert state.interest_accrued_microcents == expected


def test_servicemember_relief_covers_the_draws_from_before_service_only() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.add(date(2026, 1, 20), RateChanged(600, "servicemember"))
    line.draw(date(2026, 1, 20), 40_000)
    state = line.state(date(2026, 1, 21))
    assert state.per_day_microcents["protected"] == daily_interest_microcents(100_000, 600)
    assert state.per_day_microcents["standard"] == daily_interest_microcents(40_000, 2599)
    line.add(date(2026, 2, 1), RateChanged(2599, "service_ended"))
    assert dict(line.state(date(2026, 2, 1)).principal_by_bucket)["standard"] == 140_000


def test_money_above_the_minimum_goes_to_the_highest_rate_first() -> None:
    line = LineBook(JAN_10)
    older = line.draw(JAN_10, 100_000)
    line.add(date(2026, 1, 20), RateChanged(600, "servicemember"))
    newer = line.draw(date(2026, 1, 21), 40_000)
    line.pay(date(2026, 1, 22), 50_000)
    assert dict(line.state(date(2026, 1, 22)).principal_by_draw) == {older: 90_000}
    assert line.state(date(2026, 1, 22)).draws[newer].outstanding_cents == 0


def test_autopay_lowers_the_rate_while_it_is_active_and_unreturned() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.add(date(2026, 1, 12), AutopaySet("minimum", None, "bank_1"))
    assert line.state(date(2026, 1, 12)).apr_bp == 2549
    line.add(date(2026, 1, 15), PaymentScheduled("p", 5_000, date(2026, 1, 15), "bank_1", "autopay"))
    line.add(date(2026, 1, 15), PaymentReceived("p", 5_000))
    line.return_payment(date(2026, 1, 18), "p")
    assert line.state(date(2026, 1, 18)).apr_bp == 2599
    line.add(date(2026, 1, 20), AutopayStopped("customer"))
    assert line.state(date(2026, 1, 20)).autopay is None


def test_a_courtesy_is_a_credit_on_its_day_and_an_error_is_as_if_never_charged() -> None:
    courtesy, error = LineBook(JAN_10), LineBook(JAN_10)
    for line, reason in ((courtesy, "courtesy"), (error, "error")):
        line.draw(JAN_10, 100_000)
        fee = line.fee(date(2026, 1, 20), 2_500)
        line.add(date(2026, 1, 25), FeeWaived(fee, "credit_1", reason, 2_500))
        assert line.state(date(2026, 1, 25)).fees_owed_cents == 0
    assert courtesy.state(date(2026, 1, 25)).account_totals["credits_expense"] == 2_500
    assert error.state(date(2026, 1, 25)).account_totals["fee_income"] == 0


def test_a_courtesy_for_a_fee_already_paid_pays_something_else() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 10_000)
    fee = line.fee(date(2026, 1, 20), 2_500)
    line.pay(date(2026, 1, 21), 12_500)
    line.add(date(2026, 1, 25), FeeWaived(fee, "credit_1", "courtesy", 2_500))
    assert line.state(date(2026, 1, 25)).credit_balance_cents == 2_500


def test_a_credit_of_the_house_counts_like_a_payment() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    line.add(date(2026, 3, 1), CreditGranted("credit_1", issued.figures.minimum_due_cents, "goodwill"))
    assert line.state(date(2026, 3, 1)).minimum_due_cents == 0


def test_a_payment_cancelled_on_its_day_was_never_credited() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.pay(date(2026, 1, 12), 20_000, "p", settled=False)
    line.add(date(2026, 1, 12), PaymentCancelled("p", "customer"))
    state = line.state(date(2026, 1, 12))
    assert state.principal_cents == 100_000
    assert state.payments["p"].stage == "cancelled"
    assert state.unsettled_payment_cents == 0


def test_lock_limit_and_closure_show_in_the_status() -> None:
    line = LineBook(JAN_10)
    line.add(JAN_10, LineLocked("fraud"))
    assert (line.state(JAN_10).status, line.state(JAN_10).available_cents) == ("locked", 0)
    line.add(JAN_10, LineUnlocked())
    line.add(JAN_10, LimitChanged(250_000, "customer"))
    assert (line.state(JAN_10).status, line.state(JAN_10).limit_cents) == ("open", 250_000)
    line.add(JAN_10, LineClosureRequested())
    assert line.state(JAN_10).status == "closing"
    line.add(JAN_10, LineClosed())
    assert line.state(JAN_10).status == "closed"


def test_a_charge_off_books_the_loss_stops_interest_and_leaves_the_debt() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.add(date(2026, 1, 12), ChargedOff())
    state = line.state(date(2026, 3, 1))
    assert state.status == "charged_off"
    assert state.owed_cents == 100_000
    assert state.account_totals["charge_off_loss"] == 100_000
    assert state.interest_accrued_microcents == 2 * daily_interest_microcents(100_000, 2599)
