"""What leaves: one file at the cut-off, each transfer once, the same bytes whenever it is written."""

from datetime import date, time
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from ledger_core.bank import accounts, files, numbers
from ledger_core.bank.files import cut_file
from ledger_core.bank.inquiry import deliver, pay_out_instantly
from ledger_core.bank.nacha_read import read
from ledger_core.bank.numbers import AccountNumbers
from ledger_core.bank.originator import Originator
from ledger_core.bank.settlement import payments_through, settle_due
from ledger_core.bank.vault import vault_of
from ledger_core.dates import Moment
from ledger_core.demo.bank_simulator import SimulatedBank
from ledger_core.errors import BankDisagrees, NumbersMissing, NumbersSealed
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book

HOUSE = Originator()
BANK = system("bank")


async def cut(engine, on):
    async with transaction(engine, BANK) as conn:
        return await cut_file(conn, on, HOUSE)


async def bytes_of(engine, file):
    async with transaction(engine, BANK) as conn:
        return await files.content(conn, file.file_id)


async def states(engine):
    async with transaction(engine, BANK) as conn:
        rows = await conn.execute(text("SELECT kind, state FROM core.transfers ORDER BY recorded_at"))
        return [tuple(row) for row in rows]


async def test_one_file_takes_what_must_leave_and_nothing_else(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(90_000)
    day = book.at.on
    await book.draw(30_000, settle=False)
    await book.pay(4_500)
    await book.pay(2_000, pay_on=date(day.year, day.month + 1, 1))
    file = await cut(batch_engine, day)
    (debits, credits) = read(await bytes_of(batch_engine, file)).batches
    assert (debits.sec, debits.service_class, debits.company_id) == ("WEB", 225, HOUSE.company_id)
    assert (credits.sec, credits.service_class) == ("PPD", 220)
    assert debits.effective_on == credits.effective_on == file.effective_on > day
    (paid,), (drawn,) = debits.entries, credits.entries
    assert (paid.transaction_code, paid.amount_cents, paid.discretionary) == ("27", 4_500, "S")
    assert (drawn.transaction_code, drawn.amount_cents, drawn.name) == ("22", 30_000, "DANA REYES")
    assert paid.account.endswith("4471")
    assert (file.entries, file.debit_cents, file.credit_cents) == (2, 4_500, 30_000)
    assert await states(batch_engine) == [
        ("draw", "settled"),
        ("draw", "submitted"),
        ("payment", "submitted"),
        ("payment", "created"),
    ]
    assert await cut(batch_engine, day) is None


async def test_a_crash_before_the_commit_loses_nothing_and_one_after_it_sends_nothing_twice(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False)

    async def cut_and_die():
        async with transaction(batch_engine, BANK) as conn:
            await cut_file(conn, book.at.on, HOUSE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cut_and_die()
    assert await states(batch_engine) == [("draw", "created")]
    file = await cut(batch_engine, book.at.on)
    assert await bytes_of(batch_engine, file) == await bytes_of(batch_engine, file)
    assert await cut(batch_engine, book.at.on) is None

    class Forgetful(SimulatedBank):
        """Takes the file, and the line breaks before it can say so."""

        taken = 0

        async def take_file(self, name, data):
            await super().take_file(name, data)
            self.taken += 1
            raise ConnectionError

    bank = Forgetful(batch_engine)
    with pytest.raises(ConnectionError):
        await deliver(batch_engine, bank, book.at)
    assert [f.name for f in await deliver(batch_engine, bank, book.at)] == [file.name]
    assert bank.taken == 1
    assert await deliver(batch_engine, bank, book.at) == ()


async def test_another_file_under_our_name_stops_the_delivery(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False)
    file = await cut(batch_engine, book.at.on)
    bank = SimulatedBank(batch_engine)
    bank._files[file.name] = "another"
    with pytest.raises(BankDisagrees):
        await deliver(batch_engine, bank, book.at)


async def test_files_of_a_day_have_modifiers_and_traces_go_on(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False)
    first = await cut(batch_engine, book.at.on)
    await book.draw(5_000, settle=False)
    second = await cut(batch_engine, book.at.on)
    assert (first.modifier, second.modifier) == ("A", "B")
    traces = [read(await bytes_of(batch_engine, f)).batches[0].entries[0].trace for f in (first, second)]
    assert [t[8:] for t in traces] == ["0000001", "0000002"]


async def test_without_its_file_at_the_bank_nothing_settles(batch_engine):
    book = await open_book(batch_engine)
    done = await book.draw(30_000, settle=False)
    await cut(batch_engine, book.at.on)
    due = Moment(done.settles_on, time(8))
    assert await settle_due(batch_engine, due) == 0
    await deliver(batch_engine, SimulatedBank(batch_engine), due)
    assert await settle_due(batch_engine, due) == 1
    assert await settle_due(batch_engine, due) == 0
    assert await states(batch_engine) == [("draw", "settled")]


async def test_an_instant_draw_of_unknown_outcome_is_asked_about_and_not_sent_again(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False, speed="instant")
    assert await cut(batch_engine, book.at.on) is None

    class Breaking(SimulatedBank):
        paid = 0

        async def pay_out(self, *payout):
            await super().pay_out(*payout)
            self.paid += 1
            raise ConnectionError

    bank = Breaking(batch_engine)
    with pytest.raises(ConnectionError):
        await pay_out_instantly(batch_engine, bank, book.at)
    assert await states(batch_engine) == [("draw", "submitted")]
    assert await pay_out_instantly(batch_engine, bank, book.at) == 1
    assert bank.paid == 1
    assert await states(batch_engine) == [("draw", "settled")]


async def test_what_cannot_leave_is_told(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False)
    async with transaction(batch_engine, BANK) as conn:
        await conn.execute(text("UPDATE core.bank_accounts SET status = 'blocked'"))
    assert await cut(batch_engine, book.at.on) is None
    async with transaction(batch_engine, BANK) as conn:
        (held,) = await files.held_back(conn, book.at.on)
    assert (held.why, held.amount_cents) == ("account_blocked", 30_000)


async def test_numbers_are_versions_that_erasure_deletes(batch_engine, engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False)
    file = await cut(batch_engine, book.at.on)
    before = await bytes_of(batch_engine, file)
    async with transaction(batch_engine, BANK) as conn:
        known = await numbers.find(conn, book.bank_account_id)
        other = AccountNumbers(known.routing, "0099887766", known.holder)
        assert await numbers.keep(conn, book.bank_account_id, book.customer_id, other) == 2
        assert await numbers.keep(conn, book.bank_account_id, book.customer_id, other) == 2
    assert await bytes_of(batch_engine, file) == before
    async with transaction(engine, book.customer) as conn:
        with pytest.raises(Exception, match="permission denied"):
            await conn.execute(text("SELECT sealed FROM core.account_numbers"))
    async with transaction(batch_engine, BANK) as conn:
        await conn.execute(text("SELECT core.erase_customer(:id)"), {"id": book.customer_id})
        assert await numbers.find(conn, book.bank_account_id) is None
    with pytest.raises(NumbersMissing):
        await bytes_of(batch_engine, file)


async def test_totals_of_files_tie_to_the_transfers(batch_engine):
    book = await open_book(batch_engine)
    await book.draw(30_000, settle=False)
    file = await cut(batch_engine, book.at.on)
    async with transaction(batch_engine, BANK) as conn:
        (total,) = await files.totals(conn, book.at.on, book.at.on)
    assert (total.file_id, total.kind, total.state) == (file.file_id, "draw", "submitted")
    assert (total.entries, total.cents) == (file.entries, file.credit_cents)


@pytest.mark.parametrize(
    ("today", "through"),
    [
        (date(2026, 3, 18), date(2026, 3, 16)),
        (date(2026, 3, 17), date(2026, 3, 15)),
        (date(2026, 3, 16), date(2026, 3, 12)),
        (date(2026, 3, 15), date(2026, 3, 11)),
        (date(2026, 11, 30), date(2026, 11, 26)),
    ],
)
def test_payments_settle_two_business_days_after_their_day(today, through):
    assert payments_through(today) == through


async def test_account_numbers_lie_sealed_and_open_for_their_own_row_alone(batch_engine):
    book = await open_book(batch_engine)
    async with transaction(batch_engine, BANK) as conn:
        known = await numbers.find(conn, book.bank_account_id)
        (row,) = (await conn.execute(text("SELECT * FROM core.account_numbers"))).mappings().all()
        (others,) = await accounts.of_customer(conn, book.customer_id)
    assert known.account.encode() not in row["sealed"]
    assert known.account not in {str(value) for value in row.values()}
    assert known.account.endswith(others.last4)
    assert numbers.opened(book.bank_account_id, 1, row["key_id"], row["sealed"]) == known.account
    with pytest.raises(NumbersSealed, match=f"of {book.bank_account_id}:2 is not what was sealed"):
        numbers.opened(book.bank_account_id, 2, row["key_id"], row["sealed"])


def test_a_new_key_seals_and_the_old_one_still_opens():
    first, second = "1" * 64, "2" * 64
    before = vault_of({"CASHLINE_ACCOUNTS_KEY": first}).seal("0001112223", "bank_1:1")
    ring = vault_of({"CASHLINE_ACCOUNTS_KEY": f"{second},{first}"})
    assert ring.open(before, "bank_1:1") == "0001112223"
    after = ring.seal("0001112223", "bank_1:1")
    assert after.key_id != before.key_id
    assert after.data != ring.seal("0001112223", "bank_1:1").data
    with pytest.raises(NumbersSealed, match=f"no key {before.key_id}"):
        vault_of({"CASHLINE_ACCOUNTS_KEY": second}).open(before, "bank_1:1")


def test_without_a_setting_the_key_lies_under_the_home(tmp_path):
    sealed = vault_of({"CASHLINE_HOME": str(tmp_path)}).seal("123", "bank_1:1")
    key = (tmp_path / "keys" / "accounts.key").read_bytes().hex()
    assert vault_of({"CASHLINE_ACCOUNTS_KEY": key}).open(sealed, "bank_1:1") == "123"


def sealed_as_in_0018(connection):
    """That one migration, on books that have all the later ones."""
    with Operations.context(MigrationContext.configure(connection)):
        import_module("ledger_core.store.migrations.versions.0018_sealed_numbers").upgrade()


async def test_numbers_that_were_kept_in_clear_are_sealed_by_the_migration(batch_engine, owner_engine):
    book = await open_book(batch_engine)
    async with transaction(batch_engine, BANK) as conn:
        known = await numbers.find(conn, book.bank_account_id)
    async with transaction(owner_engine, BANK) as conn:
        await conn.execute(text("ALTER TABLE core.account_numbers ADD COLUMN account text"))
        await conn.execute(text("UPDATE core.account_numbers SET account = :account"), {"account": known.account})
        await conn.execute(text("ALTER TABLE core.account_numbers DROP COLUMN key_id, DROP COLUMN sealed"))
        await conn.run_sync(sealed_as_in_0018)
    async with transaction(batch_engine, BANK) as conn:
        assert await numbers.find(conn, book.bank_account_id) == known
        columns = (await conn.execute(text("SELECT * FROM core.account_numbers"))).keys()
        assert "account" not in set(columns)
