"""The nightly work: closes the day that ended and opens the business date, for every line, once."""

from ledger_core.nightly.catch_up import catch_up
from ledger_core.nightly.night import Night
from ledger_core.nightly.reconciliation import check_books
from ledger_core.nightly.report import NightlyReport
from ledger_core.nightly.run import run

__all__ = ["Night", "NightlyReport", "catch_up", "check_books", "run"]
