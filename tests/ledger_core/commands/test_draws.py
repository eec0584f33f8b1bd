"""Draws: held, settled, failed, cancelled."""

from datetime import date, timedelta
from time import perf_counter_ns

from ledger_core.bank import transfers
from ledger_core.commands.cancel_draw import cancel_draw
from ledger_core.commands.draw_decisions import AskedDraw, record_refused_draw
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.unlock_line import unlock_line
from ledger_core.store.postgres import transaction
from ledger_core.underwriting import record
from tests.fixtures.books import open_book


async def transfer_of(book, draw_id):
    async with transaction(book.engine, book.customer) as conn:
        return await transfers.find(conn, book.line_id, "draw", draw_id)


async def test_a_draw_holds_its_amount_and_settles_on_the_next_business_day(engine):
    book = await open_book(engine)
    done = await book.draw(30_000, settle=False)
    state = await book.state()
    assert (state.held_cents, state.principal_cents, state.available_cents) == (30_000, 0, 170_000)
    assert done.settles_on == date(2026, 1, 6)
    await book.go_to(done.settles_on)
    await book.act(settle_draw, draw_id=done.draw_id)
    state = await book.state()
    assert (state.held_cents, state.principal_cents) == (0, 30_000)
    assert (await transfer_of(book, done.draw_id)).state == "settled"


async def test_a_failed_draw_gives_the_hold_back(engine):
    book = await open_book(engine)
    done = await book.draw(30_000, settle=False)
    await book.act(fail_draw, draw_id=done.draw_id, code="R03")
    assert (await book.state()).available_cents == 200_000
    transfer = await transfer_of(book, done.draw_id)
    assert (transfer.state, transfer.return_code) == ("returned", "R03")


async def test_a_draw_sent_back_after_it_settled_is_as_if_never_made(engine):
    book = await open_book(engine)
    done = await book.draw(30_000)
    await book.go_to(date(2026, 1, 20))
    await book.act(fail_draw, draw_id=done.draw_id, code="R02")
    state = await book.state()
    assert (state.principal_cents, state.interest_accrued_microcents) == (0, 0)


async def test_a_draw_can_be_cancelled_until_its_file_leaves(engine):
    book = await open_book(engine)
    done = await book.draw(30_000, settle=False)
    await book.at_time(19, 59)
    assert (await book.act(cancel_draw, draw_id=done.draw_id)).amount_cents == 30_000
    assert (await transfer_of(book, done.draw_id)).state == "cancelled"
    await book.at_time(11)
    second = await book.draw(30_000, settle=False)
    await book.at_time(20)
    assert (await book.act(cancel_draw, draw_id=second.draw_id)).codes == ("file_has_left",)


async def test_a_locked_line_draws_nothing_until_unlocked(engine):
    book = await open_book(engine)
    await book.act(lock_line, reason="fraud")
    await book.act(lock_line, reason="fraud")
    asked = {"amount_cents": 30_000, "bank_account_id": book.bank_account_id}
    assert (await book.act(request_draw, **asked)).codes == ("line_locked",)
    await book.act(unlock_line)
    assert (await book.act(request_draw, **asked)).amount_cents == 30_000


async def test_an_unknown_draw_is_refused_by_name(engine):
    book = await open_book(engine)
    assert (await book.act(settle_draw, draw_id="draw_x")).codes == ("draw_unknown",)
    assert (await book.act(cancel_draw, draw_id="draw_x")).codes == ("draw_unknown",)


async def decided(book):
    async with transaction(book.engine, book.customer) as conn:
        return await record.of_line(conn, book.line_id)


async def test_a_draw_leaves_its_decision_with_it(engine):
    book = await open_book(engine)
    done = await book.draw(30_000, settle=False)
    (made,) = await decided(book)
    assert (made.kind, made.outcome, made.path, made.asked_cents, made.reasons) == ("draw", "approved", "rules", 30_000, ())
    assert made.decision_id.removeprefix("decision_") == done.draw_id.removeprefix("draw_")
    assert (made.product_id, made.state_code, made.known_seq) == ("cash_line_flex", "TX", 1)
    assert made.policy_version == "lines_v1"


async def asked_in_vain(book, amount_cents):
    refusal = await book.act(request_draw, amount_cents=amount_cents, bank_account_id=book.bank_account_id)
    wish = AskedDraw(book.line_id, amount_cents, book.bank_account_id, "standard")
    async with transaction(book.engine, book.customer) as conn:
        await record_refused_draw(conn, book.at, wish, refusal, perf_counter_ns())


async def test_a_refused_draw_is_kept_with_its_reasons_once_a_day_and_changes_no_book(engine):
    book = await open_book(engine, limit_cents=50_000)
    before = (await book.world()).line.version
    for amount in (90_000, 90_000, 0):
        await asked_in_vain(book, amount)
    (made,) = await decided(book)
    assert (made.outcome, made.reasons, made.asked_cents, made.limit_cents) == ("declined", ("over_limit",), 90_000, 50_000)
    assert (await book.world()).line.version == before
    await book.go_to(book.at.on + timedelta(days=1))
    await asked_in_vain(book, 90_000)
    assert [d.decided_on for d in await decided(book)] == [made.decided_on, book.at.on]
