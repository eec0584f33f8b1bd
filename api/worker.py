"""`python -m api.worker`: a worker process of its own; any number may run beside each other."""

from __future__ import annotations

import asyncio
import signal
import sys

from api.bootstrap import database_urls, hand_down, make_bank
from api.jobs import WorkerContext, running_worker
from api.settings import SettingsError, read_settings
from ledger_core.dates import SystemClock
from ledger_core.store.postgres import make_engine


async def main() -> None:
    """Works over the database of the settings until SIGINT or SIGTERM."""
    settings = read_settings()
    hand_down(settings)
    urls = database_urls(settings, None)
    engine = make_engine(urls.batch, pool_size=4)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    context = WorkerContext(urls.batch, engine, SystemClock(), make_bank(settings, engine), lambda: None)
    try:
        async with running_worker(context, alone=False):
            await stop.wait()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except SettingsError as problem:
        sys.exit(str(problem))
