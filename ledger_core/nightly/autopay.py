"""Autopay: on the due date, the amount that its mode asks for."""

from __future__ import annotations

from functools import partial

from ledger_core.commands.make_payment import make_payment
from ledger_core.line.autopay import amount_due
from ledger_core.nightly.night import Night


async def pay_automatically(night: Night) -> None:
    """Take the payment of each line with autopay whose due date is today."""
    for world in await night.worlds("autopay"):
        autopay, statement = world.state.autopay, world.state.last_statement
        if autopay is None or statement is None or statement.current_due_on != night.on:
            continue
        amount = amount_due(world.product, world.state)
        if amount == 0:
            continue
        command = partial(
            make_payment,
            line_id=world.line.line_id,
            amount_cents=amount,
            pay_on=night.on,
            bank_account_id=autopay.bank_account_id,
            source="autopay",
        )
        await night.do("autopay", world.line.line_id, world.line.line_id, command)
