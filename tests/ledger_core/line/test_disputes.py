"""A billing error: set apart while it runs, corrected back to the day or owed again."""

from datetime import date

from ledger_core.line import dispute
from ledger_core.line.events import ChargedOff, DisputeOpened, DisputeResolved, DisputeWithdrawn, DrawFailed
from ledger_core.line.interest import DISPUTED
from ledger_core.money import daily_interest_microcents
from ledger_core.refusals import Refused
from tests.fixtures.line_book import DAY, LineBook

JAN_10 = date(2026, 1, 10)


def _line() -> tuple[LineBook, str, str]:
    line = LineBook(JAN_10, due_day=14)
    mine = line.draw(JAN_10, 100_000)
    not_mine = line.draw(date(2026, 2, 27), 8_000)
    line.close_through(date(2026, 3, 20))
    return line, mine, not_mine


def test_a_disputed_amount_need_not_be_paid_and_is_not_past_due() -> None:
    line = LineBook(JAN_10, due_day=14)
    draw = line.draw(JAN_10, 100_000)
    line.close_through(date(2026, 2, 20))
    line.dispute(date(2026, 3, 1), draw, 100_000)
    state = line.state(date(2026, 3, 20))
    assert state.disputed_cents == 100_000
    assert (state.minimum_due_cents, state.past_due_cents, state.days_past_due) == (0, 0, 0)


