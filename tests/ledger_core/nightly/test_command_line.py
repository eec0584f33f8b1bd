"""`python -m ledger_core.nightly` over a database."""

from __future__ import annotations

import asyncio
import json

import pytest

from ledger_core.nightly.__main__ import main
from ledger_core.store.postgres import make_engine
from tests.conftest import Database
from tests.ledger_core.nightly.conftest import begin


def test_a_night_and_a_full_reconciliation_run_from_the_command_line(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    url = database.url("cashline_batch")

    async def three_lines() -> None:
        engine = make_engine(url)
        await begin(engine)
        await engine.dispose()

    asyncio.run(three_lines())
    assert main(["--url", url, "run", "--on", "2026-03-03"]) == 0
    night = json.loads(capsys.readouterr().out)
    assert (night["business_date"], night["counts"]["reconcile"]) == ("2026-03-03", 3)
    assert main(["--url", url, "reconcile", "--full", "--workers", "2"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"reconcile": 3}
