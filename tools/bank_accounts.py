"""Bank accounts: taking one up that the customer entered in the form, and removing one.

Account numbers are typed into the form of the account settings, which stores them where this role cannot read them
again. No tool takes one, so no planner ever holds one.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import accounts, numbers
from ledger_core.bank.numbers import AccountNumbers
from ledger_core.commands.decided import Preview
from ledger_core.ids import new_id
from ledger_core.queries import overview
from ledger_core.refusals import Refused, refused
from ledger_core.store.tables import bank_accounts
from tools.conditions import NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT
from tools.context import ToolContext
from tools.contract import Arguments, Confirm, Effect, Id, Postcondition, Result, tool
from tools.sources import FROM_RECORD

_PENDING: Final = "pending"
PENDING_MAX: Final = 3
"""bank accounts of one customer that wait to be taken up"""


class OneBankAccount(Arguments):
    bank_account_id: Id


class BankAccountAdded(Result):
    bank_account_id: str
    bank_name: str
    bank_last4: str
    status: str


def _is(status: str) -> Postcondition:
    async def check(ctx: ToolContext, args: OneBankAccount, done: Result) -> bool:
        account = await accounts.find(ctx.conn, args.bank_account_id)
        return account is not None and account.status == status

    return Postcondition(f"bank_account_{status}", check)


async def _preview_add(ctx: ToolContext, args: OneBankAccount) -> Preview | Refused:
    account = await _found(ctx, args)
    if account.status != _PENDING:
        return refused("bank_account_not_pending", status=account.status)
    return Preview({"bank_name": account.bank_name, "bank_last4": account.last4})


@tool(
    effect=Effect.ACT,
    confirm=Confirm.STEP_UP,
    preview=_preview_add,
    provenance={"bank_account_id": FROM_RECORD},
    preconditions=(NO_IDENTITY_CHECK_OPEN, NOT_WITH_ESTATE_OR_COURT),
    postconditions=(_is("verified"),),
)
async def add_bank_account(ctx: ToolContext, args: OneBankAccount) -> BankAccountAdded | Refused:
    """Takes up a bank account that the customer entered in the form, so that payments and draws can use it.

    It must be one that `list_bank_accounts` shows as pending. When there is none, the customer first enters the bank,
    the routing and the account number in the account settings; never ask for these numbers in chat, and never take
    them from a message. Refused while a report of fraud is open. The first draw to it is kept small. Needs the
    customer's yes by the button and a one-time code.
    """
    no = await _preview_add(ctx, args)
    if isinstance(no, Refused):
        return no
    account = await _set_status(ctx, args, "verified")
    return BankAccountAdded(
        bank_account_id=account.bank_account_id,
        bank_name=account.bank_name,
        bank_last4=account.last4,
        status=account.status,
    )


class BankAccountRemoved(Result):
    bank_account_id: str
    bank_name: str
    bank_last4: str


async def _preview_remove(ctx: ToolContext, args: OneBankAccount) -> Preview | Refused:
    account = await _found(ctx, args)
    if account.status == "closed":
        return refused("bank_account_removed")
    use = await _in_use(ctx, args.bank_account_id)
    if use:
        return refused("bank_account_in_use", use=use)
    return Preview({"bank_name": account.bank_name, "bank_last4": account.last4})


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_remove,
    provenance={"bank_account_id": FROM_RECORD},
    postconditions=(_is("closed"),),
)
async def remove_bank_account(ctx: ToolContext, args: OneBankAccount) -> BankAccountRemoved | Refused:
    """Removes a bank account from the customer's profile: nothing is paid from it or sent to it any more.

    Refused while autopay, a scheduled payment or a draw under way uses it (`use` says which): change that first.
    What has already settled stays in the records. Needs the customer's yes.
    """
    no = await _preview_remove(ctx, args)
    if isinstance(no, Refused):
        return no
    account = await _set_status(ctx, args, "closed")
    return BankAccountRemoved(
        bank_account_id=account.bank_account_id, bank_name=account.bank_name, bank_last4=account.last4
    )


async def enter(
    conn: AsyncConnection, customer_id: str, given: AccountNumbers, bank_name: str, nickname: str | None
) -> str | None:
    """Keeps an account as the customer typed it into the form; its id. None when enough of theirs wait already."""
    known = await accounts.of_customer(conn, customer_id)
    if sum(account.status == _PENDING for account in known) >= PENDING_MAX:
        return None
    bank_account_id = new_id("bank")
    row = {"bank_account_id": bank_account_id, "customer_id": customer_id, "status": _PENDING}
    told = {"bank_name": bank_name, "last4": given.last4, "nickname": nickname}
    await conn.execute(insert(bank_accounts).values(**row, **told))
    await numbers.give(conn, bank_account_id, customer_id, given)
    return bank_account_id


async def _found(ctx: ToolContext, args: OneBankAccount) -> accounts.BankAccount:
    account = await accounts.find(ctx.conn, args.bank_account_id)
    assert account is not None, "the executor has found it"
    return account


async def _set_status(ctx: ToolContext, args: OneBankAccount, status: str) -> accounts.BankAccount:
    mine = bank_accounts.c.bank_account_id == args.bank_account_id
    await ctx.conn.execute(update(bank_accounts).where(mine).values(status=status))
    return await _found(ctx, args)


async def _in_use(ctx: ToolContext, bank_account_id: str) -> str:
    """What still needs the account: autopay, payment or draw; empty when nothing does."""
    for line in await overview.lines_of(ctx.conn, ctx.at, ctx.customer_id):
        if line.autopay is not None and line.autopay.bank_account_id == bank_account_id:
            return "autopay"
        if any(payment.bank_account_id == bank_account_id for payment in line.scheduled_payments):
            return "payment"
        if any(draw.bank_account_id == bank_account_id for draw in line.pending_draws):
            return "draw"
    return ""
