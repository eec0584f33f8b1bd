"""The platform in this process, over an embedded server of its own with the demo book, without HTTP and worker."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agent.platform import Platform
from api.bootstrap import database_urls, ingest_policies, make_embedder, migrate_all, open_services
from api.settings import read_settings
from ledger_core.dates import SystemClock, eastern
from ledger_core.demo import customers
from ledger_core.demo.seed import seed
from ledger_core.store import embedded
from ledger_core.store.postgres import make_engine, system, transaction


@asynccontextmanager
async def demo_platform(home: Path) -> AsyncIterator[tuple[Platform, list[str]]]:
    """The platform and the demo customers' ids. Everything below `home`; stopped when left."""
    os.environ.update(CASHLINE_HOME=str(home), CASHLINE_WORKER="false")
    settings = read_settings()
    server = embedded.start(home)
    try:
        urls = database_urls(settings, server)
        await migrate_all(urls)
        batch = make_engine(urls.batch, pool_size=4)
        print("seeding the demo book …", flush=True)
        await seed(batch, anchor=eastern(SystemClock().now()).on, progress=lambda done, total: None)
        async with transaction(batch, system("evals")) as conn:
            people = [person.customer_id for person in await customers(conn)]
        embedder = make_embedder(settings)
        await ingest_policies(batch, embedder)
        await batch.dispose()
        async with open_services(settings, urls, embedder=embedder) as services:
            yield services.assistant.platform, people
    finally:
        server.stop()
