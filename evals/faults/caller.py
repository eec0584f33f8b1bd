"""Who sends the work: the same again after an outage; and what all experiments came to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError

from evals.faults.books import Verdict

T = TypeVar("T")

SENDS_MAX = 5


@dataclass
class Tally:
    """What the experiments came to."""

    kills: int = 0
    real_kills: int = 0
    resends: int = 0
    lost: int = 0
    doubled: int = 0
    broken: int = 0
    said_twice: int = 0
    said: list[str] = field(default_factory=list)
    """what went wrong, in words"""

    def judge(self, what: str, verdict: Verdict) -> None:
        """Count one comparison."""
        self.lost += len(verdict.lost)
        self.doubled += len(verdict.doubled)
        self.broken += len(verdict.broken)
        self.said += [f"{what}: {line}" for line in (*verdict.lost, *verdict.doubled, *verdict.broken)]

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.broken or self.said_twice or self.said)


def is_outage(problem: Exception) -> bool:
    """Whether a caller sends the same again: the server was not there, or its answer was not heard."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)


async def send_until_heard(
    send: Callable[[], Awaitable[T]], tally: Tally, *, sends_max: int = SENDS_MAX
) -> T:
    """The answer; after an outage the same is sent again, as a caller would, so many times at most."""
    for attempt in range(1, sends_max + 1):
        try:
            return await send()
        except (DBAPIError, psycopg.Error) as problem:
            if not is_outage(problem) or attempt == sends_max:
                raise
            tally.resends += 1
            await asyncio.sleep(min(0.2, 0.01 * attempt))
    raise AssertionError("the last attempt returns or raises")
