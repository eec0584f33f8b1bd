"""Files that left, and payments whose day has come."""

from __future__ import annotations

from ledger_core.bank.files import cut_file
from ledger_core.bank.originator import originator_of
from ledger_core.commands.receive_payment import receive_payment_order
from ledger_core.nightly.night import IDENTITY, Doing, Night
from ledger_core.store.postgres import transaction


async def submit_files(night: Night) -> None:
    """The file of 8 pm on the day that ended: what is in it can no longer be undone.

    It is one file for all lines, so one share writes it.
    """
    if night.share.number:
        return
    async with transaction(night.engine, IDENTITY) as conn:
        file = await cut_file(conn, night.closed, originator_of())
    night.count("submit", file.entries if file else 0)


async def receive_payments(night: Night) -> None:
    """Credit each scheduled payment on its day."""
    async for worlds in night.worlds("receive"):
        await night.do(
            [
                Doing(
                    "receive",
                    payment.payment_id,
                    receive_payment_order(line_id=world.line.line_id, payment_id=payment.payment_id),
                    world,
                )
                for world in worlds
                for payment in world.state.payments.values()
                if payment.stage == "scheduled" and payment.pay_on <= night.on
            ]
        )
