"""`python -m api.migrate`: brings an existing database up to date and reads the policies, then ends."""

from __future__ import annotations

import asyncio
import sys

from api.bootstrap import database_urls, hand_down, ingest_policies, make_embedder, migrate_all
from api.settings import SettingsError, read_settings
from ledger_core.store.postgres import make_engine


async def main() -> None:
    settings = read_settings()
    hand_down(settings)
    urls = database_urls(settings, None)
    await migrate_all(urls)
    engine = make_engine(urls.batch, pool_size=1)
    try:
        await ingest_policies(engine, make_embedder(settings))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except SettingsError as problem:
        sys.exit(str(problem))
