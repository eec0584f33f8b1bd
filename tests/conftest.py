"""Fixtures that every test may use.

`server`        the embedded Postgres of this process, fsync off, in a folder of its own; stopped at the end
`database`      a `Database` of this test's own, cloned from a template that every package has migrated;
                `.url("cashline_app")` for a role, `.name`, `.server`; dropped afterwards
`engine`        an AsyncEngine on it as `cashline_app`, what the API and the tools use
`batch_engine`  the same as `cashline_batch`, what the nightly work and the demo use
`owner_engine`  the same as `cashline_owner`, for tests that look beneath
`clock`         a FixedClock at 2026-03-16 15:00 UTC (11:00 in New York, a Monday)

Under pytest-xdist each worker has its own server. No test reaches the network: only unix sockets and the
loopback may be connected to.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.dates import FixedClock
from ledger_core.ids import new_id
from ledger_core.store import embedded
from ledger_core.store.binaries import forget_place
from ledger_core.store.embedded import SUPERUSER, EmbeddedServer
from ledger_core.store.migrating import migrate_now, packages_with_migrations
from ledger_core.store.postgres import make_engine

TEMPLATE = "cashline_template"
os.environ.setdefault("CASHLINE_ACCOUNTS_KEY", "a5" * 32)


@dataclass(frozen=True)
class Database:
    """One test's database."""

    server: EmbeddedServer
    name: str

    def url(self, role: str = "cashline_app") -> str:
        """The libpq URL as a role; make_engine takes it as it is."""
        return self.server.dsn(self.name, role)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    # pytest's own folders have mode 0700: a system user that runs Postgres could not reach them.
    home = Path(tempfile.mkdtemp(prefix="cashline-test-"))
    home.chmod(0o755)
    running = embedded.start(home, durable=False)
    yield running
    running.stop()
    forget_place(running.place)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    """The name of a database that all packages have migrated; nobody is connected to it."""
    _admin(server, f"CREATE DATABASE {TEMPLATE} OWNER cashline_owner")
    for package in packages_with_migrations():
        migrate_now(server.dsn(TEMPLATE, "cashline_owner"), package)
    return TEMPLATE


@pytest.fixture
def database(server: EmbeddedServer, template: str) -> Iterator[Database]:
    name = new_id("test")
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template} OWNER cashline_owner")
    yield Database(server, name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database.url("cashline_app"))
    yield made
    await made.dispose()


@pytest_asyncio.fixture
async def batch_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database.url("cashline_batch"))
    yield made
    await made.dispose()


@pytest_asyncio.fixture
async def owner_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database.url("cashline_owner"))
    yield made
    await made.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 16, 15, 0, tzinfo=UTC))


def _admin(server: EmbeddedServer, command: str) -> None:
    with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(command.encode())


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Whatever a test does, it does on this machine."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex

    def connect(self: socket.socket, address: object) -> None:
        _refuse_remote(self, address)
        return real_connect(self, address)  # type: ignore[arg-type]

    def connect_ex(self: socket.socket, address: object) -> int:
        _refuse_remote(self, address)
        return real_connect_ex(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        yield


def _refuse_remote(used: socket.socket, address: object) -> None:
    if used.family == socket.AF_UNIX:
        return
    host = address[0] if isinstance(address, tuple) else address
    if host == "localhost":
        return
    try:
        local = ip_address(str(host)).is_loopback
    except ValueError:
        local = False
    if not local:
        raise RuntimeError(f"a test reached for the network: {host!r}")
