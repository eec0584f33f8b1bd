"""From a running database to an open port: migrate, seed, ingest, serve."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

import structlog
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.bootstrap import (
    DatabaseUrls,
    database_urls,
    hand_down,
    ingest_policies,
    make_embedder,
    migrate_all,
    open_services,
)
from api.main import create_app
from api.settings import Settings
from api.watched import WatchedEmbedder
from ledger_core.dates import SystemClock, eastern
from ledger_core.demo.seed import seed
from ledger_core.store.embedded import EmbeddedServer
from ledger_core.store.postgres import make_engine, system, transaction
from tools import staff
from tools.knowledge.embed import Embedder
from tools.rules import Grade

DEMO_STAFF: dict[str, Grade] = {"spec_ana": "specialist", "spec_ben": "senior", "spec_cora": "supervisor"}
"""The colleagues of the demo book."""


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
    hand_down(settings)
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
            await seed(engine, anchor=eastern(SystemClock().now()).on, progress=advance)
        async with transaction(engine, system("seed")) as conn:
            for specialist_id, grade in DEMO_STAFF.items():
                await staff.put(conn, specialist_id, grade)
    finally:
        await engine.dispose()


async def _ingest(urls: DatabaseUrls, embedder: Embedder, console: Console) -> None:
    """Reads the policy documents that are new or changed."""
    engine = make_engine(urls.batch, pool_size=1)
    with progress_bar(console, "Reading the policies") as advance:
        watched = WatchedEmbedder(embedder, advance)
        try:
            await ingest_policies(engine, watched)
        finally:
            watched.stopped = True
            await engine.dispose()


@contextmanager
def progress_bar(console: Console, title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that appears with the first step; where nothing is to be done there is none."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ExitStack() as stack:
        shown: list[Progress] = []

        def advance(done: int, total: int) -> None:
            if not shown:
                shown.append(stack.enter_context(Progress(*columns, console=console)))
                shown[0].add_task(title, total=total)
            shown[0].update(shown[0].task_ids[0], completed=done)

        yield advance


def _for_people() -> structlog.typing.Processor:
    # Plain tracebacks: the others print local variables, which may hold what a customer wrote.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def set_up_logging(settings: Settings) -> None:
    """Lines for people on a terminal, JSON elsewhere; libraries only from warning on."""
    level = getattr(logging, settings.log_level.upper())
    on_terminal = sys.stderr.isatty()
    renderer = _for_people() if on_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if on_terminal else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
