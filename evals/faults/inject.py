"""Failures between any two statements: every trip to the server passes one gate, which can be told to fail.

psycopg does all its talking through `AsyncConnection.wait`: statements, pipelines, COMMIT and ROLLBACK. The
gate counts these trips and breaks the n-th of them in one of three ways:

refused   the server says no before the statement, and the connection lives on
cut       the connection is gone before the statement
unheard   the statement is done and the connection is gone before the answer; at COMMIT: committed or not, the
          caller cannot know
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import psycopg

HOWS = ("refused", "cut", "unheard")


@dataclass
class Gate:
    """Counts the trips to the server; breaks trip number `at`, counted from 1, and no other."""

    at: int = 0
    how: str = "cut"
    trips: int = 0
    broke: bool = False
    whose: list[str] = field(default_factory=list)
    """for each trip: the innermost of the watched functions that made it; empty for none"""


@contextmanager
def gate(at: int = 0, how: str = "cut", watched: Collection[CodeType] = ()) -> Iterator[Gate]:
    """All connections of this process pass the gate meanwhile; `at` 0 only counts."""
    assert how in HOWS
    made = Gate(at, how)
    talk = psycopg.AsyncConnection.wait

    async def wait(self: psycopg.AsyncConnection[Any], gen: Any, *args: Any, **kwargs: Any) -> Any:
        made.trips += 1
        if watched:
            made.whose.append(_caller(watched))
        if made.trips != made.at:
            return await talk(self, gen, *args, **kwargs)
        made.broke = True
        if made.how == "unheard":
            await talk(self, gen, *args, **kwargs)
        if made.how != "refused":
            self.pgconn.finish()
        raise psycopg.OperationalError(f"trip {made.trips} to the server: {made.how}, on purpose")

    loud = [logging.getLogger(name) for name in ("sqlalchemy.pool", "psycopg")]
    levels = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.CRITICAL + 1)  # they tell of each broken connection at length
    psycopg.AsyncConnection.wait = wait  # type: ignore[method-assign]
    try:
        yield made
    finally:
        for logger, level in zip(loud, levels, strict=True):
            logger.setLevel(level)
        psycopg.AsyncConnection.wait = talk  # type: ignore[method-assign]


def _caller(watched: Collection[CodeType]) -> str:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code in watched:
            return frame.f_code.co_name
        frame = frame.f_back  # type: ignore[assignment]
    return ""
