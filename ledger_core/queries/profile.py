"""Who the customer is, and their bank accounts."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import accounts
from ledger_core.bank.accounts import BankAccount
from ledger_core.store.tables import customers


@dataclass(frozen=True, slots=True)
class Customer:
    """Personal data, kept apart from the books."""

    customer_id: str
    display_name: str
    email: str | None
    phone: str | None
    language: str
    """en or es"""
    state: str
    timezone: str
    military: bool
    story: str | None
    """one line on a person of the demo book"""


_CUSTOMERS = select(*(customers.c[name] for name in Customer.__dataclass_fields__))


async def customer(conn: AsyncConnection, customer_id: str) -> Customer | None:
    """The customer; None when there is none or this identity may not see them."""
    row = (await conn.execute(_CUSTOMERS.where(customers.c.customer_id == customer_id))).one_or_none()
    return Customer(*row) if row else None


async def bank_accounts(conn: AsyncConnection, customer_id: str) -> tuple[BankAccount, ...]:
    """The customer's bank accounts, verified ones first."""
    return await accounts.of_customer(conn, customer_id)
