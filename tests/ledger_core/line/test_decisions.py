"""Draws, payments, autopay and due dates: what is decided, and the order of the reasons against it."""

from datetime import date, time

from ledger_core.dates import Moment
from ledger_core.line import autopay, draws, due_date, payments
from ledger_core.line.events import (
    AutopaySet,
    ChargedOff,
    DrawCancelled,
    DrawRequested,
    DueDateChanged,
    Fact,
    LineClosureRequested,
    LineLocked,
    PaymentCancelled,
    PaymentMoved,
    PaymentReceived,
    PaymentScheduled,
    PlanEnrolled,
)
from ledger_core.line.plan import decide_enroll
from ledger_core.refusals import Refused
from tests.fixtures.line_book import DAY, LineBook

MONDAY = date(2026, 3, 16)
NOON = time(12, 0)
EVENING = time(20, 0)


def _line() -> LineBook:
    """$1,500.00 drawn, the minimum of the statement of March 20 still to come, nothing past due."""
    line = LineBook(date(2026, 1, 10), due_day=14, limit_cents=200_000)
    line.draw(date(2026, 1, 10), 150_000)
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    line.pay(issued.due_on, issued.figures.minimum_due_cents)
    return line


def _draw(line: LineBook, cents: int, **changes: object) -> DrawRequested | Refused:
    arguments: dict[str, object] = {
        "draw_id": "draw_new",
        "amount_cents": cents,
        "speed": "standard",
        "bank_account_id": "bank_1",
        "bank_account_verified": True,
        "identity_check_open": False,
        "at": Moment(MONDAY, NOON),
    }
    return draws.decide_draw(line.product, line.state(MONDAY), **(arguments | changes))  # type: ignore[arg-type]


def _pay(line: LineBook, cents: int, pay_on: date, **changes: object) -> tuple[Fact, ...] | Refused:
    arguments: dict[str, object] = {
        "payment_id": "payment_new",
        "amount_cents": cents,
        "pay_on": pay_on,
        "bank_account_id": "bank_1",
        "bank_account_verified": True,
        "source": "customer",
        "at": Moment(MONDAY, NOON),
    }
    return payments.decide_payment(line.product, line.state(MONDAY), **(arguments | changes))  # type: ignore[arg-type]


def _codes(answer: object) -> tuple[str, ...]:
    assert isinstance(answer, Refused)
    return answer.codes


def test_a_standard_draw_settles_on_the_next_business_day_and_an_instant_one_today() -> None:
    line = _line()
    standard = _draw(line, 20_000)
    instant = _draw(line, 20_000, speed="instant")
    assert isinstance(standard, DrawRequested)
    assert isinstance(instant, DrawRequested)
    assert (standard.settles_on, instant.settles_on) == (MONDAY + DAY, MONDAY)
    friday_night = Moment(date(2026, 3, 20), EVENING)
    assert draws.settles_on("standard", friday_night) == date(2026, 3, 24)


def test_the_reasons_against_a_draw_come_in_their_order() -> None:
    line = _line()
    assert _codes(_draw(line, 0)) == ("amount_not_positive",)
    assert _codes(_draw(line, -5)) == ("amount_not_positive",)
    assert _codes(_draw(line, 4_999)) == ("below_minimum",)
    assert _codes(_draw(line, 100_000)) == ("over_limit",)
    line.add(MONDAY, LineLocked("fraud"))
    line.add(MONDAY, LineClosureRequested())
    everything = _draw(line, 100_000, identity_check_open=True, bank_account_verified=False)
    assert _codes(everything) == (
        "line_closing",
        "line_locked",
        "identity_check_open",
        "bank_account_unverified",
        "over_limit",
    )


def test_past_due_and_a_plan_block_draws_and_a_dispute_does_not() -> None:
    late = LineBook(date(2026, 1, 10), due_day=14, limit_cents=200_000)
    draw = late.draw(date(2026, 1, 10), 100_000)
    late.close_through(date(2026, 2, 28))
    answer = _draw(late, 10_000)
    assert isinstance(answer, Refused)
    assert answer.codes == ("past_due",)
    assert answer.reasons[0].facts["days_past_due"] == 2
    late.dispute(MONDAY, draw, 100_000)
    assert isinstance(_draw(late, 10_000), DrawRequested)
    line = _line()
    enrolled = decide_enroll(line.product, line.state(MONDAY), plan_id="plan_1", kind="plan_12")
    assert isinstance(enrolled, PlanEnrolled)
    line.add(MONDAY, enrolled)
    assert _codes(_draw(line, 10_000)) == ("plan_active",)


