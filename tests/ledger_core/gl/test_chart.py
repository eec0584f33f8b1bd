"""The chart of accounts: every account of the lines has its place, and a number stays what it is."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.gl.chart import OWN_SOURCES, account_of, chart
from ledger_core.journal.chart import CHART
from ledger_core.store.postgres import system, transaction


@pytest.mark.parametrize("account", [account.name for account in CHART])
def test_every_account_of_the_line_ledgers_has_a_ledger_account(account: str) -> None:
    assert account in account_of(), f"ledger_core/gl/chart.yaml names no account with the source {account}"


def test_the_ledger_keeps_interest_not_yet_billed_on_accounts_of_its_own() -> None:
    assert not set(OWN_SOURCES) & {account.name for account in CHART}
    assert set(OWN_SOURCES) <= set(account_of())


def test_customers_claims_are_assets_or_liabilities_and_holds_are_memoranda() -> None:
    classes = {
        account.name: chart()[account_of()[account.name]].account_class
        for account in CHART
        if account.owner == "customer"
    }
    assert classes.pop("draws_held") == "memorandum"
    assert classes.pop("customer_credit") == "liability"
    assert set(classes.values()) == {"asset"}


async def test_a_number_that_would_become_another_account_is_refused(batch_engine: AsyncEngine) -> None:
    accounts = [account.stored() for account in chart().values()]
    keep = text("SELECT core.gl_keep_chart(CAST(:accounts AS jsonb))")
    async with transaction(batch_engine, system("test")) as conn:
        await conn.execute(keep, {"accounts": json.dumps(accounts)})
        await conn.execute(keep, {"accounts": json.dumps(accounts)})
    accounts[0] |= {"class": "expense"}
    with pytest.raises(DBAPIError, match="was something else before"):
        async with transaction(batch_engine, system("test")) as conn:
            await conn.execute(keep, {"accounts": json.dumps(accounts)})
