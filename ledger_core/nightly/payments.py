"""Files that left, and payments whose day has come."""

from __future__ import annotations

from functools import partial

from ledger_core.bank import transfers
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.dates import CUTOFF, Moment
from ledger_core.nightly.night import IDENTITY, Night
from ledger_core.store.postgres import transaction


async def submit_files(night: Night) -> None:
    """The files of 8 pm on the day that ended are gone: what was in them can no longer be undone."""
    async with transaction(night.engine, IDENTITY) as conn:
        for waiting in await transfers.to_submit(conn, Moment(night.closed, CUTOFF)):
            if await transfers.submit(
                conn, waiting.line_id, waiting.kind, waiting.reference_id, night.closed
            ):
                night.count("submit")


async def receive_payments(night: Night) -> None:
    """Credit each scheduled payment on its day."""
    for world in await night.worlds("receive"):
        for payment in world.state.payments.values():
            if payment.stage == "scheduled" and payment.pay_on <= night.on:
                line_id, payment_id = world.line.line_id, payment.payment_id
                command = partial(receive_payment, line_id=line_id, payment_id=payment_id)
                await night.do("receive", line_id, payment_id, command)
