"""Payments from the customer's yes to the bank's word, and their transfers beside them."""

from datetime import date, time, timedelta

from ledger_core.bank import transfers
from ledger_core.commands.cancel_draw import cancel_draw
from ledger_core.commands.cancel_payment import cancel_payment
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.move_payment import move_payment
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.stop_autopay import stop_autopay
from ledger_core.dates import Moment
from ledger_core.queries import payments
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book

WEDNESDAY = date(2026, 1, 14)


async def book_with_balance(engine, on=WEDNESDAY):
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(on)
    return book


async def transfer_of(book, kind, reference_id):
    async with transaction(book.engine, book.customer) as conn:
        return await transfers.find(conn, book.line_id, kind, reference_id)


async def test_a_payment_dated_today_is_credited_today_and_its_transfer_waits(engine):
    book = await book_with_balance(engine)
    done = await book.pay(20_000)
    assert (done.stage, done.pay_on, done.settles_on) == ("received", WEDNESDAY, date(2026, 1, 16))
    state = await book.state()
    assert state.principal_cents < 150_000
    assert state.unsettled_payment_cents == 150_000 - state.principal_cents
    transfer = await transfer_of(book, "payment", done.payment_id)
    assert (transfer.state, transfer.amount_cents, transfer.effective_on) == ("created", 20_000, WEDNESDAY)


async def test_after_eight_in_the_evening_today_means_the_next_business_day(engine):
    book = await book_with_balance(engine, on=date(2026, 1, 16))
    await book.at_time(20)
    done = await book.pay(20_000)
    assert (done.stage, done.pay_on) == ("scheduled", date(2026, 1, 20))  # Monday is a holiday


async def test_a_scheduled_payment_comes_in_on_its_day(engine):
    book = await book_with_balance(engine)
    done = await book.pay(20_000, pay_on=date(2026, 1, 21))
    assert done.stage == "scheduled"
    early = await book.act(receive_payment, payment_id=done.payment_id)
    assert early.codes == ("payment_not_due_yet",)
    await book.go_to(date(2026, 1, 21))
    seen = await book.ask(payments.status, payment_id=done.payment_id)
    assert (seen.stage, seen.received_on) == ("received", date(2026, 1, 21))
    assert seen.to_fees_cents + seen.to_interest_cents + seen.to_principal_cents == 20_000


async def test_a_scheduled_payment_moves_until_eight_on_the_business_day_before(engine):
    book = await book_with_balance(engine)
    done = await book.pay(20_000, pay_on=date(2026, 1, 20))
    assert done.undo_until_on == date(2026, 1, 16)
    await book.go_to(date(2026, 1, 16))
    await book.at_time(19, 59)
    moved = await book.act(move_payment, payment_id=done.payment_id, pay_on=date(2026, 1, 22))
    assert (moved.pay_on, moved.earlier_pay_on) == (date(2026, 1, 22), date(2026, 1, 20))
    assert (await transfer_of(book, "payment", done.payment_id)).effective_on == date(2026, 1, 22)
    await book.go_to(date(2026, 1, 21))
    await book.at_time(20)
    refused = await book.act(move_payment, payment_id=done.payment_id, pay_on=date(2026, 1, 26))
    assert refused.codes == ("file_has_left",)


async def test_a_payment_made_today_can_be_undone_until_eight(engine):
    book = await book_with_balance(engine)
    before = await book.state()
    done = await book.pay(20_000)
    await book.at_time(19, 59)
    cancelled = await book.act(cancel_payment, payment_id=done.payment_id)
    assert cancelled.amount_cents == 20_000
    assert (await book.state()).owed_cents == before.owed_cents
    assert (await transfer_of(book, "payment", done.payment_id)).state == "cancelled"


async def test_a_payment_made_today_cannot_be_undone_after_eight(engine):
    book = await book_with_balance(engine)
    done = await book.pay(20_000)
    await book.at_time(20)
    assert (await book.act(cancel_payment, payment_id=done.payment_id)).codes == ("file_has_left",)


