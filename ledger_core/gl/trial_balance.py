"""The trial balance: what every account of the general ledger holds at the end of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.errors import DayNotClosed
from ledger_core.gl.chart import CLASSES, AccountClass, chart
from ledger_core.gl.layout import dollars, table
from ledger_core.gl.queries import QUERIES


@dataclass(frozen=True, slots=True)
class Balance:
    """One account of one product. cents: debits less credits, never shown where nothing was ever booked."""

    product_id: str
    account: str
    cents: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts at the end of a closed day, by product and account."""

    on: date
    balances: tuple[Balance, ...]

    @property
    def total_cents(self) -> int:
        """Debits less credits of all accounts: zero."""
        return sum(balance.cents for balance in self.balances)

    @property
    def products(self) -> tuple[str, ...]:
        return tuple(sorted({balance.product_id for balance in self.balances}))

    def of(self, account: str, product_id: str | None = None) -> int:
        """Debits less credits of an account, of one product or of all."""
        return sum(
            b.cents
            for b in self.balances
            if b.account == account and (product_id is None or b.product_id == product_id)
        )

    def of_class(self, account_class: AccountClass, product_id: str | None = None) -> int:
        """Debits less credits of all accounts of a class."""
        accounts = [a.account for a in chart().values() if a.account_class == account_class]
        return sum(self.of(account, product_id) for account in accounts)


async def trial_balance(conn: AsyncConnection, on: date) -> TrialBalance:
    """The balances at the end of that day. Raises DayNotClosed for a date the ledger cannot answer for."""
    await require_closed(conn, on)
    rows = await conn.execute(QUERIES["balances"], {"on": on})
    return TrialBalance(on, tuple(Balance(*row) for row in rows))


async def require_closed(conn: AsyncConnection, on: date) -> None:
    """Raise DayNotClosed unless that day, and all before it, can have no further entry."""
    first, last = (await conn.execute(QUERIES["closed_days"])).one()
    if last is None:
        raise DayNotClosed(f"no day of the general ledger is closed yet, so there is nothing on {on}")
    if on > last:
        raise DayNotClosed(f"{on} is not closed yet; the last closed day is {last}")
    if on < first:
        raise DayNotClosed(f"the general ledger begins on {first}, after {on}")


def print_out(found: TrialBalance) -> str:
    """The trial balance as a page: a table per product, one of all, and what it says in two figures."""
    pages = [f"Trial balance, end of {found.on:%B} {found.on.day}, {found.on.year}"]
    for product_id in found.products:
        pages.append(f"{product_id}\n{_table(found, (product_id,))}")
    if len(found.products) > 1:
        pages.append(f"All products\n{_table(found, found.products)}")
    income = -found.of_class("income")
    pages.append(
        f"Interest income {dollars(-found.of('4110') - found.of('4120'))},"
        f" of which accrued and not billed {dollars(-found.of('4120'))}."
        f" Income less expense since the books began {dollars(income - found.of_class('expense'))}."
    )
    return "\n\n".join(pages) + "\n"


def _table(found: TrialBalance, products: Sequence[str]) -> str:
    rows: list[tuple[str, ...] | None] = []
    debits = credits = 0
    for account_class in CLASSES:
        lines = list(_accounts(found, products, account_class))
        if lines and rows:
            rows.append(None)
        for account, cents in lines:
            debit, credit = max(cents, 0), max(-cents, 0)
            debits, credits = debits + debit, credits + credit
            shown = (dollars(debit), "") if cents > 0 else ("", dollars(credit)) if cents else ("", "–")
            rows.append((account, chart()[account].name, account_class, *shown))
    rows.append(None)
    rows.append(("", "Total", "", dollars(debits), dollars(credits)))
    return table(("account", "name", "class", "debit", "credit"), rows, numbers=(3, 4))


def _accounts(
    found: TrialBalance, products: Sequence[str], account_class: AccountClass
) -> Iterator[tuple[str, int]]:
    """Accounts of the class that anything was ever booked on."""
    used = {b.account for b in found.balances if b.product_id in products}
    for account in chart().values():
        if account.account_class == account_class and account.account in used:
            yield account.account, sum(found.of(account.account, product_id) for product_id in products)