def test_an_over_limit_refusal_says_what_holds_the_money() -> None:
    line = _line()
    line.add(MONDAY, DrawRequested("d", 20_000, "standard", "bank_1", MONDAY + DAY, MONDAY + 7 * DAY))
    line.pay(MONDAY, 15_000, settled=False)
    answer = _draw(line, 45_000)
    assert isinstance(answer, Refused)
    facts = answer.reasons[0].facts
    assert facts["held_cents"] == 20_000
    assert facts["unsettled_payment_cents"] == 15_000
    room = line.state(MONDAY).available_cents
    assert facts["available_cents"] == room
    assert isinstance(_draw(line, room), DrawRequested)
    assert _codes(_draw(line, room + 1)) == ("over_limit",)


def test_a_pending_standard_draw_can_be_cancelled() -> None:
    line = _line()
    line.add(MONDAY, DrawRequested("d", 20_000, "standard", "bank_1", MONDAY + DAY, MONDAY + 7 * DAY))
    state = line.state(MONDAY)
    assert draws.decide_cancel(state, "d") == DrawCancelled("d")
    assert _codes(draws.decide_cancel(state, "draw_1")) == ("draw_not_pending",)
    assert _codes(draws.decide_cancel(state, "none")) == ("draw_unknown",)


def test_a_payment_for_today_is_received_today_and_a_later_one_is_scheduled() -> None:
    line = _line()
    today = _pay(line, 5_000, MONDAY)
    later = _pay(line, 5_000, MONDAY + 60 * DAY)
    assert isinstance(today, tuple)
    assert isinstance(later, tuple)
    assert [type(f) for f in today] == [PaymentScheduled, PaymentReceived]
    assert [type(f) for f in later] == [PaymentScheduled]


def test_the_reasons_against_a_payment_come_in_their_order() -> None:
    line = _line()
    assert _codes(_pay(line, 0, MONDAY)) == ("amount_not_positive",)
    assert _codes(_pay(line, 5_000, MONDAY - DAY)) == ("pay_on_in_past",)
    assert _codes(_pay(line, 5_000, MONDAY, at=Moment(MONDAY, EVENING))) == ("after_cutoff",)
    assert _codes(_pay(line, 5_000, MONDAY + 61 * DAY)) == ("pay_on_too_far",)
    assert _codes(_pay(line, 500_000, MONDAY)) == ("more_than_owed",)
    assert _codes(_pay(line, 500_000, MONDAY - DAY, bank_account_verified=False)) == (
        "bank_account_unverified",
        "pay_on_in_past",
        "more_than_owed",
    )
    empty = LineBook(date(2026, 1, 10))
    assert _codes(_pay(empty, 100, MONDAY)) == ("nothing_owed",)


def test_a_payment_may_exceed_the_payoff_by_the_tolerance_only() -> None:
    line = _line()
    refused = _pay(line, 500_000, MONDAY)
    assert isinstance(refused, Refused)
    most = refused.reasons[0].facts["most_cents"]
    assert isinstance(most, int)
    assert isinstance(_pay(line, most, MONDAY), tuple)
    assert _codes(_pay(line, most + 1, MONDAY)) == ("more_than_owed",)


def test_locked_and_charged_off_lines_still_take_payments() -> None:
    line = _line()
    line.add(MONDAY, LineLocked("fraud"))
    line.add(MONDAY, ChargedOff())
    assert isinstance(_pay(line, 5_000, MONDAY), tuple)


def test_a_scheduled_payment_moves_until_its_file_leaves() -> None:
    line = _line()
    pay_on = date(2026, 3, 23)
    line.add(MONDAY, PaymentScheduled("p", 5_000, pay_on, "bank_1", "customer"))
    friday = date(2026, 3, 20)
    state = line.state(friday)
    assert payments.undo_until(line.product, state.payments["p"]) == Moment(friday, EVENING)
    in_time, too_late = Moment(friday, NOON), Moment(friday, EVENING)
    moved = payments.decide_move(line.product, state, payment_id="p", pay_on=pay_on + DAY, at=in_time)
    today = payments.decide_move(line.product, state, payment_id="p", pay_on=friday, at=in_time)
    late = payments.decide_move(line.product, state, payment_id="p", pay_on=pay_on + DAY, at=too_late)
    assert moved == (PaymentMoved("p", pay_on + DAY),)
    assert today == (PaymentMoved("p", friday), PaymentReceived("p", 5_000))
    assert _codes(late) == ("file_has_left",)
    cancelled = payments.decide_cancel(line.product, state, payment_id="p", reason="customer", at=in_time)
    assert cancelled == PaymentCancelled("p", "customer")


