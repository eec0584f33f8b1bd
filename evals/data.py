"""Outside test data: JSONL files in a folder of the shape of the development sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class DataMissing(Exception):
    """The folder or file is not there; the suite says so and skips."""


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """All rows of `<folder>/<name>.jsonl`. Raises DataMissing."""
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        raise DataMissing(f"{path} is not there; give --data or set CASHLINE_DATA")
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]
