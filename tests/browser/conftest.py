"""A server with a small book on a free port, and a Chromium that looks at it; skips where there is none."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.bootstrap import DatabaseUrls, open_services
from api.main import create_app
from api.settings import Settings
from ledger_core.dates import FixedClock
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import customers
from tests.fixtures.books import Book, open_book

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
TODAY = date(2026, 3, 16)


@dataclass
class Served:
    """A running server and the book behind it."""

    url: str
    book: Book


@pytest_asyncio.fixture
async def served(
    tmp_path: Path, engine: AsyncEngine, database: Any, clock: FixedClock
) -> AsyncIterator[Served]:
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(TODAY)
    async with transaction(engine, system("test")) as conn:
        await conn.execute(update(customers).values(story="Drew $1,500 in January."))
    settings = Settings(CASHLINE_HOME=tmp_path, CASHLINE_WORKER=False)  # type: ignore[call-arg]
    urls = DatabaseUrls(*(database.url(f"cashline_{role}") for role in ("app", "batch", "owner")))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        async with open_services(settings, urls, clock=clock) as services:
            app = create_app(settings, lambda: nullcontext(services))
            server = _Quiet(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", book)
            server.should_exit = True
            await serving


class _Quiet(uvicorn.Server):
    """Leaves the signals to pytest."""

    def capture_signals(self) -> Any:
        return nullcontext()


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(
            "Chromium is not installed (Debian: apt-get install chromium): the page is not tested here"
        )
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()
