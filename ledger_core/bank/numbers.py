"""Routing and account numbers: personal data that only the batch role reads.

The books know accounts by id and last four digits. The account number is kept sealed (`vault`). A correction is a new
version, so a file that was written can be written again as it was; erasing the customer deletes all versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank.routing import is_routing_number
from ledger_core.bank.vault import Sealed, vault_of
from ledger_core.store.tables import account_numbers, bank_accounts

_ACCOUNT = re.compile(r"[0-9A-Za-z -]{1,17}")


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """Where an account is reached."""

    routing: str
    """nine digits with a right check digit"""
    account: str
    """up to 17 digits, letters, hyphens"""
    holder: str
    """as their bank knows them"""
    kind: Literal["checking", "savings"] = "checking"

    def __post_init__(self) -> None:
        assert is_routing_number(self.routing), "the check digit of a routing number must be right"
        assert _ACCOUNT.fullmatch(self.account), "an account number is up to 17 digits, letters, hyphens, spaces"

    @property
    def last4(self) -> str:
        """The last four digits of the account number, zeros before them when it is shorter."""
        return "".join(c for c in self.account if c.isdigit())[-4:].rjust(4, "0")


async def give(
    conn: AsyncConnection, bank_account_id: str, customer_id: str, numbers: AccountNumbers
) -> None:
    """Record the first numbers of an account. The app role may do this, and can never read them again."""
    await _insert(conn, bank_account_id, customer_id, numbers, 1)


async def keep(conn: AsyncConnection, bank_account_id: str, customer_id: str, numbers: AccountNumbers) -> int:
    """Record them as the account's newest version, under the batch role; returns its number, 1 the first time.

    Numbers that are the newest already are not recorded again. The account's last four digits follow.
    """
    newest = await _newest(conn, bank_account_id)
    if newest is not None and newest[1] == numbers:
        return newest[0]
    version = newest[0] + 1 if newest else 1
    await _insert(conn, bank_account_id, customer_id, numbers, version)
    account = bank_accounts.c.bank_account_id == bank_account_id
    await conn.execute(update(bank_accounts).where(account).values(last4=numbers.last4))
    return version


async def find(conn: AsyncConnection, bank_account_id: str) -> AccountNumbers | None:
    """The newest; None when none were given, or they were erased."""
    newest = await _newest(conn, bank_account_id)
    return newest[1] if newest else None


def sealed_row(
    bank_account_id: str, customer_id: str, numbers: AccountNumbers, version: int
) -> dict[str, Any]:
    """The row of `core.account_numbers` that keeps them."""
    sealed = vault_of().seal(numbers.account, row_name(bank_account_id, version))
    return {
        "bank_account_id": bank_account_id,
        "version": version,
        "customer_id": customer_id,
        "routing": numbers.routing,
        "key_id": sealed.key_id,
        "sealed": sealed.data,
        "holder": numbers.holder,
        "kind": numbers.kind,
    }


def opened(bank_account_id: str, version: int, key_id: str, sealed: bytes) -> str:
    """The account number of such a row."""
    return vault_of().open(Sealed(key_id, sealed), row_name(bank_account_id, version))


def row_name(bank_account_id: str, version: int) -> str:
    """What a sealed number is bound to."""
    return f"{bank_account_id}:{version}"


async def _insert(
    conn: AsyncConnection, bank_account_id: str, customer_id: str, numbers: AccountNumbers, version: int
) -> None:
    row = sealed_row(bank_account_id, customer_id, numbers, version)
    await conn.execute(insert(account_numbers).values(**row))


async def _newest(conn: AsyncConnection, bank_account_id: str) -> tuple[int, AccountNumbers] | None:
    mine = account_numbers.c.bank_account_id == bank_account_id
    last = select(func.max(account_numbers.c.version)).where(mine).scalar_subquery()
    query = select(account_numbers).where(mine, account_numbers.c.version == last)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    account = opened(bank_account_id, row.version, row.key_id, row.sealed)
    return row.version, AccountNumbers(row.routing, account, row.holder, row.kind)
