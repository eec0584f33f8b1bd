"""The general ledger from the command line: close a day, trial balance, allowance, journal export, reconciliation."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.errors import CashLineError
from ledger_core.gl import allowance, reconciliation
from ledger_core.gl import export as exporting
from ledger_core.gl.queries import IDENTITY
from ledger_core.gl.roll_up import roll_up
from ledger_core.gl.trial_balance import print_out, trial_balance
from ledger_core.store.postgres import make_engine, transaction
from ledger_core.store.running import batch_url


def main(arguments: list[str] | None = None) -> int:
    """0 when it is done and nothing differs, 1 when something differs, 2 when the ledger cannot answer."""
    options = _options(arguments)
    try:
        return asyncio.run(_run(options))
    except CashLineError as failure:
        print(f"{failure.code}: {failure}", file=sys.stderr)
        return 2


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ledger_core.gl", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    home = Path(os.environ.get("CASHLINE_HOME", ".cashline"))
    common.add_argument("--home", type=Path, default=home, help="of the embedded server")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("roll-up", "close a day: fold what all lines posted through it"),
        ("trial-balance", "every account at the end of a closed day"),
        ("allowance", "what is set aside for expected losses at the end of a closed day"),
    ):
        command = commands.add_parser(name, help=help_text, parents=[common])
        command.add_argument("--on", type=date.fromisoformat, required=True, metavar="DATE")
    journal = commands.add_parser("export", help="the journal of closed days as CSV", parents=[common])
    journal.add_argument("--from", dest="first_day", type=date.fromisoformat, required=True, metavar="DATE")
    journal.add_argument("--to", dest="last_day", type=date.fromisoformat, required=True, metavar="DATE")
    journal.add_argument("--out", type=Path, required=True, metavar="FILE")
    checking = commands.add_parser("reconcile", help="hold all books against each other", parents=[common])
    checking.add_argument("--on", type=date.fromisoformat, required=True, metavar="DATE")
    checking.add_argument("--full", action="store_true", help="replay and hash every line")
    options = parser.parse_args(arguments)
    if options.command == "export" and options.first_day > options.last_day:
        parser.error("--from lies after --to")
    return options


async def _run(options: argparse.Namespace) -> int:
    engine = make_engine(batch_url(options.home, os.environ), pool_size=2)
    try:
        match options.command:
            case "roll-up":
                return await _roll_up(engine, options.on)
            case "trial-balance":
                return await _trial_balance(engine, options.on)
            case "allowance":
                return await _allowance(engine, options.on)
            case "reconcile":
                return await _reconcile(engine, options)
            case _:
                return await _export(engine, options)
    finally:
        await engine.dispose()


async def _roll_up(engine: AsyncEngine, on: date) -> int:
    began = time.perf_counter_ns()
    days = await roll_up(engine, on)
    milliseconds = max(1, (time.perf_counter_ns() - began) // 1_000_000)
    for day in days:
        print(
            f"{day.booked_on} closed: {day.postings:,} postings of {day.lines:,} lines in {day.entries} entries"
        )
    if days:
        postings = sum(day.postings for day in days)
        print(f"{milliseconds:,} ms, {postings * 1000 // milliseconds:,} postings a second")
    else:
        print(f"{on} is closed already")
    return 0


async def _trial_balance(engine: AsyncEngine, on: date) -> int:
    async with transaction(engine, IDENTITY) as conn:
        found = await trial_balance(conn, on)
    print(print_out(found), end="")
    return 0 if found.total_cents == 0 else 1


async def _allowance(engine: AsyncEngine, on: date) -> int:
    async with transaction(engine, IDENTITY) as conn:
        print(allowance.print_out(on, await allowance.allowance(conn, on)), end="")
    return 0


async def _reconcile(engine: AsyncEngine, options: argparse.Namespace) -> int:
    done = await reconciliation.reconcile(engine, options.on, every_line=options.full)
    print(reconciliation.print_out(done), end="")
    return 1 if done.differences else 0


async def _export(engine: AsyncEngine, options: argparse.Namespace) -> int:
    async with transaction(engine, IDENTITY) as conn:
        made = await exporting.export(conn, options.first_day, options.last_day)
    for path in exporting.write(made, options.out):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
