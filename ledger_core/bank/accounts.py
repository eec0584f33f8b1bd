"""The customer's bank accounts: only a verified one moves money."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.inputs import is_code
from ledger_core.store.read import BankAccount
from ledger_core.store.tables import bank_accounts

__all__ = ["BankAccount", "find", "of_customer", "of_customers"]

_COLUMNS = select(
    bank_accounts.c.bank_account_id,
    bank_accounts.c.customer_id,
    bank_accounts.c.bank_name,
    bank_accounts.c.last4,
    bank_accounts.c.status,
    bank_accounts.c.nickname,
)


_IN_ORDER = (bank_accounts.c.status != "verified", bank_accounts.c.bank_account_id)


async def find(conn: AsyncConnection, bank_account_id: str) -> BankAccount | None:
    """The account; None when there is none, also for what is no id, or this identity may not see it."""
    if not is_code(bank_account_id):
        return None
    row = (
        await conn.execute(_COLUMNS.where(bank_accounts.c.bank_account_id == bank_account_id))
    ).one_or_none()
    return BankAccount(*row) if row else None


async def of_customers(
    conn: AsyncConnection, customer_ids: Sequence[str]
) -> Mapping[str, tuple[BankAccount, ...]]:
    """By customer: their accounts, verified ones first, then by age; a customer without one is left out."""
    found: dict[str, tuple[BankAccount, ...]] = {}
    query = _COLUMNS.where(
        bank_accounts.c.customer_id == any_(bindparam("customer_ids", list(customer_ids), ARRAY(Text)))
    ).order_by(*_IN_ORDER)
    for row in await conn.execute(query):
        account = BankAccount(*row)
        found[account.customer_id] = (*found.get(account.customer_id, ()), account)
    return found


async def of_customer(conn: AsyncConnection, customer_id: str) -> tuple[BankAccount, ...]:
    """All accounts of a customer, verified ones first, then by age."""
    return (await of_customers(conn, [customer_id])).get(customer_id, ())
