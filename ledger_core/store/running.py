"""The server that runs in a home, for the command line."""

from __future__ import annotations

from pathlib import Path

import psycopg

from ledger_core.store.binaries import find_place
from ledger_core.store.embedded import EmbeddedServer


def running_server(home: Path) -> str:
    """The URL, for the batch role, of the server that runs in that home; ends the program when none does."""
    if not home.is_dir():
        raise SystemExit(f"there is no {home}: start the server first, or name its home with --home")
    url = EmbeddedServer(find_place(home)).dsn(role="cashline_batch")
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        raise SystemExit(f"no server runs in {home}: start it first, or name its home with --home") from None
    return url
