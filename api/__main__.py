"""`python -m api`: brings up what a fresh machine needs, says what it does, leaves nothing running."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from api.home import AlreadyRunning, claimed
from api.settings import Settings, SettingsError, read_settings
from ledger_core.errors import ServerError

console = Console(highlight=False)
WRONG_SETTING, NOT_POSSIBLE = 2, 1


class PortTaken(Exception):
    """Somebody else listens on our port."""


def claim_port(settings: Settings) -> socket.socket:
    """The listening socket, taken before anything else starts. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(512)
    except OSError as problem:
        listening.close()
        raise PortTaken(
            f"Port {settings.port} on {settings.host} can't be used ({problem.strerror})."
            " Set CASHLINE_PORT to a free one, for example: CASHLINE_PORT=8001 make run"
        ) from None
    return listening


def _stop_as_ctrl_c(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def signals_wait() -> Iterator[None]:
    """Puts off a stop until the block is done: a database that is half started could not be stopped."""
    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda number, frame: asked.append(number))
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt


def main() -> int:
    """Serves until it is told to stop; the exit code."""
    signal.signal(signal.SIGTERM, _stop_as_ctrl_c)
    started = time.monotonic()
    try:
        settings = read_settings()
        with claimed(settings.home), claim_port(settings) as listening:
            return _run(settings, listening, started)
    except SettingsError as problem:
        console.print(f"[bold]A setting is wrong.[/bold]\n{problem}", markup=True)
        return WRONG_SETTING
    except (PortTaken, AlreadyRunning, ServerError) as problem:
        console.print(str(problem), markup=False)
        return NOT_POSSIBLE
    except KeyboardInterrupt:
        console.print("Stopped. Nothing is left running.")
        return 0


def _run(settings: Settings, listening: socket.socket, started: float) -> int:
    """Starts the embedded database when it is ours to start, and stops it whatever happens."""
    from ledger_core.store import embedded

    server = None
    try:
        if settings.embedded:
            console.print(f"Starting the database in {_shown(settings.home)}")
            with signals_wait():
                server = embedded.start(settings.home)
        from api.serving import prepare_and_serve

        asyncio.run(prepare_and_serve(settings, server, listening, console, started))
    finally:
        # A second Ctrl-C must not leave the database behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if server is not None:
            server.stop()
    console.print("Stopped. Nothing is left running.")
    return 0


def _shown(home: Path) -> str:
    return str(home) if home.is_absolute() else f"{home}/"


if __name__ == "__main__":
    sys.exit(main())
