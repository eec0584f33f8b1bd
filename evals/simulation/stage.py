"""Where scenarios are played: the demo book once, and a clone of it with a platform for each scenario."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from agent.memory import Checkpoints
from agent.models import ModelChain
from agent.platform import Platform
from agent.rails.nemo import Rails
from agent.tracing import Tracer
from evals.platform import OneProcess, prepare_book
from ledger_core.dates import SystemClock
from ledger_core.ids import new_id
from ledger_core.store import embedded
from ledger_core.store.binaries import forget_place
from ledger_core.store.embedded import DATABASE, SUPERUSER, EmbeddedServer
from ledger_core.store.postgres import make_engine
from tools.executor import Executor
from tools.knowledge.embed import MiniLM
from tools.registry import CUSTOMER_TOOLS


@dataclass
class Stage:
    """A server with the demo book in its own database, to which nobody is connected while scenarios are played."""

    server: EmbeddedServer
    embedder: MiniLM
    rails: Rails
    tracer: Tracer
    book: str

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The name of a fresh copy of the demo book, which is dropped when left. It takes longer than most turns."""
        name = new_id("scene")
        self._admin(f"CREATE DATABASE {name} TEMPLATE {self.book} OWNER cashline_owner")
        try:
            yield name
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def platform(self, models: ModelChain, name: str) -> AsyncIterator[Platform]:
        """A platform over that copy."""
        url = self.server.dsn(name, "cashline_app")
        engine, checkpoints, clock = (
            make_engine(url, pool_size=4),
            Checkpoints(url, os.urandom(32), pool_size=2),
            SystemClock(),
        )
        await checkpoints.open()
        try:
            yield Platform(
                engine=engine,
                clock=clock,
                executor=Executor(engine, clock, CUSTOMER_TOOLS, self.embedder),
                embedder=self.embedder,
                rails=self.rails,
                models=models,
                tracer=self.tracer,
                saver=checkpoints.saver,
                lock=OneProcess(),
            )
        finally:
            await models.close()
            await checkpoints.close()
            await engine.dispose()

    def _admin(self, command: str) -> None:
        with psycopg.connect(self.server.dsn("postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(command.encode())


@contextmanager
def scenery() -> Iterator[tuple[EmbeddedServer, Path]]:
    """A server for books that may be lost, in a folder of its own; gone when left."""
    home = Path(tempfile.mkdtemp(prefix="cashline-scenes-"))
    home.chmod(0o755)
    server = embedded.start(home, durable=False)
    try:
        yield server, home
    finally:
        server.stop()
        forget_place(server.place)
        shutil.rmtree(home)


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A stage with the demo book, ready to be played on."""
    with scenery() as (server, _):
        embedder, tracer = MiniLM(), Tracer()
        await prepare_book(server, embedder, SystemClock())
        try:
            yield Stage(server, embedder, Rails(), tracer, DATABASE)
        finally:
            tracer.close()
