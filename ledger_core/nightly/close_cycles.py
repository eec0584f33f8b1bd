"""Cycles that ended are closed and their statements issued."""

from __future__ import annotations

from ledger_core.commands.issue_statement import issue_statement_order
from ledger_core.nightly.night import Doing, Night


async def close_cycles(night: Night) -> None:
    """Issue the statement of each line whose cycle ended, dated the closing day.

    A covered borrower's membership fee may have to be left out: 32 CFR 232.4(b).
    """
    for what, covered in (("close", False), ("close_covered", True)):
        async for worlds in night.worlds(what, at=night.evening):
            lines = [(world, world.line.line_id) for world in worlds]
            await night.do(
                [
                    Doing("close", line_id, issue_statement_order(line_id=line_id, covered=covered), world)
                    for world, line_id in lines
                ]
            )
