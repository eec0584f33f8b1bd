"""The customer's bank accounts: only a verified one moves money."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.tables import bank_accounts


@dataclass(frozen=True, slots=True)
class BankAccount:
    """As the customer knows it: the bank, the last four digits, their own name for it."""

    bank_account_id: str
    customer_id: str
    bank_name: str
    last4: str
    status: str
    """verified, pending or closed"""
    nickname: str | None

    @property
    def is_verified(self) -> bool:
        return self.status == "verified"


_COLUMNS = select(
    bank_accounts.c.bank_account_id,
    bank_accounts.c.customer_id,
    bank_accounts.c.bank_name,
    bank_accounts.c.last4,
    bank_accounts.c.status,
    bank_accounts.c.nickname,
)


async def find(conn: AsyncConnection, bank_account_id: str) -> BankAccount | None:
    """The account; None when there is none or this identity may not see it."""
    query = _COLUMNS.where(bank_accounts.c.bank_account_id == bank_account_id)
    row = (await conn.execute(query)).one_or_none()
    return BankAccount(*row) if row else None


async def of_customer(conn: AsyncConnection, customer_id: str) -> tuple[BankAccount, ...]:
    """All accounts of a customer, verified ones first, then by age."""
    query = _COLUMNS.where(bank_accounts.c.customer_id == customer_id).order_by(
        bank_accounts.c.status != "verified", bank_accounts.c.bank_account_id
    )
    return tuple(BankAccount(*row) for row in await conn.execute(query))