def test_the_disputed_share_of_a_billed_minimum_is_left_out() -> None:
    line, _, not_mine = _line()
    before = line.state(date(2026, 3, 25)).statements[-1]
    line.dispute(date(2026, 3, 25), not_mine, 8_000)
    after = line.state(date(2026, 3, 25)).statements[-1]
    share = -(-before.figures.minimum_payment_cents * 8_000 // before.figures.principal_cents)
    assert before.minimum_unpaid_cents - after.minimum_unpaid_cents == share


def test_the_next_minimum_leaves_the_disputed_amount_and_its_interest_out() -> None:
    line, _, not_mine = _line()
    line.dispute(date(2026, 3, 25), not_mine, 8_000)
    issued = line.close_through(date(2026, 4, 30))
    assert issued is not None
    figures = issued.figures
    assert figures.disputed_cents > 8_000
    assert figures.minimum_principal_cents == 2_000
    in_dispute = sum(s.microcents for s in line.state(date(2026, 4, 30)).interest_days if s.bucket in DISPUTED)
    assert in_dispute > 0


def test_a_payment_never_goes_to_a_disputed_amount() -> None:
    line, mine, not_mine = _line()
    line.dispute(date(2026, 3, 25), not_mine, 8_000)
    line.pay(date(2026, 3, 26), 200_000)
    state = line.state(date(2026, 3, 26))
    assert dict(state.principal_by_draw) == {not_mine: 8_000}
    assert state.credit_balance_cents > 0
    assert mine not in state.principal_by_draw


def test_found_for_the_customer_amount_and_interest_are_corrected_back_to_the_day() -> None:
    line, _, not_mine = _line()
    never = LineBook(JAN_10, due_day=14)
    never.draw(JAN_10, 100_000)
    never.close_through(date(2026, 3, 20))
    opened = line.dispute(date(2026, 3, 25), not_mine, 8_000)
    line.add(date(2026, 4, 2), DisputeResolved(opened, "for_customer", 8_000))
    state, clean = line.state(date(2026, 4, 10)), never.state(date(2026, 4, 10))
    assert state.owed_cents == clean.owed_cents
    assert state.interest_accrued_microcents == clean.interest_accrued_microcents
    assert state.draws[not_mine].credited_cents == 8_000
    assert state.account_totals["credits_expense"] == 8_000
    issued = line.close_through(date(2026, 4, 30))
    assert issued is not None
    assert issued.figures.corrections_principal_cents == -8_000
    assert issued.figures.corrections_interest_cents < 0


def test_found_against_the_customer_it_is_owed_again_and_asked_for_with_the_next_minimum() -> None:
    line, _, not_mine = _line()
    opened = line.dispute(date(2026, 3, 25), not_mine, 8_000)
    line.close_through(date(2026, 4, 30))
    withheld = line.state(date(2026, 4, 30)).disputed_interest_cents
    assert withheld > 0
    line.add(date(2026, 5, 4), DisputeResolved(opened, "against_customer", 0))
    state = line.state(date(2026, 5, 4))
    assert state.disputed_cents == 0
    assert state.cycle.interest_released_cents == withheld
    issued = line.close_through(date(2026, 5, 31))
    assert issued is not None
    assert issued.figures.minimum_interest_cents == issued.figures.interest_cents + withheld


def test_found_in_part_the_rest_is_owed_again() -> None:
    line, _, not_mine = _line()
    opened = line.dispute(date(2026, 3, 25), not_mine, 8_000)
    line.add(date(2026, 4, 2), DisputeResolved(opened, "partly", 3_000))
    state = line.state(date(2026, 4, 2))
    assert state.principal_by_draw[not_mine] == 5_000
    assert state.disputed_cents == 0


def test_a_disputed_fee_found_for_the_customer_was_never_charged() -> None:
    line, _, _ = _line()
    fee = line.fee(date(2026, 3, 22), 2_500)
    opened = line.dispute(date(2026, 3, 25), fee, 2_500)
    assert line.state(date(2026, 3, 25)).disputed_fees_cents == 2_500
    line.add(date(2026, 4, 2), DisputeResolved(opened, "for_customer", 2_500))
    state = line.state(date(2026, 4, 2))
    assert (state.fees_owed_cents, state.account_totals["fee_income"]) == (0, 0)


def test_a_withdrawn_dispute_leaves_everything_owed() -> None:
    line, _, not_mine = _line()
    owed = line.state(date(2026, 3, 25)).owed_cents
    opened = line.dispute(date(2026, 3, 25), not_mine, 8_000)
    line.add(date(2026, 3, 26), DisputeWithdrawn(opened))
    state = line.state(date(2026, 3, 26))
    assert (state.owed_cents, state.disputed_cents) == (owed, 0)


def test_a_dispute_carries_its_clocks_and_a_late_notice_is_taken_as_a_courtesy() -> None:
    line, _, not_mine = _line()
    state = line.state(date(2026, 4, 22))
    opened = _open(line, not_mine, 8_000, date(2026, 4, 22))
    assert isinstance(opened, DisputeOpened)
    assert opened.acknowledge_by == date(2026, 5, 22)
    assert opened.resolve_by <= date(2026, 7, 21)
    assert not opened.late_notice
    first = dispute.first_statement_on(state, not_mine)
    assert first is not None
    late = _open(line, not_mine, 8_000, first + 61 * DAY)
    assert isinstance(late, DisputeOpened)
    assert late.late_notice


def test_what_cannot_be_disputed_is_refused_with_its_reason() -> None:
    line, _, not_mine = _line()
    on = date(2026, 4, 22)
    assert _codes(_open(line, "draw_unknown", 100, on)) == ("about_unknown",)
    assert _codes(_open(line, not_mine, 0, on)) == ("amount_not_positive",)
    assert _codes(_open(line, not_mine, 9_000, on)) == ("more_than_amount",)
    line.dispute(on, not_mine, 8_000)
    assert _codes(_open(line, not_mine, 8_000, on)) == ("already_disputed",)


def test_a_resolution_is_held_to_what_was_disputed() -> None:
    line, _, not_mine = _line()
    on = date(2026, 4, 22)
    opened = line.dispute(on, not_mine, 8_000)
    state = line.state(on)
    assert dispute.decide_resolve(state, dispute_id=opened, amount_cents=8_000) == DisputeResolved(
        opened, "for_customer", 8_000
    )
    assert dispute.decide_resolve(state, dispute_id=opened, amount_cents=0) == DisputeResolved(
        opened, "against_customer", 0
    )
    assert _codes(dispute.decide_resolve(state, dispute_id=opened, amount_cents=8_001)) == ("more_than_disputed",)
    assert _codes(dispute.decide_resolve(state, dispute_id="none", amount_cents=1)) == ("dispute_unknown",)
    line.add(on, DisputeWithdrawn(opened))
    assert _codes(dispute.decide_withdraw(line.state(on), opened)) == ("dispute_closed",)


def test_interest_in_dispute_runs_in_a_bucket_of_its_own() -> None:
    line, _, not_mine = _line()
    line.dispute(date(2026, 3, 25), not_mine, 8_000)
    per_day = line.state(date(2026, 3, 25)).per_day_microcents
    assert per_day == {
        "standard": daily_interest_microcents(100_000, 2599),
        "disputed": daily_interest_microcents(8_000, 2599),
    }


def _open(line: LineBook, about: str, cents: int, on: date) -> DisputeOpened | Refused:
    return dispute.decide_open(
        line.product,
        line.state(on),
        dispute_id="dispute_new",
        kind="unauthorized",
        about=about,
        amount_cents=cents,
        received_on=on,
    )


def _codes(answer: object) -> tuple[str, ...]:
    assert isinstance(answer, Refused)
    return answer.codes


def test_a_payment_found_to_be_missing_meets_the_minimum_like_any_other() -> None:
    line, _, _ = _line()
    before = line.state(date(2026, 3, 25))
    billed, wanted = before.statements[-1], before.minimum_due_cents
    missing = line.dispute(date(2026, 3, 25), None, wanted, "payment_not_credited")
    line.add(date(2026, 3, 28), DisputeResolved(missing, "for_customer", wanted))
    state = line.state(billed.current_due_on + 5 * DAY)
    assert (state.minimum_due_cents, state.past_due_cents) == (0, 0)
    assert state.statements[-1].paid_on == date(2026, 3, 25)


def test_a_minimum_has_no_share_of_a_draw_that_came_after_it() -> None:
    line, _, _ = _line()
    before = line.state(date(2026, 3, 25)).minimum_due_cents
    later = line.draw(date(2026, 3, 24), 30_000)
    line.dispute(date(2026, 3, 25), later, 30_000)
    assert line.state(date(2026, 3, 25)).minimum_due_cents == before


def test_what_is_found_to_be_never_owed_may_be_all_that_was_charged_off() -> None:
    line = LineBook(JAN_10, due_day=14)
    draw = line.draw(JAN_10, 20_000)
    line.add(date(2026, 1, 20), ChargedOff())
    line.add(date(2026, 1, 21), DrawFailed(draw, "R03"))
    state = line.state(date(2026, 1, 22))
    assert (state.status, state.owed_cents) == ("charged_off", 0)
    assert not any(state.account_totals.values())
