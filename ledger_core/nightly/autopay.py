"""Autopay: on the due date, the amount that its mode asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ledger_core.bank.accounts import BankAccount
from ledger_core.commands.decided import World
from ledger_core.commands.make_payment import make_payment_order
from ledger_core.line.autopay import amount_due
from ledger_core.nightly.night import Doing, Night


async def pay_automatically(night: Night) -> None:
    """Take the payment of each line with autopay whose due date is today."""
    async for worlds in night.worlds("autopay"):
        banks = await night.bank_accounts(worlds)
        doings = [_payment(night, world, banks) for world in worlds]
        await night.do([doing for doing in doings if doing is not None])


def _payment(night: Night, world: World, banks: Mapping[str, tuple[BankAccount, ...]]) -> Doing | None:
    autopay, statement = world.state.autopay, world.state.last_statement
    if autopay is None or statement is None or statement.current_due_on != night.on:
        return None
    amount = amount_due(world.product, world.state)
    if amount == 0:
        return None
    of_customer = banks.get(world.line.customer_id, ())
    order = make_payment_order(
        line_id=world.line.line_id,
        amount_cents=amount,
        pay_on=night.on,
        bank_account_id=autopay.bank_account_id,
        source="autopay",
    )
    account = next((a for a in of_customer if a.bank_account_id == autopay.bank_account_id), None)
    return Doing("autopay", world.line.line_id, order, replace(world, account=account))
