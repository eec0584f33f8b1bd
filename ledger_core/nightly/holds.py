"""Draws that never settled give their hold back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from ledger_core.commands.decided import World
from ledger_core.commands.fail_draw import fail_draw_order
from ledger_core.nightly.night import IDENTITY, Doing, Night
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import transfers


async def expire_holds(night: Night) -> None:
    """End pending draws whose hold has expired and which never left; what has left is not ended by a day."""
    async for worlds in night.worlds("hold"):
        never_left = await _never_left(night, worlds)
        await night.do(
            [
                Doing(
                    "expire",
                    draw.draw_id,
                    fail_draw_order(line_id=world.line.line_id, draw_id=draw.draw_id, code="hold_expired"),
                    world,
                )
                for world in worlds
                for draw in world.state.draws.values()
                if draw.draw_id in never_left and draw.hold_expires_on < night.on
            ]
        )


async def _never_left(night: Night, worlds: Sequence[World]) -> set[str]:
    """The draws of these lines that are in no file and were not sent."""
    waiting = select(transfers.c.reference_id).where(
        transfers.c.line_id == any_(bindparam("line_ids", [w.line.line_id for w in worlds], ARRAY(Text))),
        transfers.c.kind == "draw",
        transfers.c.state == "created",
    )
    async with transaction(night.engine, IDENTITY) as conn:
        return set((await conn.execute(waiting)).scalars())
