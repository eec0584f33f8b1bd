"""Facts as the auditor reads them: raw rows of the journal, dates made dates again, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True)
class RawFact:
    """One row of `core.events`."""

    seq: int
    kind: str
    on: date
    data: Mapping[str, Any]


def raw_fact(seq: int, kind: str, on: date, payload: Mapping[str, Any]) -> RawFact:
    """The row, its ISO dates read, those inside lists too."""
    return RawFact(seq, kind, on, {name: _plain(value) for name, value in payload.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, str) and _ISO.match(value):
        return date.fromisoformat(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