def test_a_payment_of_today_is_undone_until_eight_in_the_evening() -> None:
    line = _line()
    line.add(MONDAY, PaymentScheduled("p", 5_000, MONDAY, "bank_1", "customer"))
    line.add(MONDAY, PaymentReceived("p", 5_000))
    state = line.state(MONDAY)

    def cancel(at: time) -> object:
        moment = Moment(MONDAY, at)
        return payments.decide_cancel(line.product, state, payment_id="p", reason="customer", at=moment)

    assert cancel(time(19, 59)) == PaymentCancelled("p", "customer")
    assert _codes(cancel(EVENING)) == ("file_has_left",)
    at = Moment(MONDAY, NOON)
    move = payments.decide_move(line.product, state, payment_id="p", pay_on=MONDAY + DAY, at=at)
    assert _codes(move) == ("payment_not_scheduled",)


def test_autopay_takes_the_minimum_the_statement_balance_or_a_fixed_amount() -> None:
    line = LineBook(date(2026, 1, 10), due_day=14)
    line.draw(date(2026, 1, 10), 150_000)
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    figures = issued.figures
    for mode, fixed, expected in (
        ("minimum", None, figures.minimum_due_cents),
        ("statement_balance", None, figures.new_balance_cents),
        ("fixed", 50_000, 50_000),
        ("fixed", 2_500, figures.minimum_due_cents),
    ):
        line.add(issued.due_on, AutopaySet(mode, fixed, "bank_1"))
        assert autopay.amount_due(line.product, line.state(issued.due_on)) == expected
    line.pay(issued.due_on, figures.new_balance_cents)
    line.add(issued.due_on, AutopaySet("statement_balance", None, "bank_1"))
    assert autopay.amount_due(line.product, line.state(issued.due_on)) == 0


def test_autopay_of_a_membership_takes_the_fee_only() -> None:
    line = LineBook(date(2026, 1, 10), product_id="cash_line_membership", apr_bp=0)
    line.draw(date(2026, 1, 12), 20_000)
    line.fee(date(2026, 1, 20), 999, "membership")
    line.add(date(2026, 1, 20), AutopaySet("minimum", None, "bank_1"))
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    assert autopay.amount_due(line.product, line.state(issued.due_on)) == 999


def test_autopay_is_refused_with_its_reasons() -> None:
    line = _line()

    def decide(mode: str, cents: int | None, verified: bool = True) -> AutopaySet | Refused:
        return autopay.decide_autopay(
            line.product,
            line.state(MONDAY),
            mode=mode,
            amount_cents=cents,
            bank_account_id="bank_1",
            bank_account_verified=verified,
        )

    assert decide("minimum", 700) == AutopaySet("minimum", None, "bank_1")
    assert _codes(decide("half", None, verified=False)) == ("mode_not_offered", "bank_account_unverified")
    assert _codes(decide("fixed", None)) == ("amount_missing",)
    assert _codes(decide("fixed", 2_499)) == ("amount_below_minimum",)


def test_a_due_date_moves_to_the_first_full_cycle_and_twice_a_year_only() -> None:
    line = _line()
    decided = due_date.decide_due_date(line.product, line.state(MONDAY), due_day=28, today=MONDAY)
    assert decided == DueDateChanged(28, date(2026, 4, 28))
    assert isinstance(decided, DueDateChanged)
    line.add(MONDAY, decided)
    issued = line.close_through(date(2026, 4, 30))
    assert issued is not None
    assert (issued.cycle_end, issued.due_on) == (date(2026, 4, 3), date(2026, 4, 28))
    assert line.state(date(2026, 4, 30)).coming_due_on == date(2026, 5, 28)
    line.add(MONDAY, DueDateChanged(20, date(2026, 5, 20)))
    answer = due_date.decide_due_date(line.product, line.state(MONDAY), due_day=5, today=MONDAY)
    assert _codes(answer) == ("moved_too_often",)


def test_a_due_date_that_cannot_move_is_refused_with_every_reason() -> None:
    line = LineBook(date(2026, 1, 10), due_day=14)
    line.draw(date(2026, 1, 10), 100_000)
    line.close_through(date(2026, 2, 28))
    state = line.state(MONDAY)
    same = due_date.decide_due_date(line.product, state, due_day=14, today=MONDAY)
    outside = due_date.decide_due_date(line.product, state, due_day=29, today=MONDAY)
    assert _codes(same) == ("due_day_unchanged", "past_due")
    assert _codes(outside) == ("due_day_out_of_range", "past_due")
