"""The demo book: invented people, their habits and stories, a year of life through the real commands."""

from ledger_core.demo.people import CustomerRow, customers
from ledger_core.demo.seed import SeedReport, is_complete, seed

__all__ = ["CustomerRow", "SeedReport", "customers", "is_complete", "seed"]
