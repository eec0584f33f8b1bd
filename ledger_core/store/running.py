"""Find the database of a running installation, for commands on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from ledger_core.store.binaries import find_place
from ledger_core.store.embedded import EmbeddedServer

_BATCH = "cashline_batch"


def batch_url(home: Path, environment: Mapping[str, str]) -> str:
    """The URL for the batch role: of CASHLINE_BATCH_DATABASE_URL or DATABASE_URL, else of the embedded server."""
    if named := environment.get("CASHLINE_BATCH_DATABASE_URL"):
        return named
    if whole := environment.get("DATABASE_URL"):
        return make_url(whole).set(username=_BATCH).render_as_string(hide_password=False)
    return running_server(home)


def running_server(home: Path) -> str:
    """The URL, for the batch role, of the server that runs in that home; ends the program when none does."""
    if not home.is_dir():
        raise SystemExit(f"there is no {home}: start the server first, or name its home with --home")
    url = EmbeddedServer(find_place(home)).dsn(role=_BATCH)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        raise SystemExit(f"no server runs in {home}: start it first, or name its home with --home") from None
    return url
