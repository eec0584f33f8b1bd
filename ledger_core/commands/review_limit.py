"""We look at a line unasked: a higher limit is offered, a lower one is set with notice and reasons."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from time import perf_counter_ns
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import closed_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decide_limit import Nanoseconds, decision_of, fact_of
from ledger_core.commands.decided import Decided, World
from ledger_core.commands.order import Order, run_order
from ledger_core.line.events import Fact, LimitChanged
from ledger_core.refusals import Refused
from ledger_core.underwriting.assessment import Assessment, assess
from ledger_core.underwriting.limit_decision import (
    LimitOutcome,
    decide_lower,
    decide_raise,
    proactive_ask,
)
from ledger_core.underwriting.policy import CreditPolicy, policy_on


@dataclass(frozen=True, slots=True)
class ReviewedLimit:
    """What the review came to. `unchanged` writes nothing."""

    outcome: Literal["unchanged", "offered", "lowered"]
    decision_id: str | None
    limit_cents: int
    present_cents: int
    """before the review"""
    expires_on: date | None
    reasons: tuple[str, ...]
    """why it was lowered; the notice says them"""


def review_limit_order(*, line_id: str, timer: Nanoseconds = perf_counter_ns) -> Order[ReviewedLimit]:
    """What `review_limit` does to the line, to be run by itself or with many."""
    return Order(line_id, "review_limit", {}, ReviewedLimit, partial(_decide, timer=timer))


async def review_limit(
    conn: AsyncConnection, ctx: CommandContext, *, line_id: str, timer: Nanoseconds = perf_counter_ns
) -> ReviewedLimit | Refused:
    """Lowered at once, offered for 30 days, or unchanged.

    A line is lowered only on a score, never below its balance. Refused: line_closed.
    Source: policy Line changes; 12 CFR 1002.9(a)(1)(iii).
    """
    return await run_order(conn, ctx, review_limit_order(line_id=line_id, timer=timer))


def _decide(world: World, *, timer: Nanoseconds) -> Decided[ReviewedLimit] | Refused:
    """Its time begins here: of many lines none waits for another's decision."""
    began = timer()
    return decide_review(world, microseconds=lambda: (timer() - began) // 1000)


def decide_review(world: World, *, microseconds: Nanoseconds) -> Decided[ReviewedLimit] | Refused:
    """What `review_limit` decides; for one line and for many."""
    no = closed_refusal(world)
    if no is not None:
        return no
    policy = policy_on(world.at.on)
    found = assess(world.state, policy, lambda: microseconds() // 1000)
    present = world.state.limit_cents
    lower = decide_lower(world.product, world.state, found, policy)
    offer = None if lower is not None else _offer(world, found, policy)
    outcome = lower or offer
    if outcome is None:
        unchanged = ReviewedLimit("unchanged", None, present, present, None, ())
        return Decided(unchanged, world.at.on, (), {})
    fact = fact_of(world, "limit_review", outcome.limit_cents, outcome)
    facts: tuple[Fact, ...] = (fact,)
    if lower is not None:
        facts = (fact, LimitChanged(lower.limit_cents, "review", fact.decision_id))
    done = ReviewedLimit(
        outcome="lowered" if lower is not None else "offered",
        decision_id=fact.decision_id,
        limit_cents=outcome.limit_cents,
        present_cents=present,
        expires_on=None if lower is not None else fact.expires_on,
        reasons=outcome.reasons,
    )
    return Decided(done, world.at.on, facts, {}, decision_of(world, fact, found, microseconds()))


def _offer(world: World, found: Assessment, policy: CreditPolicy) -> LimitOutcome | None:
    """What the stricter rules of an unasked offer allow, if it is more than the line has."""
    ask = proactive_ask(world.product, world.state, found)
    if ask <= world.state.limit_cents:
        return None
    outcome = decide_raise(world.product, world.state, ask, found, policy, proactive=True)
    if outcome.outcome == "declined":
        return None
    return LimitOutcome("approved", outcome.limit_cents, (), None)
