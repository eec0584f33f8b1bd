"""Lines that their customers gave up, and credit balances that nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping

from ledger_core.bank.accounts import BankAccount
from ledger_core.commands.checks import nothing_remains
from ledger_core.commands.close_line import close_line_order
from ledger_core.commands.decided import World
from ledger_core.commands.refund_credit import refund_credit_order
from ledger_core.dates import add_months
from ledger_core.nightly.night import Doing, Night


async def close_lines(night: Night) -> None:
    """Close each line that its customer gave up, once nothing is owed or under way."""
    async for worlds in night.worlds("closing"):
        await night.do(
            [
                Doing("close_line", world.line.line_id, close_line_order(line_id=world.line.line_id), world)
                for world in worlds
                if nothing_remains(world.state)
            ]
        )


async def refund_credits(night: Night) -> None:
    """Send back each credit balance that has stood for the product's six months.

    Source: 12 CFR 1026.11(a)(3).
    """
    async for worlds in night.worlds("credit"):
        banks = await night.bank_accounts(worlds)
        doings = [_refund(night, world, banks) for world in worlds]
        await night.do([doing for doing in doings if doing is not None])


def _refund(night: Night, world: World, banks: Mapping[str, tuple[BankAccount, ...]]) -> Doing | None:
    """To the customer's first verified bank account that no refund came back from, if there is one."""
    since = world.state.credit_balance_since
    if since is None or add_months(since, world.product.refund_unasked_after_months) > night.on:
        return None
    came_back = {r.bank_account_id for r in world.state.refunds.values() if r.returned_on is not None}
    verified = [
        account.bank_account_id
        for account in banks.get(world.line.customer_id, ())
        if account.is_verified and account.bank_account_id not in came_back
    ]
    if not verified:
        return None
    line_id = world.line.line_id
    order = refund_credit_order(line_id=line_id, bank_account_id=verified[0])
    return Doing("refund", line_id, order, world)
