"""A server of its own, and databases cloned from prepared ones: each experiment starts from the same books."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Composable, Identifier
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.ids import new_id
from ledger_core.store import embedded
from ledger_core.store.binaries import forget_place
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.migrating import migrate_now
from ledger_core.store.postgres import make_engine

EMPTY = "crash_empty"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'core' AND tablename <> 'alembic_version'"
_KEEP = SQL("CREATE TABLE kept.{0} AS TABLE core.{0}")
_BACK = SQL("DELETE FROM core.{}; INSERT INTO core.{} TABLE kept.{};")
ROLE = "cashline_batch"
"""of the experiments: it may run commands and nights alike"""


@dataclass(frozen=True)
class Arena:
    """A running server and the name of a migrated database that nobody is connected to."""

    server: EmbeddedServer
    empty: str

    def clone(self, prepared: str) -> str:
        """The name of a new database that holds what the prepared one holds."""
        name = new_id("crash")
        self.admin(f"CREATE DATABASE {name} TEMPLATE {prepared} OWNER cashline_owner")
        return name

    def drop(self, name: str) -> None:
        """Forget a database, whoever is connected to it."""
        self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def admin(self, command: str) -> None:
        """Run a command of the superuser outside a transaction."""
        with psycopg.connect(self.server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(command.encode())

    @asynccontextmanager
    async def database(self, prepared: str | None = None) -> AsyncIterator[str]:
        """A clone of a prepared database, or of the empty one, for as long as it is used; its name."""
        name = self.clone(prepared or self.empty)
        try:
            yield name
        finally:
            self.drop(name)

    @contextmanager
    def kept(self, name: str) -> Iterator[Callable[[], None]]:
        """Keeps what the books of a database say now; calling what it yields puts them back.

        Faster than a clone. It works beneath the triggers that forbid changes, as only a superuser can.
        """
        with psycopg.connect(self.server.dsn(name, SUPERUSER), autocommit=True) as connection:
            tables = [Identifier(row[0]) for row in connection.execute(_TABLES)]
            connection.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
            connection.execute("SET session_replication_role = replica")
            for table in tables:
                connection.execute(_KEEP.format(table))
            back = SQL("BEGIN; {} COMMIT").format(SQL("").join(_BACK.format(t, t, t) for t in tables))
            yield lambda: _run(connection, back)

    @asynccontextmanager
    async def engine(self, name: str, pool_size: int = 4) -> AsyncIterator[AsyncEngine]:
        """An engine on a database under the role of the experiments."""
        made = make_engine(self.server.dsn(name, ROLE), pool_size=pool_size)
        try:
            yield made
        finally:
            await made.dispose()


@contextmanager
def arena() -> Iterator[Arena]:
    """A server in a folder of its own with an empty migrated database; gone when left. Its fsync is off."""
    with _home(durable=False) as (_, made):
        yield made


@contextmanager
def durable_home() -> Iterator[tuple[Path, Arena]]:
    """The same with fsync on, and its home, to start it again from."""
    with _home(durable=True) as both:
        yield both


@contextmanager
def _home(*, durable: bool) -> Iterator[tuple[Path, Arena]]:
    home = Path(tempfile.mkdtemp(prefix="cashline-crash-"))
    home.chmod(0o755)
    server = embedded.start(home, durable=durable)
    try:
        made = Arena(server, EMPTY)
        made.admin(f"CREATE DATABASE {EMPTY} OWNER cashline_owner")
        migrate_now(server.dsn(EMPTY, "cashline_owner"), "ledger_core.store")
        yield home, made
    finally:
        server.stop()
        forget_place(server.place)
        shutil.rmtree(home)


def _run(connection: psycopg.Connection, command: Composable) -> None:
    connection.execute(command)
