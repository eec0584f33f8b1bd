"""Prefixed ids that sort by the time they were made: `line_01jq…`, `entry_01jq…`."""

from __future__ import annotations

import os
import re
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_PREFIX = re.compile(r"[a-z]+\Z")
ID_PATTERN = re.compile(r"[a-z]+_[0-9a-hjkmnp-tv-z]{26}\Z")
"""What every id looks like: a lower-case prefix, an underscore, 26 Crockford base-32 characters."""

_last = 0


def new_id(prefix: str) -> str:
    """A fresh id, for example `line_01jq3v…`: 48 bits of milliseconds, then 80 random bits.

    Ids of one process ascend strictly, also within a millisecond.
    """
    assert _PREFIX.match(prefix), f"an id prefix is lower-case letters: {prefix!r}"
    global _last
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    _last = value if value > _last else _last + 1
    return f"{prefix}_{_encode(_last)}"


def prefix_of(identifier: str) -> str:
    """The kind an id names: `line` of `line_01jq…`; empty when it has none."""
    return identifier.rpartition("_")[0]


def _encode(value: int) -> str:
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in range(120, -1, -10)])
