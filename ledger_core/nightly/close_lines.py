"""Lines that their customers gave up, and credit balances that nobody asked for."""

from __future__ import annotations

from functools import partial

from ledger_core.commands.close_line import close_line
from ledger_core.commands.decided import World
from ledger_core.commands.refund_credit import refund_credit
from ledger_core.dates import add_months
from ledger_core.nightly.night import Night


async def close_lines(night: Night) -> None:
    """Close each line that its customer gave up, once nothing is owed or under way."""
    for world in await night.worlds("closing"):
        if is_clear(world):
            line_id = world.line.line_id
            await night.do("close_line", line_id, line_id, partial(close_line, line_id=line_id))


async def refund_credits(night: Night) -> None:
    """Send back each credit balance that has stood for the product's six months.

    Source: 12 CFR 1026.11(a)(3).
    """
    for world in await night.worlds("credit"):
        since = world.state.credit_balance_since
        if since is None or add_months(since, world.product.refund_unasked_after_months) > night.on:
            continue
        bank = await night.bank_account(world.line.customer_id)
        if bank is not None:
            line_id = world.line.line_id
            command = partial(refund_credit, line_id=line_id, bank_account_id=bank.bank_account_id)
            await night.do("refund", line_id, line_id, command)


def is_clear(world: World) -> bool:
    """Whether nothing is owed, held, unsettled or to be given back."""
    state = world.state
    return not (
        state.owed_cents
        or state.accrued_interest_cents
        or state.held_cents
        or state.unsettled_payment_cents
        or state.credit_balance_cents
    )
