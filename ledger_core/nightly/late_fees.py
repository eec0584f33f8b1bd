"""Late fees, and the accounting loss of what stays unpaid for half a year."""

from __future__ import annotations

from functools import partial

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.charge_off import charge_off
from ledger_core.ids import new_id
from ledger_core.line.delinquency import must_charge_off
from ledger_core.line.fees import late_fee
from ledger_core.nightly.night import Night


async def charge_late_fees(night: Night) -> None:
    """Charge what `line.fees` says is due on lines past due; charge off at the product's day."""
    for world in await night.worlds("late"):
        line_id = world.line.line_id
        if must_charge_off(world.product, world.state):
            await night.do("charge_off", line_id, line_id, partial(charge_off, line_id=line_id))
            continue
        fee = late_fee(world.product, world.state, new_id("fee"))
        if fee is not None:
            assert fee.about is not None
            command = partial(
                charge_fee, line_id=line_id, kind=fee.kind, amount_cents=fee.amount_cents, about=fee.about
            )
            await night.do("late_fee", line_id, fee.about, command)
