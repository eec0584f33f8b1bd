"""What is written to the database, as the JSON that its functions read."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from datetime import date


def encode(value: object) -> str:
    """Dataclasses without slots, lists, mappings, whole numbers, texts and dates; TypeError for anything else."""
    return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return vars(value)
    raise TypeError(f"the books hold whole numbers, texts and dates, not {value!r}")
