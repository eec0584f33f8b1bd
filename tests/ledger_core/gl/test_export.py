"""The export and the commands: complete, byte-equal when repeated, and an error rather than an empty answer."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger_core.errors import DayNotClosed
from ledger_core.gl.__main__ import main
from ledger_core.gl.export import COLUMNS, export
from ledger_core.store.postgres import transaction
from tests.conftest import Database
from tests.ledger_core.gl.conftest import LIVED_DAYS, TESTER, balances, yesterday
from tests.ledger_core.nightly.conftest import OPENED, World

LAST = OPENED + timedelta(days=LIVED_DAYS - 1)


async def test_the_same_period_gives_the_same_bytes_whatever_happens_later(lived: World) -> None:
    async with transaction(lived.engine, TESTER) as conn:
        first = await export(conn, OPENED, LAST)
    await lived.pass_days(5)
    async with transaction(lived.engine, TESTER) as conn:
        assert await export(conn, OPENED, LAST) == first


async def test_the_manifest_says_whether_the_file_is_whole(lived: World) -> None:
    async with transaction(lived.engine, TESTER) as conn:
        made = await export(conn, OPENED, LAST)
    manifest = json.loads(made.manifest)
    head, *rows = csv.reader(io.StringIO(made.journal.decode()))
    amount, side = COLUMNS.index("amount"), COLUMNS.index("side")
    cents = {
        kind: sum(int(row[amount].replace(".", "")) for row in rows if row[side] == kind)
        for kind in ("debit", "credit")
    }
    assert tuple(head) == COLUMNS
    assert manifest["rows"] == len(rows) > 50
    assert manifest["entries"] == len({row[1] for row in rows})
    assert cents["debit"] == cents["credit"] == int(manifest["debit"].replace(".", ""))
    assert manifest["sha256"] == hashlib.sha256(made.journal).hexdigest()


async def test_the_export_of_all_days_adds_up_to_the_trial_balance(lived: World) -> None:
    async with transaction(lived.engine, TESTER) as conn:
        manifest = json.loads((await export(conn, OPENED, yesterday(lived))).manifest)
    found = await balances(lived)
    for account, totals in manifest["accounts"].items():
        debit, credit = (int(totals[side].replace(".", "")) for side in ("debit", "credit"))
        assert debit - credit == found.of(account)


async def test_one_period_follows_another_without_a_gap(lived: World) -> None:
    middle = OPENED + timedelta(days=10)
    async with transaction(lived.engine, TESTER) as conn:
        first = json.loads((await export(conn, OPENED, middle)).manifest)
        second = json.loads((await export(conn, middle + timedelta(days=1), LAST)).manifest)
        later = json.loads((await export(conn, middle + timedelta(days=2), LAST)).manifest)
    assert first["ledger_before"] == ""
    assert second["ledger_before"] == first["ledger_after"] != later["ledger_before"]


@pytest.mark.parametrize("last_day", [LAST + timedelta(days=1), date(2030, 1, 1)])
async def test_a_period_that_is_not_closed_is_not_exported(lived: World, last_day: date) -> None:
    async with transaction(lived.engine, TESTER) as conn:
        with pytest.raises(DayNotClosed):
            await export(conn, OPENED, last_day)


@pytest.fixture
def command(lived_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHLINE_BATCH_DATABASE_URL", lived_database.url("cashline_batch"))


@pytest.mark.usefixtures("command")
def test_the_commands_print_a_trial_balance_and_a_reconciliation_that_agree(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["trial-balance", "--on", f"{LAST}"]) == 0
    assert "1210     Loans receivable, principal" in capsys.readouterr().out
    assert main(["allowance", "--on", f"{LAST}"]) == 0
    assert "cash_line_flex" in capsys.readouterr().out
    assert main(["reconcile", "--on", f"{LAST}", "--full"]) == 0
    assert "Everything agrees." in capsys.readouterr().out
    assert main(["roll-up", "--on", f"{LAST}"]) == 0
    assert "is closed already" in capsys.readouterr().out


@pytest.mark.usefixtures("command")
@pytest.mark.parametrize("on", ["2026-03-01", "2026-03-30", "2030-01-01"])
@pytest.mark.parametrize("name", ["trial-balance", "allowance", "reconcile"])
def test_the_commands_name_a_day_that_the_ledger_cannot_answer_for(
    capsys: pytest.CaptureFixture[str], name: str, on: str
) -> None:
    assert main([name, "--on", on]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("day_not_closed: ")


@pytest.mark.usefixtures("command")
def test_the_export_writes_the_journal_and_its_manifest_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "march.csv"
    assert main(["export", "--from", f"{OPENED}", "--to", f"{LAST}", "--out", str(out)]) == 0
    manifest = json.loads((tmp_path / "march.csv.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
