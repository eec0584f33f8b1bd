"""Draws that never settled give their hold back."""

from __future__ import annotations

from functools import partial

from ledger_core.commands.fail_draw import fail_draw
from ledger_core.nightly.night import Night


async def expire_holds(night: Night) -> None:
    """End pending draws whose hold has expired."""
    for world in await night.worlds("hold"):
        for draw in world.state.draws.values():
            if draw.stage == "pending" and draw.hold_expires_on < night.on:
                command = partial(
                    fail_draw, line_id=world.line.line_id, draw_id=draw.draw_id, code="hold_expired"
                )
                await night.do("expire", world.line.line_id, draw.draw_id, command)
