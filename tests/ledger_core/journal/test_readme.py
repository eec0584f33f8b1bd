"""The chart of accounts in the README is the chart of the code."""

from pathlib import Path

import ledger_core
from ledger_core.journal.chart import CHART


def test_the_readme_shows_the_chart_as_it_is() -> None:
    text = (Path(ledger_core.__file__).parent / "README.md").read_text(encoding="utf-8")
    for account in CHART:
        row = f"| {account.name} | {account.normal_balance} | {account.owner} | {account.holds} |"
        assert row in text
