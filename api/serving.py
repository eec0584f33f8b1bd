"""From a running database to an open port: migrate, seed, ingest, serve."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import structlog
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.bootstrap import (
    DatabaseUrls,
    database_urls,
    ingest_policies,
    make_embedder,
    migrate_all,
    open_services,
)
from api.main import create_app
from api.settings import Settings
from ledger_core import demo
from ledger_core.dates import SystemClock, eastern
from ledger_core.store.embedded import EmbeddedServer
from ledger_core.store.postgres import make_engine


async def prepare_and_serve(
    settings: Settings,
    server: EmbeddedServer | None,
    listening: socket.socket,
    console: Console,
    started: float,
) -> None:
    """Serves until SIGINT or SIGTERM; either also ends the preparation."""
    stop = _Stop(asyncio.current_task())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.ask)
    set_up_logging(settings)
    urls = database_urls(settings, server)
    try:
        console.print("Bringing the schemas up to date")
        await migrate_all(urls)
        if settings.embedded:
            await _seed(urls, console)
        embedder = make_embedder(settings)
        await _ingest(urls, embedder, console)
        console.print("Loading the assistant")
        async with open_services(settings, urls, embedder=embedder) as services:
            app = create_app(settings, lambda: nullcontext(services))
            config = uvicorn.Config(
                app, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=10
            )
            stop.server = _Server(config, lambda: _say_ready(settings, console, started))
            await stop.server.serve(sockets=[listening])
    except asyncio.CancelledError:
        console.print("Stopping")


class _Stop:
    """What a signal does: end the preparation; later, let what is under way finish; the second time, not."""

    def __init__(self, preparing: asyncio.Task[object] | None) -> None:
        self._preparing = preparing
        self.server: uvicorn.Server | None = None

    def ask(self) -> None:
        if self.server is None:
            assert self._preparing is not None
            self._preparing.cancel()
            return
        self.server.force_exit = self.server.should_exit
        self.server.should_exit = True


class _Server(uvicorn.Server):
    """Says when it is up."""

    def __init__(self, config: uvicorn.Config, on_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_up = on_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_up()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours already, from before there was a server."""
        yield


def _say_ready(settings: Settings, console: Console, started: float) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    seconds = time.monotonic() - started
    console.print(
        f"\nServing on http://{host}:{settings.port}  (up in {seconds:.1f} s, Ctrl-C stops it)\n",
        markup=False,
    )


async def _seed(urls: DatabaseUrls, console: Console) -> None:
    """Writes the demo book on the first run; goes on where a run before this one was cut off."""
    engine = make_engine(urls.batch, pool_size=4)
    try:
        with progress_bar(console, "Writing the demo book") as advance:
            await demo.seed(engine, anchor=eastern(SystemClock().now()).on, progress=advance)
    finally:
        await engine.dispose()


async def _ingest(urls: DatabaseUrls, embedder: object, console: Console) -> None:
    engine = make_engine(urls.batch, pool_size=1)
    try:
        read = await ingest_policies(engine, embedder)  # type: ignore[arg-type]
    finally:
        await engine.dispose()
    if read:
        console.print(f"Read {read} policy sections")


@contextmanager
def progress_bar(console: Console, title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that appears with the first step and goes when all is done."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def set_up_logging(settings: Settings) -> None:
    """Structured lines on stderr; libraries only from warning on."""
    level = getattr(logging, settings.log_level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
