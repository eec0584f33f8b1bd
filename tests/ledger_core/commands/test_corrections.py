"""What is written when the past reads otherwise: the difference, dated today, and nothing else."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import select, text

from ledger_core.commands.change_rate import change_rate
from ledger_core.commands.issue_statement import issue_statement
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.resolve_dispute import resolve_dispute
from ledger_core.dates import Moment
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import entries, ledger_balances, postings, statements
from tests.fixtures.books import open_book


async def ledger_totals(book):
    """Debits less credits per account of the written journal, both stages together."""
    async with transaction(book.engine, book.customer) as conn:
        rows = (await conn.execute(select(ledger_balances))).all()
    totals = Counter()
    for row in rows:
        totals[row.account] += row.debit_cents - row.credit_cents
    return {account: cents for account, cents in totals.items() if cents}


async def replayed_totals(book):
    return {account: cents for account, cents in (await book.state()).account_totals.items() if cents}


async def corrections_of(book):
    query = (
        select(entries.c.entry_id, entries.c.effective_on, postings.c.account, postings.c.side)
        .add_columns(postings.c.amount_cents)
        .join(postings, postings.c.entry_id == entries.c.entry_id)
        .where(entries.c.kind == "correction")
    )
    async with transaction(book.engine, book.customer) as conn:
        return (await conn.execute(query)).all()


async def paid_then_returned(engine):
    """1,500 drawn; 500 paid in the second cycle; the second statement issued; the payment returned after it."""
    book = await open_book(engine)
    await book.draw(150_000)
    await book.close_cycle()
    payment = await book.pay(50_000, settle=True)
    await book.close_cycle()
    printed = (await book.state()).last_statement
    await book.go_to(printed.cycle_end + timedelta(days=5))
    returned = await book.return_payment(payment.payment_id)
    return book, payment, printed, returned


async def test_a_returned_payment_corrects_interest_to_the_cent_back_to_its_receipt(engine):
    book, payment, printed, _ = await paid_then_returned(engine)
    state = await book.state()
    corrected = next(s for s in state.statements if s.number == printed.number)
    days_after = (printed.cycle_end - payment.pay_on).days + 1
    whole = daily_interest_microcents(150_000, 2599) * printed.figures.days
    assert corrected.interest_cents == microcents_to_cents_half_up(whole)
    principal_paid = 150_000 - printed.figures.principal_cents
    gained = daily_interest_microcents(150_000, 2599) - daily_interest_microcents(
        150_000 - principal_paid, 2599
    )
    missing = corrected.interest_cents - printed.figures.interest_cents
    assert abs(missing * 1_000_000 - gained * days_after) <= 1_000_000
    assert missing > 0


async def test_the_correction_is_one_balanced_entry_dated_today(engine):
    book, payment, printed, _ = await paid_then_returned(engine)
    legs = await corrections_of(book)
    assert len({leg.entry_id for leg in legs}) == 1
    assert {leg.effective_on for leg in legs} == {book.at.on}
    debits = sum(leg.amount_cents for leg in legs if leg.side == "debit")
    assert debits == sum(leg.amount_cents for leg in legs if leg.side == "credit")
    state = await book.state()
    corrected = next(s for s in state.statements if s.number == printed.number)
    by_account = {(leg.account, leg.side): leg.amount_cents for leg in legs}
    difference = corrected.interest_cents - printed.figures.interest_cents
    assert by_account["interest_income", "credit"] == difference
    assert by_account["cash", "credit"] == payment.amount_cents


async def test_the_written_journal_equals_the_replay_after_a_correction(engine):
    book, *_ = await paid_then_returned(engine)
    assert await ledger_totals(book) == await replayed_totals(book)
    await book.pay(20_000)
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_an_issued_statement_stands_and_the_next_one_shows_the_correction(engine):
    book, _, printed, returned = await paid_then_returned(engine)
    async with transaction(engine, book.customer) as conn:
        kept = (await conn.execute(select(statements).where(statements.c.number == printed.number))).one()
    assert kept.figures["interest_cents"] == printed.figures.interest_cents
    assert kept.figures["new_balance_cents"] == printed.figures.new_balance_cents
    await book.close_cycle()
    following = (await book.state()).last_statement.figures
    assert following.previous_balance_cents == printed.figures.new_balance_cents
    assert following.corrections_cents > 50_000
    assert following.fees_cents == returned.fee_cents == 2_000


async def test_the_chain_of_a_corrected_line_holds(engine):
    book, *_ = await paid_then_returned(engine)
    async with transaction(engine, book.customer) as conn:
        broken = await conn.execute(
            text("SELECT core.first_broken_link(:line_id)"), {"line_id": book.line_id}
        )
        assert broken.scalar_one() is None


async def test_a_dispute_found_for_the_customer_takes_the_draw_back_to_its_day(engine):
    book = await open_book(engine)
    draw = await book.draw(8_000)
    await book.close_cycle()
    opened = await book.act(open_dispute, kind="unauthorized", about=draw.draw_id)
    await book.go_to(book.at.on + timedelta(days=10))
    resolved = await book.act(resolve_dispute, dispute_id=opened.dispute_id, amount_cents=8_000)
    assert resolved.outcome == "for_customer"
    state = await book.state()
    assert (state.owed_cents, state.interest_accrued_microcents) == (0, 0)
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_backdated_rate_posts_the_difference_of_billed_interest(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    await book.close_cycle()
    printed = (await book.state()).last_statement.figures.interest_cents
    await book.act(change_rate, apr_bp=2199, reason="product", from_on=date(2026, 1, 5))
    state = await book.state()
    assert state.interest_billed_cents < printed
    assert await ledger_totals(book) == await replayed_totals(book)


async def test_a_late_statement_bills_its_own_days_alone(engine):
    book = await open_book(engine)
    await book.draw(100_000)
    closes_on = (await book.state()).next_close_on
    await book.go_to(closes_on)
    in_time = await open_book(engine)
    await in_time.draw(100_000)
    await in_time.close_cycle()
    # The statement comes three days late, after a payment of the next cycle.
    book.at = Moment(closes_on + timedelta(days=2), book.at.at)
    await book.pay(5_000)
    book.at = Moment(closes_on + timedelta(days=3), book.at.at)
    issued = await book.act(issue_statement)
    assert issued.new_balance_cents == (await in_time.state()).last_statement.figures.new_balance_cents
    assert await ledger_totals(book) == await replayed_totals(book)
