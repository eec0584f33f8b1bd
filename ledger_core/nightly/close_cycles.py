"""Cycles that ended are closed and their statements issued."""

from __future__ import annotations

from functools import partial

from ledger_core.commands.issue_statement import issue_statement
from ledger_core.nightly.night import Night


async def close_cycles(night: Night) -> None:
    """Issue the statement of each line whose cycle ended, dated the closing day.

    A covered borrower's membership fee may have to be left out: 32 CFR 232.4(b).
    """
    for covered, line_ids in ((False, night.due["close"]), (True, night.due["close_covered"])):
        for line_id in line_ids:
            command = partial(issue_statement, line_id=line_id, covered=covered)
            await night.do("close", line_id, line_id, command, at=night.evening)
