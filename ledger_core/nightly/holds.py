"""Draws that never settled give their hold back."""

from __future__ import annotations

from ledger_core.commands.fail_draw import fail_draw_order
from ledger_core.nightly.night import Doing, Night


async def expire_holds(night: Night) -> None:
    """End pending draws whose hold has expired."""
    async for worlds in night.worlds("hold"):
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
                if draw.stage == "pending" and draw.hold_expires_on < night.on
            ]
        )
