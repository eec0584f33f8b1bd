"""The difference of two replays of a stored line, told cause by cause."""

from datetime import timedelta

from ledger_core.commands.credit_payment import credit_payment
from ledger_core.queries import explain
from tests.fixtures.books import open_book


async def test_then_and_now_about_one_day_and_two_days_are_told_apart(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    await book.go_to(book.at.on + timedelta(days=20))
    known = (await book.world()).recorded[-1].seq
    before = await book.state()
    received_on = book.at.on - timedelta(days=10)
    await book.act(credit_payment, payment_id="payment_found", received_on=received_on, amount_cents=40_000)
    told = await book.ask(explain.balance_change, known_at_seq=known)
    assert (told.earlier_cents, told.later_cents) == (
        before.payoff_base_cents,
        (await book.state()).payoff_base_cents,
    )
    assert [c.kind for c in told.causes][:2] == ["balance", "one_off"]
    assert told.causes[1].facts["payment_id"] == "payment_found"
    assert sum(c.cents for c in told.causes) == told.change_cents < -40_000
    since = await book.ask(explain.balance_change, since=received_on - timedelta(days=1))
    assert [c.kind for c in since.causes][:2] == ["days", "one_off"]
    assert sum(c.cents for c in since.causes) == since.change_cents


async def test_what_cannot_be_compared_is_refused(engine):
    book = await open_book(engine)
    tomorrow, before = book.at.on + timedelta(days=1), book.at.on - timedelta(days=1)
    assert (await book.ask(explain.balance_change, until=tomorrow)).codes == ("date_out_of_range",)
    assert (await book.ask(explain.balance_change, since=before)).codes == ("date_out_of_range",)
    assert (await book.ask(explain.balance_change, known_at_seq=0)).codes == ("known_at_out_of_range",)
    assert (await book.ask(explain.balance_change)).causes == ()
