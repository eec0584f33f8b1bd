"""The embedded server through its life, crashes included. Durable, as the product runs it."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from ledger_core.store import binaries, embedded
from ledger_core.store.binaries import find_place, forget_place

OWNER = "cashline_owner"


@pytest.fixture
def home():
    path = Path(tempfile.mkdtemp(prefix="cashline-home-"))
    path.chmod(0o755)
    yield path
    remove(path)


def remove(path: Path) -> None:
    place = find_place(path)
    embedded.EmbeddedServer(place).stop()
    forget_place(place)
    shutil.rmtree(path, ignore_errors=True)


def postmaster(server: embedded.EmbeddedServer) -> int:
    return int((server.place.data / "postmaster.pid").read_text().splitlines()[0])


def processes_of(server: embedded.EmbeddedServer) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(server.place.data) in line]


def remember(server: embedded.EmbeddedServer, number: int) -> None:
    with psycopg.connect(server.dsn(role=OWNER)) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS public.kept (number integer)")
        conn.execute("INSERT INTO public.kept VALUES (%s)", (number,))


def remembered(server: embedded.EmbeddedServer) -> list[int]:
    with psycopg.connect(server.dsn(role=OWNER)) as conn:
        return [number for (number,) in conn.execute("SELECT number FROM public.kept ORDER BY number")]


@pytest.fixture(autouse=True)
def _owner_may_create_tables(monkeypatch):
    """Only here: a table in `public` is enough to see that data is kept."""
    real = embedded._prepare

    def prepare(server):
        real(server)
        with psycopg.connect(server.dsn(role="postgres"), autocommit=True) as conn:
            conn.execute("GRANT CREATE ON SCHEMA public TO cashline_owner")

    monkeypatch.setattr(embedded, "_prepare", prepare)


def test_a_live_server_is_adopted_and_stopping_leaves_nothing(home):
    first = embedded.start(home)
    second = embedded.start(home)
    assert postmaster(first) == postmaster(second)
    second.stop()
    second.stop()
    assert processes_of(first) == []
    assert list(first.place.sockets.iterdir()) == []


def test_committed_data_outlives_kill_9_and_the_dead_lock_file(home):
    server = embedded.start(home)
    with psycopg.connect(server.dsn()) as conn:
        assert conn.execute("SHOW fsync").fetchone() == ("on",)
    for number in range(2):
        remember(server, number)
        os.kill(postmaster(server), signal.SIGKILL)
        server = embedded.start(home)
        assert remembered(server) == list(range(number + 1))


def test_a_lock_file_whose_number_another_process_has_now_is_forgotten(home):
    server = embedded.start(home)
    remember(server, 1)
    lock = server.place.data / "postmaster.pid"
    text = lock.read_text()
    server.stop()
    lines = text.splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = embedded.start(home)
    assert remembered(again) == [1]


def test_a_server_outlives_the_process_that_started_it_and_the_next_adopts_it(home):
    child = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import sys, time; from pathlib import Path; from ledger_core.store import embedded;"
            "embedded.start(Path(sys.argv[1])); print('up', flush=True); time.sleep(60)",
            str(home),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    child.kill()
    child.wait()
    child.stdout.close()
    pid = int((find_place(home).data / "postmaster.pid").read_text().splitlines()[0])
    assert postmaster(embedded.start(home)) == pid


def test_two_homes_live_side_by_side(home, server):
    other = embedded.start(home)
    remember(other, 7)
    assert other.place.sockets != server.place.sockets
    with psycopg.connect(server.dsn("postgres", "postgres")) as conn:
        assert conn.execute("SELECT to_regclass('public.kept')").fetchone() == (None,)


def test_a_home_with_a_long_path_gets_a_short_socket(home):
    deep = home / ("d" * 60) / ("e" * 60)
    server = embedded.start(deep)
    try:
        assert len(str(server.place.sockets)) < 86
        remember(server, 1)
    finally:
        remove(deep)
    assert not server.place.sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_as_root_a_home_that_the_system_user_cannot_reach_gets_a_place_that_it_can(home, caplog):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with caplog.at_level("INFO"):
        server = embedded.start(closed)
    try:
        assert not server.place.root.is_relative_to(closed)
        assert str(server.place.root) in caplog.text
        remember(server, 1)
        assert embedded.start(closed).place == server.place
    finally:
        remove(closed)
    assert not server.place.root.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_as_root_programs_that_the_system_user_cannot_reach_are_copied(home, monkeypatch):
    real = binaries._can_reach
    monkeypatch.setattr(
        binaries, "_can_reach", lambda user, path: "site-packages" not in str(path) and real(user, path)
    )
    server = embedded.start(home)
    assert "site-packages" not in str(server.place.programs)
    remember(server, 1)
    assert remembered(server) == [1]


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user, which only root may")
def test_an_ordinary_user_runs_the_server_as_themselves(home):
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    worker = os.fork()
    if worker == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            started = embedded.start(home)
            remember(started, 5)
            status = 0 if started.place.user is None and remembered(started) == [5] else 1
            started.stop()
        finally:
            os._exit(status)
    _, status = os.waitpid(worker, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_folder_that_belongs_to_somebody_else_is_not_used(home, monkeypatch):
    taken = home / "taken"
    taken.symlink_to(home)
    with pytest.raises(embedded.ServerUnavailable, match="belongs to somebody else"):
        binaries._owned_folder(taken)
