"""`python -m evals run SUITE` and `python -m evals bench NAME`; figures by stable names, `--json FILE` for machines."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from evals.data import DataMissing

SUITES = (
    "books",
    "crash",
    "figures",
    "hostile",
    "injection",
    "no_model",
    "pii",
    "real_messages",
    "rights",
    "understanding",
)
BENCHMARKS = ("decision", "nightly", "posting", "replay", "stream", "turn")


def main(arguments: list[str] | None = None) -> int:
    """0 when the run met what it must meet, 1 when it did not, 2 when its data are missing."""
    options = _options(arguments)
    module = (
        f"evals.suites.{options.name}" if options.command == "run" else f"evals.performance.{options.name}"
    )
    entry = importlib.import_module(module)
    try:
        figures = (entry.run if options.command == "run" else entry.bench)(options)
    except DataMissing as missing:
        print(f"skipped: {missing}")
        return 2
    print("\n".join(figures.lines()))
    if options.json:
        figures.write(options.json)
    return 1 if figures.failed else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a suite")
    run.add_argument("name", choices=SUITES)
    run.add_argument(
        "--data", type=Path, default=Path(os.environ.get("CASHLINE_DATA", "../shared/data")) / "dev"
    )
    run.add_argument("--limit", type=int, default=None, help="only the first N cases")
    run.add_argument("--k", type=int, default=1, help="repeat each scenario k times")
    run.add_argument("--seed", type=int, default=7, help="of whatever is drawn at random")
    run.add_argument("--part", default=None, help="of crash: only this one, for example turns")
    run.add_argument("--turns", type=int, default=20_000, help="of the hostile model")
    run.add_argument("--shard", default="1/1", help="I/K: every K-th conversation, beginning with the I-th")
    run.add_argument(
        "--resume", action="store_true", help="go on with a run of the same seed that was broken off"
    )
    run.add_argument("--predictions", type=Path, default=None, help="where predictions go, a line each")
    run.add_argument("--json", type=Path, default=None)
    bench = commands.add_parser("bench", help="run a benchmark")
    bench.add_argument("name", choices=BENCHMARKS)
    bench.add_argument("--quick", action="store_true", help="fewer rounds, for development")
    bench.add_argument("--http", action="store_true", help="load a running service over HTTP")
    bench.add_argument("--json", type=Path, default=None)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
