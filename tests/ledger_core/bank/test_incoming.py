"""What comes in: returns and notifications of change, each once, a wrong file not at all."""

from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import text

from ledger_core.bank import files, numbers
from ledger_core.bank.attention import for_humans
from ledger_core.bank.files import cut_file
from ledger_core.bank.incoming import receive
from ledger_core.bank.inquiry import deliver
from ledger_core.bank.nacha import Addenda, Entry, write
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator
from ledger_core.bank.return_codes import allowed_through
from ledger_core.bank.settlement import settle_due
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.dates import Moment, add_business_days
from ledger_core.demo.bank_simulator import SimulatedBank, return_file
from ledger_core.errors import BankFileRefused
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book

HOUSE = Originator()
BANK = system("bank")


async def sent(book):
    """A settled draw, then a payment of today in a file that the bank has: our entry of it."""
    await book.draw(90_000)
    await book.pay(4_500)
    async with transaction(book.engine, BANK) as conn:
        file = await cut_file(conn, book.at.on, HOUSE)
        (batch,) = read(await files.content(conn, file.file_id)).batches
    await deliver(book.engine, SimulatedBank(book.engine), book.at)
    await book.go_to(add_business_days(book.at.on, 1))
    return batch.entries[0]


def answer(entry: Entry, on, code="R01", text="", sequence=1) -> bytes:
    """A file that answers one entry of ours."""
    file = read(return_file(HOUSE, on, [(entry, code)]))
    (batch,) = file.batches
    (back,) = batch.entries
    back = replace(back, trace=f"{back.trace[:8]}{sequence:07}")
    if code.startswith("C"):
        notice = Addenda("98", code, entry.trace, entry.routing[:8], text)
        back, batch = replace(back, amount_cents=0, addenda=notice), replace(batch, sec="COR")
    return write(replace(file, batches=(replace(batch, entries=(back,)),)))


def altered(data: bytes, *, batch=None, entry=None, addenda=None) -> bytes:
    """The same file, well formed, saying something else."""
    file = read(data)
    (one,) = file.batches
    back = replace(one.entries[0], **(entry or {}))
    back = replace(back, addenda=replace(back.addenda, **(addenda or {}))) if back.addenda else back
    return write(replace(file, batches=(replace(one, entries=(back,), **(batch or {})),)))


async def take(book, data):
    return await receive(book.engine, data, Moment(book.at.on, time(8)), HOUSE)


async def rows(book, query):
    async with transaction(book.engine, BANK) as conn:
        return [tuple(row) for row in await conn.execute(text(query))]


async def told(book):
    return await rows(book, "SELECT code, state, attention FROM core.bank_answers ORDER BY recorded_at")


async def status(book):
    ((found,),) = await rows(book, "SELECT status FROM core.bank_accounts")
    return found


async def test_a_return_is_booked_once_whatever_comes_again(batch_engine):
    book = await open_book(batch_engine)
    data = answer(await sent(book), book.at.on)
    first = await take(book, data)
    assert (first.is_new, first.kept, first.acted_on) == (True, {"waiting": 1}, 1)
    state = await book.state()
    (payment,) = state.payments.values()
    assert (payment.stage, payment.return_code) == ("returned", "R01")
    version = (await book.world()).line.version
    again = await take(book, data)
    assert (again.is_new, again.kept, again.acted_on) == (False, {}, 0)
    in_another_file = await take(book, data.replace(b"HOUSE BANK", b"HOUSE BAND"))
    assert (in_another_file.is_new, in_another_file.kept) == (True, {})
    assert (await book.world()).line.version == version
    assert await told(book) == [("R01", "applied", None)]
    assert await status(book) == "verified"


async def test_a_second_return_of_the_same_entry_is_put_before_a_human(batch_engine):
    book = await open_book(batch_engine)
    entry = await sent(book)
    await take(book, answer(entry, book.at.on))
    await take(book, answer(entry, book.at.on, sequence=2))
    assert await told(book) == [("R01", "applied", None), ("R01", "quarantined", "payment_not_received")]


async def test_a_settled_payment_still_comes_back_within_sixty_days_without_a_fee(batch_engine):
    book = await open_book(batch_engine)
    entry = await sent(book)
    autopay = {"mode": "minimum", "amount_cents": None, "bank_account_id": book.bank_account_id}
    await book.act(set_autopay, **autopay)
    await book.go_to(add_business_days(book.at.on, 2))
    assert await settle_due(batch_engine, book.at) == 1
    await book.close_cycle()
    await book.pay(3_000, pay_on=add_business_days(book.at.on, 5))
    await take(book, answer(entry, book.at.on, "R10"))
    state = await book.state()
    assert sorted(p.stage for p in state.payments.values()) == ["cancelled", "returned"]
    assert [fee for fee in state.fees.values() if fee.kind == "returned_payment"] == []
    assert state.autopay is None
    assert await status(book) == "blocked"
    assert await told(book) == [("R10", "applied", "unauthorised")]


async def test_a_closed_account_moves_no_more_money(batch_engine):
    book = await open_book(batch_engine)
    await take(book, answer(await sent(book), book.at.on, "R02"))
    assert await status(book) == "closed"
    with pytest.raises(AssertionError, match="bank_account_unverified"):
        await book.pay(2_000)


