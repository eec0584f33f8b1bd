"""Files that left, and payments whose day has come."""

from __future__ import annotations

from ledger_core.commands.receive_payment import receive_payment_order
from ledger_core.dates import add_business_days
from ledger_core.nightly.night import IDENTITY, QUERIES, Doing, Night
from ledger_core.store.postgres import transaction


async def submit_files(night: Night) -> None:
    """The files of 8 pm on the day that ended are gone: what was in them can no longer be undone."""
    given = night.given(last=add_business_days(night.closed, 1))
    async with transaction(night.engine, IDENTITY) as conn:
        night.count("submit", (await conn.execute(QUERIES["submit"], given)).rowcount)


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
