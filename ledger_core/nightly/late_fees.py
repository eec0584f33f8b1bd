"""Late fees, and the accounting loss of what stays unpaid for half a year."""

from __future__ import annotations

from ledger_core.commands.charge_fee import charge_fee_order
from ledger_core.commands.charge_off import charge_off_order
from ledger_core.commands.decided import World
from ledger_core.ids import new_id
from ledger_core.line.delinquency import must_charge_off
from ledger_core.line.fees import late_fee
from ledger_core.nightly.night import Doing, Night


async def charge_late_fees(night: Night) -> None:
    """Charge what `line.fees` says is due on lines past due; charge off at the product's day."""
    async for worlds in night.worlds("late"):
        doings = [_charge(world) for world in worlds]
        await night.do([doing for doing in doings if doing is not None])


def _charge(world: World) -> Doing | None:
    line_id = world.line.line_id
    if must_charge_off(world.product, world.state):
        return Doing("charge_off", line_id, charge_off_order(line_id=line_id), world)
    fee = late_fee(world.product, world.state, new_id("fee"))
    if fee is None:
        return None
    assert fee.about is not None
    order = charge_fee_order(line_id=line_id, kind=fee.kind, amount_cents=fee.amount_cents, about=fee.about)
    return Doing("late_fee", fee.about, order, world)
