"""A credit balance that was sent back and that the customer's bank did not take."""

from datetime import date, time, timedelta

from sqlalchemy import text

from ledger_core.bank import files, transfers
from ledger_core.bank.files import cut_file
from ledger_core.bank.incoming import receive
from ledger_core.bank.inquiry import deliver
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator
from ledger_core.bank.settlement import settle_due
from ledger_core.commands.refund_credit import refund_credit
from ledger_core.commands.return_refund import return_refund
from ledger_core.dates import Moment, add_business_days
from ledger_core.demo.bank_simulator import SimulatedBank, return_file
from ledger_core.nightly.close_lines import refund_credits
from ledger_core.nightly.night import Night
from ledger_core.nightly.report import NightlyReport
from ledger_core.queries import activity, explain
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import Book, open_book

HOUSE = Originator()
BANK = system("bank")


async def refunded(book: Book, cents: int = 4_500):
    """A refund in a file that the bank has, settled on its day; and our entry of it."""
    await book.draw(30_000)
    await book.go_to(date(2026, 1, 20))
    await book.pay((await book.state()).payoff_base_cents + cents, settle=True)
    sent = await book.act(refund_credit, bank_account_id=book.bank_account_id)
    await book.close_cycle()
    async with transaction(book.engine, BANK) as conn:
        file = await cut_file(conn, book.at.on, HOUSE)
        (batch,) = read(await files.content(conn, file.file_id)).batches
    await deliver(book.engine, SimulatedBank(book.engine), book.at)
    await book.go_to(add_business_days(book.at.on, 1))
    await settle_due(book.engine, book.at)
    return sent, next(entry for entry in batch.entries if not entry.is_debit)


async def test_a_returned_refund_is_the_customers_again_and_the_same_file_changes_nothing(batch_engine):
    book = await open_book(batch_engine)
    sent, entry = await refunded(book)
    assert (await book.state()).credit_balance_cents == 0
    printed = (await book.state()).statements
    data = return_file(HOUSE, book.at.on, [(entry, "R23")])
    moment = Moment(book.at.on, time(8))
    assert (await receive(batch_engine, data, moment, HOUSE)).acted_on == 1
    state = await book.state()
    assert (state.credit_balance_cents, state.refunds[sent.refund_id].return_code) == (4_500, "R23")
    assert [s.figures for s in state.statements] == [s.figures for s in printed]
    version = (await book.world()).line.version
    assert (await receive(batch_engine, data, moment, HOUSE)).acted_on == 0
    assert (await book.world()).line.version == version
    async with transaction(batch_engine, BANK) as conn:
        found = await transfers.find(conn, book.line_id, "refund", sent.refund_id)
        told = (await conn.execute(text("SELECT code, state, attention FROM core.bank_answers"))).all()
    assert (found.state, found.return_code) == ("returned", "R23")
    assert [tuple(row) for row in told] == [("R23", "applied", "refund_returned")]
    shown = await book.ask(activity.activity, kinds=["refund"])
    assert [(item.amount_cents, item.stage) for item in shown] == [(4_500, "returned")]


async def test_what_was_drawn_meanwhile_is_paid_by_it_back_to_its_day_and_explained(batch_engine):
    book = await open_book(batch_engine)
    sent, _ = await refunded(book)
    await book.draw(10_000)
    await book.go_to(book.at.on + timedelta(days=20))
    before, known = await book.state(), (await book.world()).recorded[-1].seq
    done = await book.act(
        return_refund,
        refund_id=sent.refund_id,
        return_code="R03",
        returned_on=book.at.on - timedelta(days=3),
    )
    after = await book.state()
    assert (done.amount_cents, done.credit_balance_cents) == (4_500, 0)
    assert (after.principal_cents, before.principal_cents) == (5_500, 10_000)
    assert after.accrued_interest_cents < before.accrued_interest_cents
    told = await book.ask(explain.balance_change, known_at_seq=known)
    assert sum(cause.cents for cause in told.causes) == told.change_cents
    assert told.change_cents == after.payoff_base_cents - before.payoff_base_cents < -4_500
    assert any(c.facts.get("changed_by") == "RefundReturned" for c in told.causes)


async def test_a_refund_comes_back_once_and_not_before_it_left(batch_engine):
    book = await open_book(batch_engine)
    sent, _ = await refunded(book)
    asked = {"refund_id": sent.refund_id, "return_code": "R03"}
    early = await book.act(return_refund, **asked, returned_on=sent.refunded_on - timedelta(days=1))
    assert early.codes == ("date_out_of_range",)
    assert (await book.act(return_refund, **{**asked, "return_code": "R00"})).codes == ("return_code_unknown",)
    assert (await book.act(return_refund, **{**asked, "refund_id": "refund_x"})).codes == ("refund_unknown",)
    first = await book.act(return_refund, key="once", **asked)
    assert await book.act(return_refund, key="once", **asked) == first
    assert (await book.act(return_refund, **asked)).codes == ("refund_returned",)


async def test_the_night_does_not_send_it_to_the_same_account_again(batch_engine):
    book = await open_book(batch_engine)
    sent, _ = await refunded(book)
    await book.act(return_refund, refund_id=sent.refund_id, return_code="R23")
    on = book.at.on + timedelta(days=200)
    night = Night(batch_engine, on, NightlyReport(on))
    night.due["credit"] = [book.line_id]
    await refund_credits(night)
    assert night.report.counts == {}
    assert (await book.state()).credit_balance_cents == 4_500
