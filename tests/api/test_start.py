"""`python -m api`: says what is wrong, and leaves nothing running however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger_core.store.binaries import find_place, forget_place

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home() -> Iterator[Path]:
    # pytest's own folders have mode 0700: a system user that runs Postgres could not reach them.
    folder = Path(tempfile.mkdtemp(prefix="cashline-start-"))
    folder.chmod(0o755)
    yield folder
    forget_place(find_place(folder))
    shutil.rmtree(folder)


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts `python -m api` with a home of its own; whatever is left is killed at the end."""
    begun: list[subprocess.Popen[str]] = []

    def one(**environment: str) -> subprocess.Popen[str]:
        settings = {**os.environ, "CASHLINE_HOME": str(home), "COLUMNS": "200", **environment}
        command = [sys.executable, "-m", "api"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        begun.append(process)
        return process

    yield one
    for process in begun:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def running_from(home: Path) -> list[str]:
    """The commands of all processes that have this home in their command line."""
    root, found = str(find_place(home).root), []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if root in command:
            found.append(command)
    return found


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CASHLINE_PORT", "eighty"),
        ("CASHLINE_PORT", "70000"),
        ("CASHLINE_LOG_LEVEL", "loud"),
        ("CASHLINE_WORKER", "perhaps"),
        ("DATABASE_URL", "mysql://localhost/cashline"),
        ("REDIS_URL", "localhost"),
        ("CASHLINE_CHECKPOINT_KEY", "short"),
        ("OPENAI_BASE_URL", "not a url"),
    ],
)
def test_a_wrong_setting_ends_the_start_and_names_itself(start: Start, name: str, value: str) -> None:
    process = start(**{name: value})
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2
    assert name in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_said_with_the_setting_that_changes_it(start: Start, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(CASHLINE_PORT=str(port))
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert str(port) in said
    assert "CASHLINE_PORT" in said
    assert running_from(home) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_start_that_is_stopped_leaves_nothing_running(start: Start, home: Path, number: int) -> None:
    process = start(CASHLINE_PORT=free_port())
    wait_until(lambda: running_from(home))
    process.send_signal(number)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    assert "Nothing is left running" in said
    assert running_from(home) == []


@pytest.mark.slow
def test_after_a_kill_the_next_start_goes_on_and_a_second_one_at_once_is_refused(
    start: Start, home: Path
) -> None:
    killed = start(CASHLINE_PORT=free_port())
    wait_until(lambda: running_from(home))
    killed.kill()
    killed.communicate()
    again = start(CASHLINE_PORT=free_port())
    assert again.stdout is not None
    wait_until(lambda: "schemas" in again.stdout.readline())
    second = start(CASHLINE_PORT=free_port())
    said, _ = second.communicate(timeout=PATIENCE_SECONDS)
    assert (second.returncode, "CASHLINE_HOME" in said) == (1, True)
    again.terminate()
    again.communicate(timeout=PATIENCE_SECONDS)
    assert again.returncode == 0
    assert running_from(home) == []
