"""The embedded Postgres server: started, adopted when alive, recovered when dead, stopped without a trace.

Signals do not reach it: it is a daemon with its own process group. When the process that started it is
killed, it goes on and the next start adopts it. `fsync` is on; only tests turn it off, since that loses
committed data.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import psycopg

from ledger_core.errors import ServerUnavailable
from ledger_core.store.binaries import Place, find_place

DATABASE = "cashline"
SUPERUSER = "postgres"
_START_SECONDS = 60
_STOP_SECONDS = 30

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server; `dsn` says how to reach it."""

    place: Place

    def dsn(self, database: str = DATABASE, role: str = "cashline_app") -> str:
        """The libpq URL of a database as a role, over the unix socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.place.sockets), safe='')}"

    def stop(self) -> None:
        """Close every connection and end the server; nothing is left running. Stopping twice is fine."""
        with _only_one(self.place):
            if _postmaster(self.place) is None:
                return
            for mode in ("fast", "immediate"):
                stopped = _run(self.place, "pg_ctl", "stop", "-w", "-m", mode, "-t", str(_STOP_SECONDS))
                if stopped.returncode == 0:
                    return
            raise ServerUnavailable(f"Postgres does not stop: {stopped.stdout}")


def start(home: Path, *, durable: bool = True) -> EmbeddedServer:
    """The server of a home, with the roles and the database `cashline`; idempotent.

    durable: False turns fsync off, for tests alone.
    Raises ServerUnavailable, BinariesMissing.
    """
    place = find_place(home)
    server = EmbeddedServer(place)
    if not place.root.is_relative_to(home.resolve()):
        _log.info("the database lives in %s: the user it runs as cannot reach %s", place.root, home)
    with _only_one(place):
        if not _answers(server):
            _initialise(place, durable)
            _launch(server, durable)
        _prepare(server)
    return server


def _initialise(place: Place, durable: bool) -> None:
    if (place.data / "global" / "pg_control").exists():
        return
    place.data.mkdir(mode=0o700, exist_ok=True)
    if place.user is not None:
        os.chown(place.data, place.user.uid, place.user.gid)
    made = _run(
        place,
        *("initdb", "-U", SUPERUSER, "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
        *("--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    )
    if made.returncode != 0:
        raise ServerUnavailable(f"initdb failed: {made.stdout}")


def _launch(server: EmbeddedServer, durable: bool) -> None:
    """Start the postmaster and wait until it answers; after a crash that includes the recovery."""
    place = server.place
    _forget_stale_pid(place)
    _write_settings(place, durable)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        started = _run(place, "pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-l", str(place.log))
        if _answers(server):
            return
        # The children of a killed postmaster take a moment to leave the shared memory.
        if time.monotonic() > deadline:
            raise ServerUnavailable(f"Postgres does not start: {started.stdout}{_end_of_log(place)}")
        time.sleep(1 / 5)


def _write_settings(place: Place, durable: bool) -> None:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{place.sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "max_wal_size": "2GB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    (place.data / "cashline.conf").write_text(text)
    main = place.data / "postgresql.conf"
    line = "include = 'cashline.conf'\n"
    if line not in main.read_text():
        main.write_text(main.read_text() + line)
    if place.user is not None:
        os.chown(place.data / "cashline.conf", place.user.uid, place.user.gid)
        place.log.touch()
        os.chown(place.log, place.user.uid, place.user.gid)


def _prepare(server: EmbeddedServer) -> None:
    """The roles, pgvector in the template, and the product's database."""
    roles = files("ledger_core.store").joinpath("sql/roles.sql").read_text()
    with psycopg.connect(server.dsn("template1", SUPERUSER), autocommit=True) as connection:
        connection.execute(roles.encode())
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'cashline'").fetchone()
    if found is None:
        with psycopg.connect(server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute("CREATE DATABASE cashline OWNER cashline_owner")


def _answers(server: EmbeddedServer) -> bool:
    """Whether the server behind our socket takes connections and serves our own data."""
    if not server.place.sockets.joinpath(".s.PGSQL.5432").exists():
        return False
    try:
        with psycopg.connect(server.dsn("postgres", SUPERUSER), connect_timeout=5) as connection:
            row = connection.execute("SELECT current_setting('data_directory')").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]) == server.place.data


def _postmaster(place: Place) -> int | None:
    """The process id of our postmaster; None when it is gone, also if another process has its number now."""
    try:
        pid = int((place.data / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    command = _command_of(pid)
    return pid if "postgres" in command and str(place.data) in command else None


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    listed = subprocess.run(["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True)  # noqa: S603
    return listed.stdout


def _forget_stale_pid(place: Place) -> None:
    """Postgres would wait for any process that got the number of a dead postmaster."""
    if _postmaster(place) is None:
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def _run(place: Place, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    user = place.user
    libraries = str(place.programs / "lib")
    return subprocess.run(  # noqa: S603  our own program and arguments
        [str(place.programs / "bin" / program), "-D", str(place.data), *arguments],
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        env={"LD_LIBRARY_PATH": libraries, "LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        start_new_session=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _end_of_log(place: Place) -> str:
    return "\n" + place.log.read_text(errors="replace")[-2000:] if place.log.exists() else ""


@contextmanager
def _only_one(place: Place) -> Iterator[None]:
    """Two processes that start the same home at once take turns; otherwise both would launch."""
    with (place.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
