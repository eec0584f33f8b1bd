"""Limits are looked at unasked, every so many statements."""

from __future__ import annotations

from ledger_core.commands.decided import World
from ledger_core.commands.review_limit import review_limit_order
from ledger_core.dates import add_months
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.nightly.night import Doing, Night
from ledger_core.underwriting.policy import ReviewRules, reviews_on


async def review_limits(night: Night) -> None:
    """Review the limit of each open line whose cycle closed with a statement that calls for it.

    Not soon after another decision about the limit, and not under an overlay. Source: policies.yaml, `reviews`.
    """
    rules = reviews_on(night.on)
    if rules is None:
        return
    async for worlds in night.worlds("review"):
        await night.do(
            [
                Doing("review", world.line.line_id, review_limit_order(line_id=world.line.line_id), world)
                for world in worlds
                if _is_due(night, world, rules)
            ]
        )


def _is_due(night: Night, world: World, rules: ReviewRules) -> bool:
    state = world.state
    last = state.last_statement
    if state.status != "open" or overlay_reasons(state) or last is None or last.cycle_end != night.closed:
        return False
    if last.number % rules.every_statements:
        return False
    lately = [d for d in state.decisions.values() if d.decided_on < night.on]
    return all(add_months(d.decided_on, rules.months_after_decision_min) <= night.on for d in lately)
