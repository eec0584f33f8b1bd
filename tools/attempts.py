"""A transaction with bounded retries, and the meaning of what can go wrong in it."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.errors import (
    BooksBusy,
    CashLineError,
    KeyReused,
    LineNotFound,
    OverLimit,
    StatementTimedOut,
    VersionConflict,
)
from ledger_core.refusals import Reason
from ledger_core.store.postgres import Identity, transaction
from tools.outcomes import Failed, Outcome, Refused

ATTEMPTS_MAX: Final = 6
_WAIT_MS: Final = 8
_START_AGAIN: Final = frozenset({"40001", "40P01"})
"""serialization failure, deadlock"""
_TAKEN: Final = "23505"
_RACES: Final = frozenset({"tool_calls_once", "proposals_one_open", "duties_once"})
"""unique indexes that two calls at once may meet; the second finds the first's answer when it starts again"""

log = structlog.get_logger()


async def in_transaction(
    engine: AsyncEngine, identity: Identity, work: Callable[[AsyncConnection], Awaitable[Outcome]]
) -> Outcome:
    """What `work` comes to, committed; a refusal or failure for what is raised in it, with nothing written.

    A version conflict, a deadlock or a lost race starts the whole transaction again, so `work` keeps its key.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            async with transaction(engine, identity) as conn:
                return await work(conn)
        except (CashLineError, DBAPIError, PoolTimeout, psycopg.Error, AssertionError) as problem:
            if not _is_race(problem) or attempt == ATTEMPTS_MAX:
                return _meaning(problem)
        await asyncio.sleep(random.uniform(0, _WAIT_MS * 2**attempt) / 1000)
    raise AssertionError("the last attempt returns")


def _is_race(problem: Exception) -> bool:
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, VersionConflict | BooksBusy):
        return True
    if not isinstance(cause, psycopg.Error):
        return False
    return cause.sqlstate in _START_AGAIN or (
        cause.sqlstate == _TAKEN and cause.diag.constraint_name in _RACES
    )


def _meaning(problem: Exception) -> Outcome:
    match problem:
        case LineNotFound():
            return Refused((Reason("not_found"),))
        case OverLimit():
            return Refused((Reason("over_limit"),))
        case KeyReused():
            return Failed("key_reused")
        case VersionConflict() | BooksBusy():
            return Failed("busy")
    # The trace alone: messages of a driver hold parameters, and a formatter may print local variables.
    trace = "".join(traceback.format_tb(problem.__traceback__))
    log.error("tool_call_failed", problem=type(problem).__name__, trace=trace)
    match problem:
        case StatementTimedOut():
            return Failed("unavailable")
        case CashLineError():
            return Failed(problem.code)
        case AssertionError():
            return Failed("invariant")
    return Failed("unavailable")
