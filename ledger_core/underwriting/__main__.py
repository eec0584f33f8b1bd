"""Underwriting from the command line: how the model fares, as one HTML page."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from ledger_core.dates import Moment, SystemClock
from ledger_core.errors import CashLineError
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import make_engine, system, transaction
from ledger_core.store.running import batch_url
from ledger_core.underwriting.report import report
from ledger_core.underwriting.watched import Watched, watch


def main(arguments: list[str] | None = None) -> int:
    """0 when the page is written, 2 when there is no model or policy to speak of."""
    parser = argparse.ArgumentParser(prog="python -m ledger_core.underwriting", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("report", help="drift, calibration, decisions, champion and challenger")
    command.add_argument("--out", type=Path, default=Path("underwriting.html"), metavar="FILE")
    home = Path(os.environ.get("CASHLINE_HOME", ".cashline"))
    command.add_argument("--home", type=Path, default=home, help="of the embedded server")
    options = parser.parse_args(arguments)
    try:
        found = asyncio.run(_read(batch_url(options.home, os.environ)))
    except CashLineError as failure:
        print(f"{failure.code}: {failure}", file=sys.stderr)
        return 2
    options.out.write_text(report(found), encoding="utf-8")
    print(options.out)
    return 0


async def _read(url: str) -> Watched:
    engine = make_engine(url, pool_size=1)
    try:
        async with transaction(engine, system("underwriting-report")) as conn:
            at: Moment = await servicing_moment(conn, SystemClock())
            return await watch(conn, at)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
