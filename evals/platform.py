"""The platform in this process, over an embedded server of its own with the demo book, without HTTP and worker."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from agent.memory import Checkpoints
from agent.models import ModelChain
from agent.platform import Platform
from agent.tracing import Tracer
from ledger_core.dates import Clock, SystemClock, eastern
from ledger_core.demo import customers, seed
from ledger_core.store import embedded
from ledger_core.store.migrating import packages_with_migrations
from ledger_core.store.postgres import make_engine, migrate, system, transaction
from tools.executor import Executor
from tools.knowledge.embed import MiniLM
from tools.knowledge.ingest import ingest
from tools.registry import CUSTOMER_TOOLS


class OneProcess:
    """A turn lock for runs that never start two turns of one conversation."""

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[None]:
        yield


@asynccontextmanager
async def demo_platform(home: Path) -> AsyncIterator[tuple[Platform, list[str]]]:
    """The platform and the demo customers' ids. Everything below `home`; stopped when left."""
    server = embedded.start(home)
    try:
        embedder, clock = MiniLM(), SystemClock()
        people = await prepare_book(server, embedder, clock)
        async with _platform(server, embedder, clock, home) as platform:
            yield platform, people
    finally:
        server.stop()


@asynccontextmanager
async def demo_book(home: Path) -> AsyncIterator[AsyncEngine]:
    """The demo book alone, as the app's role, without agent and policies. Everything below `home`."""
    server = embedded.start(home)
    engine = make_engine(server.dsn(role="cashline_app"), pool_size=8)
    try:
        await migrate(server.dsn(role="cashline_owner"), "ledger_core.store")
        batch = make_engine(server.dsn(role="cashline_batch"), pool_size=4)
        print("seeding the demo book …", flush=True)
        await seed(batch, anchor=eastern(SystemClock().now()).on, progress=lambda done, total: None)
        await batch.dispose()
        yield engine
    finally:
        await engine.dispose()
        server.stop()


async def prepare_book(server: embedded.EmbeddedServer, embedder: MiniLM, clock: Clock) -> list[str]:
    """Migrates, seeds and ingests what is not there yet."""
    for package in packages_with_migrations():
        await migrate(server.dsn(role="cashline_owner"), package)
    batch = make_engine(server.dsn(role="cashline_batch"), pool_size=4)
    print("seeding the demo book …", flush=True)
    await seed(batch, anchor=eastern(clock.now()).on, progress=lambda done, total: None)
    async with transaction(batch, system("evals")) as conn:
        people = [person.customer_id for person in await customers(conn)]
        await ingest(conn, embedder)
    await batch.dispose()
    return people


@asynccontextmanager
async def _platform(
    server: embedded.EmbeddedServer, embedder: MiniLM, clock: Clock, home: Path
) -> AsyncIterator[Platform]:
    from agent.rails.nemo import Rails

    engine = make_engine(server.dsn(role="cashline_app"), pool_size=12)
    checkpoints = Checkpoints(server.dsn(role="cashline_app"), os.urandom(32))
    tracer = Tracer(local=home / "traces.jsonl")
    await checkpoints.open()
    try:
        yield Platform(
            engine=engine,
            clock=clock,
            executor=Executor(engine, clock, CUSTOMER_TOOLS, embedder),
            embedder=embedder,
            rails=Rails(),
            models=ModelChain(),
            tracer=tracer,
            saver=checkpoints.saver,
            lock=OneProcess(),
        )
    finally:
        await checkpoints.close()
        await engine.dispose()
        tracer.close()
