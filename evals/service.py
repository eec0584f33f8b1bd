"""A running service to measure: the one at CASHLINE_URL, or one started here in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS_MAX = 900


@contextmanager
def running_service(environment: dict[str, str] | None = None) -> Iterator[str]:
    """The base URL of a ready service. One started here is stopped, with its data, when left."""
    known = os.environ.get("CASHLINE_URL")
    if known:
        yield known.rstrip("/")
        return
    with service_home() as home, started_service(home, environment) as url:
        yield url


@contextmanager
def service_home() -> Iterator[Path]:
    """An empty folder that the database server can reach, for the data of a service; gone when left."""
    with tempfile.TemporaryDirectory(prefix="cashline-evals-") as home:
        Path(home).chmod(0o755)
        yield Path(home)


@contextmanager
def started_service(home: Path, environment: dict[str, str] | None = None) -> Iterator[str]:
    """A service of our own with its data and its `service.log` below `home`; stopped when left."""
    with service_process(home, environment) as (url, _):
        yield url


@contextmanager
def service_process(
    home: Path, environment: dict[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same with its process, which may be killed meanwhile."""
    port = _free_port()
    env = {**os.environ, "CASHLINE_HOME": str(home), "CASHLINE_PORT": str(port), **(environment or {})}
    log = home / "service.log"
    with log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    try:
        _wait_ready(process, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    print(f"starting a service at {url} …", flush=True)
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"the service was not ready in {START_SECONDS_MAX} s:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
