"""`python -m api.staff`: who works at the specialists' desk, and how far their word goes.

A colleague is known by the subject of their token (in embedded mode, by the id they log in with). Limits of the
grades stand in `tools/rules.yaml`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.running import batch_url
from tools import staff
from tools.rules import Grade

IDENTITY = system("staff")


def main(arguments: list[str] | None = None) -> int:
    """0 when it is done, 1 for a colleague to remove who is none."""
    options = _options(arguments)
    return asyncio.run(_run(options))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m api.staff", description=__doc__)
    home = Path(os.environ.get("CASHLINE_HOME", ".cashline"))
    parser.add_argument("--home", type=Path, default=home, help="of the embedded server")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="make somebody a colleague, or give them another grade")
    add.add_argument("specialist_id")
    add.add_argument("--grade", choices=get_args(Grade), default="specialist")
    remove = commands.add_parser("remove", help="take a colleague's grade away, at once")
    remove.add_argument("specialist_id")
    commands.add_parser("list", help="all colleagues and their grades")
    return parser.parse_args(arguments)


async def _run(options: argparse.Namespace) -> int:
    engine = make_engine(batch_url(options.home, os.environ), pool_size=1)
    try:
        return await _do(engine, options)
    finally:
        await engine.dispose()


async def _do(engine: AsyncEngine, options: argparse.Namespace) -> int:
    async with transaction(engine, IDENTITY) as conn:
        match options.command:
            case "add":
                await staff.put(conn, options.specialist_id, options.grade)
                print(f"{options.specialist_id}: {options.grade}")
            case "remove":
                if not await staff.remove(conn, options.specialist_id):
                    print(f"{options.specialist_id} is no colleague", file=sys.stderr)
                    return 1
                print(f"{options.specialist_id} is a colleague no longer")
            case _:
                for specialist_id, grade in await staff.everybody(conn):
                    print(f"{specialist_id}: {grade}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
