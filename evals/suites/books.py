"""Random lives of lines through every command and night, a naive auditor beside the engine after every step.

The machine is that of `tests/ledger_core/machine`, over ever new seeds for ten minutes, or `--limit` of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from evals.figures import Figures

MACHINE = "tests/ledger_core/machine/test_machine.py"
MINUTES = 10


def run(options: Any) -> Figures:
    """Steps, commands, refusals and checks; `failed` when one check did not hold, which is then printed."""
    minutes = options.limit or MINUTES
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        environment = os.environ | {
            "CASHLINE_MACHINE_SECONDS": str(minutes * 60),
            "CASHLINE_MACHINE_SEED": str(options.seed),
            "CASHLINE_MACHINE_REPORT": str(report),
        }
        command = [sys.executable, "-m", "pytest", MACHINE, "-q", "-x", "-k", "auditor_agree"]
        done = subprocess.run(command, env=environment, check=False)
        counts = json.loads(report.read_text()) if report.exists() else {}
    return Figures(
        name="books",
        kind="suite",
        data=f"seeds from {options.seed}, {minutes} minutes",
        n=counts.get("step", 0),
        figures=sums(counts),
        failed=done.returncode != 0,
    )


def sums(counts: dict[str, int]) -> dict[str, float | int]:
    """By what was counted: `done a_command` counts as done, and so on; the rest under its own name."""
    found: Counter[str] = Counter()
    for name, n in counts.items():
        found[name.split(" ")[0].rstrip(":")] += n
    wanted = {"seeds": "seeds", "step": "steps", "done": "commands_done", "refused": "commands_refused"}
    wanted |= {"night": "nights", "check": "checks", "unchanged": "writes_that_had_to_change_nothing"}
    return {figure: found[counted] for counted, figure in wanted.items()}