async def test_what_the_bank_already_has_cannot_be_stopped_whatever_the_hour(engine):
    book = await book_with_balance(engine)
    payment = await book.pay(20_000)
    draw = await book.draw(10_000, settle=False)
    async with transaction(engine, system("bank")) as conn:
        await transfers.submit(conn, book.line_id, "payment", payment.payment_id, WEDNESDAY)
        await transfers.submit(conn, book.line_id, "draw", draw.draw_id, WEDNESDAY)
    assert (await book.act(cancel_payment, payment_id=payment.payment_id)).codes == ("file_has_left",)
    assert (await book.act(cancel_draw, draw_id=draw.draw_id)).codes == ("file_has_left",)
    assert (await book.state()).held_cents == 10_000


async def test_files_leave_in_the_evening_and_not_before(engine):
    book = await book_with_balance(engine)
    today = await book.pay(20_000)
    tomorrow = await book.pay(10_000, pay_on=WEDNESDAY + timedelta(days=1))
    later = await book.pay(10_000, pay_on=WEDNESDAY + timedelta(days=5))
    async with transaction(engine, system("bank")) as conn:
        noon = await transfers.to_submit(conn, Moment(WEDNESDAY, time(12)))
        evening = await transfers.to_submit(conn, Moment(WEDNESDAY, time(20)))
    assert all(t.kind == "draw" for t in noon)
    leaving = {t.reference_id for t in evening if t.kind == "payment"}
    assert leaving == {today.payment_id, tomorrow.payment_id}
    assert later.payment_id not in leaving


async def test_a_settled_payment_frees_what_it_paid_and_settles_its_transfer(engine):
    book = await book_with_balance(engine)
    done = await book.pay(20_000, settle=True)
    state = await book.state()
    assert state.unsettled_payment_cents == 0
    transfer = await transfer_of(book, "payment", done.payment_id)
    assert (transfer.state, transfer.settled_on) == ("settled", date(2026, 1, 16))


async def test_a_returned_payment_owes_the_money_again_and_says_why(engine):
    book = await book_with_balance(engine)
    done = await book.pay(20_000, settle=True)
    returned = await book.return_payment(done.payment_id, "R09")
    assert returned.return_code == "R09"
    seen = await book.ask(payments.status, payment_id=done.payment_id)
    assert (seen.stage, seen.return_code, seen.to_principal_cents) == ("returned", "R09", 0)
    assert (await book.state()).principal_cents == 150_000
    assert (await transfer_of(book, "payment", done.payment_id)).state == "returned"


async def test_more_than_the_payoff_is_refused_with_the_payoff(engine):
    book = await book_with_balance(engine)
    answer = await book.act(
        make_payment, amount_cents=900_000, pay_on=WEDNESDAY, bank_account_id=book.bank_account_id
    )
    assert isinstance(answer, Refused)
    assert answer.codes == ("more_than_owed",)
    assert answer.reasons[0].facts["payoff_cents"] > 150_000


async def test_autopay_lowers_the_rate_and_stopping_it_raises_it_again(engine):
    book = await book_with_balance(engine)
    on = await book.act(set_autopay, mode="minimum", bank_account_id=book.bank_account_id)
    assert (on.apr_bp, on.earlier_apr_bp, on.first_due_on) == (2549, 2599, (await book.state()).next_due_on)
    off = await book.act(stop_autopay)
    assert off.apr_bp == 2599
    assert (await book.act(stop_autopay)).codes == ("no_autopay",)


async def test_a_returned_autopay_payment_costs_the_discount(engine):
    book = await book_with_balance(engine)
    await book.act(set_autopay, mode="minimum", bank_account_id=book.bank_account_id)
    paid = await book.act(
        make_payment,
        amount_cents=5_000,
        pay_on=book.at.on,
        bank_account_id=book.bank_account_id,
        source="autopay",
    )
    returned = await book.return_payment(paid.payment_id)
    assert returned.autopay_discount_lost
    assert (await book.state()).apr_bp == 2599
