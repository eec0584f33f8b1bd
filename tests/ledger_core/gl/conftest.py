"""The nights' small world, with a look at the general ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.gl.trial_balance import TrialBalance, trial_balance
from ledger_core.store.postgres import system, transaction
from tests.ledger_core.nightly.conftest import World, another, begin

__all__ = ["another"]
TESTER = system("test")


@pytest_asyncio.fixture
async def world(batch_engine: AsyncEngine) -> AsyncIterator[World]:
    """Three lines with a draw each, on the day they were opened."""
    yield await begin(batch_engine)


def yesterday(world: World) -> date:
    """The last closed day, after a night."""
    return world.today - timedelta(days=1)


async def balances(world: World, on: date | None = None) -> TrialBalance:
    """The trial balance of a day, the last closed one by default."""
    async with transaction(world.engine, TESTER) as conn:
        return await trial_balance(conn, on or yesterday(world))
