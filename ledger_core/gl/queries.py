"""The ledger's queries and the identity that runs them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ledger_core.store.postgres import named_queries, system

IDENTITY = system("general-ledger")
"""sees every line: a ledger of some of them would be wrong"""

QUERIES = named_queries(Path(str(files("ledger_core.gl"))) / "queries.sql")
