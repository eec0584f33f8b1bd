"""Pricing from the command line: what lines and cohorts earn, cost and are worth."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from rich.console import Console

from ledger_core.dates import SystemClock
from ledger_core.errors import CashLineError
from ledger_core.pricing.report import report, terminal_table
from ledger_core.queries.economics import Economics, economics
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.running import batch_url


def main(arguments: list[str] | None = None) -> int:
    """0 when it is printed and written, 2 when no assumptions are in force."""
    parser = argparse.ArgumentParser(prog="python -m ledger_core.pricing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("economics", help="a table of cohorts, and a page with plots")
    command.add_argument("--out", type=Path, default=Path("economics.html"), metavar="FILE")
    home = Path(os.environ.get("CASHLINE_HOME", ".cashline"))
    command.add_argument("--home", type=Path, default=home, help="of the embedded server")
    options = parser.parse_args(arguments)
    try:
        found = asyncio.run(_read(batch_url(options.home, os.environ)))
    except CashLineError as failure:
        print(f"{failure.code}: {failure}", file=sys.stderr)
        return 2
    Console().print(terminal_table(found))
    options.out.write_text(report(found), encoding="utf-8")
    print(options.out)
    return 0


async def _read(url: str) -> Economics:
    engine = make_engine(url, pool_size=1)
    try:
        async with transaction(engine, system("unit-economics")) as conn:
            return await economics(conn, await servicing_moment(conn, SystemClock()))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
