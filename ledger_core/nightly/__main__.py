"""The nightly work from the command line: `run` a night, or `reconcile` the books as of the last one."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.nightly.reconciliation import check_books
from ledger_core.nightly.report import NightlyReport
from ledger_core.nightly.run import run
from ledger_core.store.postgres import make_engine
from ledger_core.store.running import running_server


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and do it; 1 when something differs or was refused, for schedulers to see."""
    options = _options(arguments)
    os.environ["CASHLINE_HOME"] = str(options.home)  # whose key opens account numbers
    url = options.url or running_server(options.home)
    if options.command == "run":
        report = asyncio.run(
            _with_engine(url, lambda engine: run(engine, options.on, workers=options.workers))
        )
    else:
        report = asyncio.run(
            _with_engine(url, lambda engine: check_books(engine, full=options.full, workers=options.workers))
        )
    print(json.dumps({"business_date": report.business_date.isoformat(), **report.to_json()}, indent=2))
    return 1 if report.differences or report.not_done else 0


async def _with_engine(
    url: str, do: Callable[[AsyncEngine], Coroutine[Any, Any, NightlyReport]]
) -> NightlyReport:
    engine = make_engine(url, pool_size=2)
    try:
        return await do(engine)
    finally:
        await engine.dispose()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ledger_core.nightly", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("CASHLINE_HOME", ".cashline")))
    parser.add_argument("--url", help="another database, as the batch role, instead of the home's server")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="do the night into a business date")
    running.add_argument("--on", type=date.fromisoformat, required=True, help="the date that opens")
    checking = commands.add_parser(
        "reconcile", help="hold the books against the replay, as of the last night"
    )
    checking.add_argument("--full", action="store_true", help="every line, not only those touched since")
    for command in (running, checking):
        command.add_argument("--workers", type=int, default=1, help="processes that share the lines out")
    options = parser.parse_args(arguments)
    if options.workers < 1:
        parser.error("--workers must be 1 or more")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
