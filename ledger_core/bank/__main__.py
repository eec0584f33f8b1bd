"""Bank files by hand: cut and write what must leave, take what came, settle what nobody sent back; and seal account
numbers anew after a new key.

A file that was written before is written again as it was, under the same name; a file that was taken before changes
nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.bank import files
from ledger_core.bank.attention import for_humans
from ledger_core.bank.folder import Outgoing
from ledger_core.bank.incoming import receive
from ledger_core.bank.inquiry import deliver
from ledger_core.bank.originator import originator_of
from ledger_core.bank.reseal import reseal
from ledger_core.bank.settlement import IDENTITY, settle_due
from ledger_core.dates import Moment, SystemClock
from ledger_core.errors import BankFileRefused
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import make_engine, transaction
from ledger_core.store.running import running_server

REFUSED = 2
"""the exit code of a file that was refused"""
CLOSED = 1
"""the exit code where account numbers are left that no key opens"""


def main(argv: list[str] | None = None) -> int:
    """Read the command line and do it; returns the exit code, 2 for a file that was refused, 1 where
    account numbers stay closed."""
    parser = argparse.ArgumentParser(prog="python -m ledger_core.bank", description=__doc__)
    parser.add_argument("--url", help="the database as the batch role; by default the running server's")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("CASHLINE_HOME", ".cashline")))
    commands = parser.add_subparsers(dest="command", required=True)
    out = commands.add_parser("out", help="cut the file of a day and write all that the folder does not have")
    out.add_argument("--on", type=date.fromisoformat, required=True)
    out.add_argument("--dir", type=Path, required=True)
    taking = commands.add_parser("in", help="take a file of returns and notifications of change")
    taking.add_argument("file", type=Path)
    commands.add_parser("settle", help="settle what did not come back in time")
    commands.add_parser("reseal", help="seal account numbers anew that an older key sealed")
    seeing = commands.add_parser("attention", help="what the banks said that a human should look at")
    seeing.add_argument("--since", type=date.fromisoformat, required=True)
    arguments = parser.parse_args(argv)
    os.environ["CASHLINE_HOME"] = str(arguments.home)  # whose key opens account numbers
    url = arguments.url or running_server(arguments.home)
    match arguments.command:
        case "out":
            return asyncio.run(_with(url, lambda engine, at: _out(engine, at, arguments.on, arguments.dir)))
        case "in":
            data = arguments.file.read_bytes()
            return asyncio.run(_with(url, lambda engine, at: _in(engine, at, data)))
        case "attention":
            return asyncio.run(_with(url, lambda engine, _: _attention(engine, arguments.since)))
        case "reseal":
            return asyncio.run(_with(url, lambda engine, _: _reseal(engine)))
        case _:
            return asyncio.run(_with(url, _settle))


async def _with(url: str, do: Callable[[AsyncEngine, Moment], Awaitable[int]]) -> int:
    engine = make_engine(url, pool_size=2)
    try:
        async with transaction(engine, IDENTITY) as conn:
            at = await servicing_moment(conn, SystemClock())
        return await do(engine, at)
    finally:
        await engine.dispose()


async def _out(engine: AsyncEngine, at: Moment, on: date, folder: Path) -> int:
    async with transaction(engine, IDENTITY) as conn:
        await files.cut_file(conn, on, originator_of())
        held = await files.held_back(conn, on)
    for file in await deliver(engine, Outgoing(folder), at):
        print(
            f"{file.name}: {file.entries} entries for {file.effective_on},"
            f" {file.debit_cents} cents to draw, {file.credit_cents} to pay"
        )
    for one in held:
        print(f"held back: {one.kind} {one.transfer_id}, {one.amount_cents} cents, {one.why}")
    return 0


async def _in(engine: AsyncEngine, at: Moment, data: bytes) -> int:
    try:
        taken = await receive(engine, data, at, originator_of())
    except BankFileRefused as refused:
        for reason in refused.reasons:
            facts = " ".join(f"{name}={value}" for name, value in reason.facts.items())
            print(f"refused: {reason.code} {facts}", file=sys.stderr)
        return REFUSED
    news = ", ".join(f"{count} {state}" for state, count in sorted(taken.kept.items())) or "nothing new"
    print(f"{taken.answers} answers: {news}; {taken.acted_on} returns booked")
    return 0


async def _attention(engine: AsyncEngine, since: date) -> int:
    async with transaction(engine, IDENTITY) as conn:
        seen = await for_humans(conn, since)
    for one in seen:
        late = "" if one.dispute_by is None else f", too late: R68 through {one.dispute_by}"
        print(
            f"{one.received_on} {one.code} {one.kind} {one.transfer_id}, {one.amount_cents} cents: {one.why}{late}"
        )
    return 0


async def _reseal(engine: AsyncEngine) -> int:
    done = await reseal(engine)
    print(f"{done.rows} sealed anew")
    for key_id, rows in sorted(done.closed.items()):
        print(f"no key {key_id}: {rows} cannot be opened", file=sys.stderr)
    return CLOSED if done.closed else 0


async def _settle(engine: AsyncEngine, at: Moment) -> int:
    print(f"{await settle_due(engine, at)} settled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
