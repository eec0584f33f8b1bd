"""The demo book from the command line: `people` tells the stories, `advance` moves the servicing date."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ledger_core.dates import SystemClock
from ledger_core.demo.people import PEOPLE
from ledger_core.store.clock import advance, servicing_moment
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.running import running_server


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m ledger_core.demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("people", help="who is in the demo book, a line each")
    moving = commands.add_parser("advance", help="move the servicing date of a running server ahead")
    moving.add_argument("--days", type=int, required=True)
    moving.add_argument("--home", type=Path, default=Path(os.environ.get("CASHLINE_HOME", ".cashline")))
    arguments = parser.parse_args()
    if arguments.command == "people":
        tell_people()
        return
    if arguments.days < 1:
        parser.error("--days must be 1 or more: time does not run backwards")
    before, after = asyncio.run(move(running_server(arguments.home), arguments.days))
    print(f"servicing date: {before} → {after}; the server's worker catches up, each night once")


def tell_people() -> None:
    """Print the stories, in the order in which the book has them."""
    table = Table("customer", "product", "language", "story")
    for person in PEOPLE:
        table.add_row(
            person.customer_id, person.product_id.removeprefix("cash_line_"), person.language, person.story
        )
    Console().print(table)


async def move(url: str, days: int) -> tuple[date, date]:
    """Move the servicing date; returns the one before and the one now. The server's worker does the nights."""
    engine = make_engine(url, pool_size=1)
    try:
        async with transaction(engine, system("demo")) as conn:
            before = await servicing_moment(conn, SystemClock())
            await advance(conn, days)
            after = await servicing_moment(conn, SystemClock())
    finally:
        await engine.dispose()
    return before.on, after.on


if __name__ == "__main__":
    main()
