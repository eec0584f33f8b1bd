"""What is written to the database, as the JSON that its functions read."""

from __future__ import annotations

from collections.abc import Mapping

import orjson


def encode(value: object) -> bytes:
    """Dataclasses, lists, mappings, whole numbers, texts and dates; TypeError for anything else."""
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"the books hold whole numbers, texts and dates, not {value!r}")