async def test_a_code_nobody_knows_waits_for_a_human(batch_engine):
    book = await open_book(batch_engine)
    taken = await take(book, answer(await sent(book), book.at.on, "R99"))
    assert (taken.kept, taken.acted_on) == ({"quarantined": 1}, 0)
    (payment,) = (await book.state()).payments.values()
    assert payment.stage == "received"
    assert await told(book) == [("R99", "quarantined", "code_unknown")]
    await book.go_to(add_business_days(book.at.on, 2))
    assert await settle_due(batch_engine, book.at) == 0


async def test_a_change_corrects_what_the_next_file_names(batch_engine):
    book = await open_book(batch_engine)
    entry = await sent(book)
    taken = await take(book, answer(entry, book.at.on, "C01", "0099887766"))
    assert (taken.kept, taken.acted_on) == ({"applied": 1}, 0)
    async with transaction(batch_engine, BANK) as conn:
        known = await numbers.find(conn, book.bank_account_id)
    assert (known.account, known.routing, known.holder) == ("0099887766", entry.routing, "Dana Reyes")
    assert await rows(book, "SELECT last4 FROM core.bank_accounts") == [("7766",)]
    assert await told(book) == [("C01", "applied", "account_corrected")]
    await take(book, answer(entry, book.at.on, "C05", "37", sequence=2))
    async with transaction(batch_engine, BANK) as conn:
        assert (await numbers.find(conn, book.bank_account_id)).kind == "savings"
    await take(book, answer(entry, book.at.on, "C09", "SOMEBODY", sequence=3))
    assert (await told(book))[-1] == ("C09", "applied", "change_for_human")


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"batch": {"company_id": "1770000000"}}, ("not_for_us",)),
        ({"entry": {"addenda": None}}, ("answer_missing",)),
        ({"batch": {"sec": "COR"}}, ("class_contradicted",)),
        ({"addenda": {"code": "X01"}}, ("code_malformed",)),
        ({"addenda": {"original_trace": "990000009999999"}}, ("trace_unknown",)),
        ({"entry": {"amount_cents": 4_501}}, ("amount_differs",)),
        (
            {"entry": {"transaction_code": "21"}, "batch": {"service_class": 220}},
            ("direction_differs",),
        ),
        ({"entry": {"individual_id": "SOMEBODY"}}, ("individual_differs",)),
        ({"addenda": {"original_rdfi": "99123456"}}, ("rdfi_differs",)),
        (
            {"entry": {"amount_cents": 1, "individual_id": "X"}, "batch": {"company_id": "1"}},
            ("not_for_us", "amount_differs", "individual_differs"),
        ),
    ],
)
async def test_a_file_that_contradicts_our_own_is_refused_whole(batch_engine, change, codes):
    book = await open_book(batch_engine)
    data = altered(answer(await sent(book), book.at.on), **change)
    with pytest.raises(BankFileRefused) as refused:
        await take(book, data)
    assert refused.value.codes == codes
    assert await rows(book, "SELECT count(*) FROM core.bank_receipts") == [(0,)]
    assert await told(book) == []


async def test_a_correction_with_a_wrong_check_digit_is_refused(batch_engine):
    book = await open_book(batch_engine)
    with pytest.raises(BankFileRefused) as refused:
        await take(book, answer(await sent(book), book.at.on, "C02", "021000022"))
    assert refused.value.codes == ("correction_malformed",)


async def test_a_crash_between_taking_and_booking_is_made_good_by_the_same_file(batch_engine, monkeypatch):
    book = await open_book(batch_engine)
    data = answer(await sent(book), book.at.on)

    async def die(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as crash:
        crash.setattr("ledger_core.bank.incoming.act_on_returns", die)
        with pytest.raises(ZeroDivisionError):
            await take(book, data)
    assert await told(book) == [("R01", "waiting", None)]
    assert (await take(book, data)).acted_on == 1
    assert await told(book) == [("R01", "applied", None)]


def test_the_time_of_a_return_runs_in_banking_days_or_to_the_one_after_sixty_days():
    friday = date(2026, 5, 22)  # before Memorial Day
    assert allowed_through("R01", friday) == date(2026, 5, 27)
    assert allowed_through("R29", friday) == date(2026, 5, 27)
    assert allowed_through("R10", friday) == date(2026, 7, 22)
    assert allowed_through("R07", date(2026, 5, 5)) == date(2026, 7, 6)  # the sixtieth is Independence Day, a Saturday
    assert [allowed_through(code, friday) for code in ("R06", "R23", "R31", "R98")] == [None] * 4


@pytest.mark.parametrize(
    ("code", "days_late", "why"),
    [("R01", 0, None), ("R01", 1, "returned_late"), ("R10", 0, "unauthorised"), ("R10", 1, "unauthorised")],
)
async def test_a_return_after_its_time_is_booked_and_put_before_a_human(batch_engine, code, days_late, why):
    book = await open_book(batch_engine)
    entry = await sent(book)
    ((settled_on,),) = await rows(book, "SELECT effective_on FROM core.bank_files")
    sent_on = add_business_days(allowed_through(code, settled_on), days_late)
    await book.go_to(add_business_days(sent_on, 4))  # read late, which makes nothing late
    await take(book, answer(entry, sent_on, code))
    assert [p.stage for p in (await book.state()).payments.values()] == ["returned"]
    async with transaction(batch_engine, BANK) as conn:
        seen = await for_humans(conn, sent_on)
    dispute_by = add_business_days(sent_on, 5) if days_late else None
    assert [(s.code, s.why, s.dispute_by) for s in seen] == ([] if why is None else [(code, why, dispute_by)])
