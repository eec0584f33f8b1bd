"""The demo book from the command line."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from ledger_core.demo.__main__ import move
from tests.conftest import Database


async def test_advancing_moves_the_servicing_date_by_so_many_days(database: Database) -> None:
    before, after = await move(database.url("cashline_batch"), 30)
    again, later = await move(database.url("cashline_batch"), 1)
    assert after - before == timedelta(days=30)
    assert (again, later - again) == (after, timedelta(days=1))


def test_the_people_are_told_a_line_each() -> None:
    told = _run("people")
    assert told.returncode == 0
    assert "cus_maria_gonzalez" in told.stdout


def test_advancing_without_a_server_says_so_and_starts_none(tmp_path: Path) -> None:
    refused = _run("advance", "--days", "1", "--home", str(tmp_path / "nowhere"))
    assert refused.returncode == 1
    assert "start the server first" in refused.stderr
    assert not (tmp_path / "nowhere").exists()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ledger_core.demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)
