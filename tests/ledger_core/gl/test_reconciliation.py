"""The reconciliation: a sound book says nothing, and each kind of difference is named with its line and its cents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.commands.grant_promotion import grant_promotion
from ledger_core.commands.make_payment import make_payment
from ledger_core.errors import DayNotClosed
from ledger_core.gl.checks import Difference
from ledger_core.gl.reconciliation import Reconciliation, print_out, reconcile
from ledger_core.store.postgres import transaction
from tests.ledger_core.gl.conftest import TESTER, yesterday
from tests.ledger_core.nightly.conftest import AUTOPAY, LATE, World, bank_of


async def plant(owner: AsyncEngine, table: str, change: str, **given: object) -> None:
    """Change the books as nobody may: as their owner, with the triggers off."""
    async with transaction(owner, TESTER) as conn:
        await conn.execute(text(f"ALTER TABLE core.{table} DISABLE TRIGGER USER"))
        changed = await conn.execute(text(change), given)
        await conn.execute(text(f"ALTER TABLE core.{table} ENABLE TRIGGER USER"))
    assert changed.rowcount == 1


def found(done: Reconciliation, check: str) -> list[Difference]:
    return [difference for checked, difference in done.differences if checked.name == check]


async def test_a_sound_book_has_no_differences_on_any_day(lived: World) -> None:
    for days in (20, 5, 0):
        done = await reconcile(lived.engine, yesterday(lived) - timedelta(days=days), every_line=True)
        assert done.differences == ()
        assert all(check.compared > 0 for check in done.checked)
    assert "Everything agrees." in print_out(done)


async def test_a_day_that_is_not_closed_is_an_error(lived: World) -> None:
    with pytest.raises(DayNotClosed):
        await reconcile(lived.engine, lived.today)


async def test_facts_of_the_open_day_are_no_difference(lived: World) -> None:
    paid = {"amount_cents": 5000, "bank_account_id": bank_of(AUTOPAY)}
    await lived.act(make_payment, AUTOPAY, pay_on=lived.today, **paid)
    assert (await reconcile(lived.engine, yesterday(lived), every_line=True)).differences == ()


async def test_a_posting_of_the_ledger_that_was_changed_is_found_by_day_and_account(
    lived: World, lived_owner: AsyncEngine
) -> None:
    await plant(
        lived_owner,
        "gl_postings",
        "UPDATE core.gl_postings p SET amount_cents = amount_cents + 100 FROM core.gl_entries e"
        " WHERE e.booked_on = p.booked_on AND e.number = p.number AND e.kind = 'interest_billed' AND p.account = '1220'",
    )
    done = await reconcile(lived.engine, yesterday(lived))
    total, day = found(done, "ledger_against_lines")
    assert (total.about, int(total.found) - int(total.expected)) == ("cash_line_flex 1220", 100)
    assert day.what == "2026-03-26 interest_billed"
    (unbalanced,) = found(done, "ledger_balances")
    assert (unbalanced.about, unbalanced.found) == ("cash_line_flex 2026-03-26", "100")
    assert [difference.about for difference in found(done, "ledger_days")] == ["2026-03-26"]
    assert "1.00" in print_out(done)


async def test_a_day_of_the_ledger_that_was_closed_anew_is_found(
    lived: World, lived_owner: AsyncEngine
) -> None:
    await plant(
        lived_owner, "gl_days", "UPDATE core.gl_days SET hash = sha256('x') WHERE booked_on = '2026-03-10'"
    )
    done = await reconcile(lived.engine, yesterday(lived))
    assert [d.about for d in found(done, "ledger_days")] == ["2026-03-10", "2026-03-11"]


async def test_a_posting_of_a_line_that_was_changed_is_found_with_its_line_and_cents(
    lived: World, lived_owner: AsyncEngine
) -> None:
    await plant(
        lived_owner,
        "postings",
        "UPDATE core.postings SET amount_cents = amount_cents + 7"
        " WHERE line_id = :line AND account = 'interest_income'",
        line=LATE,
    )
    done = await reconcile(lived.engine, yesterday(lived), every_line=True)
    (difference,) = found(done, "balances_against_postings")
    assert (difference.line_id, difference.about) == (LATE, "interest_income")
    assert int(difference.found) - int(difference.expected) == 7
    assert [d.line_id for d in found(done, "chains")] == [LATE]
    assert LATE in print_out(done)


async def test_a_balance_that_was_changed_is_found_by_every_check_that_reads_it(
    lived: World, lived_owner: AsyncEngine
) -> None:
    await plant(
        lived_owner,
        "ledger_balances",
        "UPDATE core.ledger_balances SET debit_cents = debit_cents + 500"
        " WHERE line_id = :line AND account = 'principal_receivable' AND stage = 'posted'",
        line=LATE,
    )
    done = await reconcile(lived.engine, yesterday(lived), every_line=True)
    for check in ("balances_against_postings", "accounts_against_replay"):
        (difference,) = found(done, check)
        assert (difference.line_id, difference.about) == (LATE, "principal_receivable")
        assert int(difference.found) - int(difference.expected) == 500
    (total,) = found(done, "ledger_against_lines")
    assert (total.about, int(total.expected) - int(total.found)) == ("cash_line_flex 1210", 500)


async def test_a_projection_that_was_changed_is_found(lived: World, lived_owner: AsyncEngine) -> None:
    await plant(
        lived_owner,
        "line_projection",
        "UPDATE core.line_projection SET owed_cents = owed_cents - 1 WHERE line_id = :line",
        line=AUTOPAY,
    )
    done = await reconcile(lived.engine, yesterday(lived), every_line=True)
    (difference,) = found(done, "projections")
    assert (difference.line_id, difference.about) == (AUTOPAY, "owed_cents")
    assert int(difference.found) - int(difference.expected) == -1


async def test_a_promotion_that_begins_by_itself_is_no_difference(lived: World) -> None:
    begins = {"starts_on": lived.today + timedelta(days=1), "ends_on": lived.today + timedelta(days=9)}
    await lived.act(grant_promotion, AUTOPAY, apr_bp=99, **begins)
    await lived.pass_days(2)
    for days in (0, 1):
        done = await reconcile(lived.engine, yesterday(lived) - timedelta(days=days), every_line=True)
        assert done.differences == ()


@pytest.mark.parametrize(("state", "other"), [("settled", "submitted"), ("submitted", "settled")])
async def test_a_payment_that_the_bank_and_the_lines_tell_apart_is_found(
    lived: World, lived_owner: AsyncEngine, state: str, other: str
) -> None:
    await plant(
        lived_owner,
        "transfers",
        "UPDATE core.transfers SET state = :state WHERE line_id = :line AND kind = 'payment' AND state = :other",
        line=LATE,
        state=state,
        other=other,
    )
    done = await reconcile(lived.engine, yesterday(lived))
    moved = 10_000 if state == "settled" else -10_000
    assert [(d.line_id, d.about, int(d.expected) - int(d.found)) for d in found(done, "bank")] == [
        (LATE, "cash", moved),
        (LATE, "cash_clearing_payments", -moved),
    ]


async def test_a_draw_that_never_left_is_found_on_the_line_and_in_transit(
    world: World, owner_engine: AsyncEngine
) -> None:
    await world.pass_days(1)
    await plant(
        owner_engine,
        "transfers",
        "UPDATE core.transfers SET amount_cents = 79_900 WHERE line_id = :line AND kind = 'draw'",
        line=LATE,
    )
    await world.pass_days(6)
    done = await reconcile(world.engine, yesterday(world))
    (bank,) = found(done, "bank")
    assert (bank.line_id, bank.about, bank.expected, bank.found) == (
        LATE,
        "cash_clearing_draws",
        "-79900",
        "-80000",
    )
    (transit,) = found(done, "draws_cleared")
    assert (transit.about, transit.found) == ("cash_line_flex", "-100")


async def test_a_file_that_says_other_than_its_entries_is_found(lived: World, lived_owner: AsyncEngine) -> None:
    await plant(
        lived_owner,
        "bank_files",
        "UPDATE core.bank_files SET debit_cents = debit_cents + 700"
        " WHERE file_id = (SELECT min(file_id) FROM core.bank_files WHERE debit_cents > 0)",
    )
    (difference,) = found(await reconcile(lived.engine, yesterday(lived)), "bank_files")
    assert difference.what == "debits"
    assert int(difference.expected) - int(difference.found) == 700


async def test_a_transfer_that_was_sent_and_looks_unsent_is_found(lived: World, lived_owner: AsyncEngine) -> None:
    await plant(
        lived_owner,
        "transfers",
        "UPDATE core.transfers SET state = 'created' WHERE transfer_id = (SELECT min(transfer_id) FROM core.bank_entries)",
    )
    (difference,) = found(await reconcile(lived.engine, yesterday(lived)), "bank_entries")
    assert difference.line_id
    assert int(difference.found) == 0


async def test_an_accrual_that_was_changed_is_found_by_ledger_and_replay(
    lived: World, lived_owner: AsyncEngine
) -> None:
    await plant(
        lived_owner,
        "accruals",
        "UPDATE core.accruals SET microcents = microcents + 11 WHERE line_id = :line AND accrued_on = :on",
        line=LATE,
        on=yesterday(lived),
    )
    done = await reconcile(lived.engine, yesterday(lived), every_line=True)
    (ledger,) = found(done, "interest_not_billed")
    (replay,) = found(done, "accrual_against_replay")
    assert (ledger.about, int(ledger.expected) - int(ledger.found)) == ("cash_line_flex", 11)
    assert (replay.line_id, int(replay.found) - int(replay.expected)) == (LATE, 11)


async def test_what_was_found_is_kept_for_the_operators(lived: World, lived_owner: AsyncEngine) -> None:
    await reconcile(lived.engine, yesterday(lived))
    await plant(
        lived_owner,
        "line_projection",
        "UPDATE core.line_projection SET status = 'closed' WHERE line_id = :line",
        line=LATE,
    )
    done = await reconcile(lived.engine, yesterday(lived), every_line=True)
    runs = await lived.rows("SELECT differences FROM core.gl_reconciliations ORDER BY reconciliation_id")
    assert runs == [(0,), (1,)]
    kept = await lived.rows(
        "SELECT check_name, line_id, about, expected, found FROM core.gl_differences"
        " WHERE reconciliation_id = :id",
        id=done.reconciliation_id,
    )
    assert kept == [("projections", LATE, "status", "open", "closed")]
