"""The customer asks for a higher limit: a decision in real time, with its reasons, recorded with its evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from time import perf_counter_ns
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import closed_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, World
from ledger_core.commands.run import run
from ledger_core.ids import new_id
from ledger_core.line.events import CreditDecided
from ledger_core.refusals import Refused, refused
from ledger_core.underwriting.assessment import Assessment, assess
from ledger_core.underwriting.limit_decision import LimitOutcome, decide_raise
from ledger_core.underwriting.policy import policy_on
from ledger_core.underwriting.record import CreditDecision, evidence

OFFER_DAYS: Final = 30
Nanoseconds = Callable[[], int]


@dataclass(frozen=True, slots=True)
class DecidedLimit:
    """What was decided. Nothing has changed yet: `accept_limit` takes the limit up."""

    decision_id: str
    outcome: str
    """approved, counter_offer or declined"""
    asked_cents: int
    limit_cents: int
    """the limit that may be taken up; the present one when declined"""
    present_cents: int
    expires_on: date
    reasons: tuple[str, ...]
    """why not what was asked for, at most four; `underwriting.reasons.statement` says them"""
    again_from: date | None
    """the day from which time alone is no longer a reason"""


async def decide_limit(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    limit_cents: int,
    timer: Nanoseconds = perf_counter_ns,
) -> DecidedLimit | Refused:
    """Approved, a counter-offer, or declined with the principal reasons; open for 30 days.

    Refused, and nothing recorded, where there is nothing to decide: line_closed, line_locked (a lock is no reason
    against a customer), limit_out_of_range, limit_not_a_step, limit_not_higher. Source: policy Line changes;
    12 CFR 1002.9.
    """
    began = timer()
    return await run(
        conn,
        ctx,
        line_id=line_id,
        command="decide_limit",
        inputs={"limit_cents": limit_cents},
        answer=DecidedLimit,
        decide=partial(_decide, limit_cents=limit_cents, microseconds=lambda: (timer() - began) // 1000),
    )


def _decide(world: World, *, limit_cents: int, microseconds: Nanoseconds) -> Decided[DecidedLimit] | Refused:
    no = closed_refusal(world) or _nothing_to_decide(world, limit_cents)
    if no is not None:
        return no
    policy = policy_on(world.at.on)
    found = assess(world.state, policy, lambda: microseconds() // 1000)
    outcome = decide_raise(world.product, world.state, limit_cents, found, policy)
    fact = fact_of(world, "limit_request", limit_cents, outcome)
    done = DecidedLimit(
        decision_id=fact.decision_id,
        outcome=outcome.outcome,
        asked_cents=limit_cents,
        limit_cents=outcome.limit_cents,
        present_cents=world.state.limit_cents,
        expires_on=fact.expires_on,
        reasons=outcome.reasons,
        again_from=outcome.again_from,
    )
    made = decision_of(world, fact, found, microseconds())
    return Decided(done, world.at.on, (fact,), {"limit_cents": outcome.limit_cents}, made)


def fact_of(world: World, kind: str, asked_cents: int, outcome: LimitOutcome) -> CreditDecided:
    """The decision for the journal."""
    return CreditDecided(
        decision_id=new_id("decision"),
        kind=kind,
        asked_cents=asked_cents,
        outcome=outcome.outcome,
        limit_cents=outcome.limit_cents,
        expires_on=world.at.on + timedelta(days=OFFER_DAYS),
        reasons=outcome.reasons,
    )


def decision_of(world: World, fact: CreditDecided, found: Assessment, latency_us: int) -> CreditDecision:
    """The same with its evidence."""
    return CreditDecision(
        line_id=world.line.line_id,
        decision_id=fact.decision_id,
        customer_id=world.line.customer_id,
        kind=fact.kind,
        decided_on=world.at.on,
        known_seq=max((r.seq for r in world.recorded), default=0),
        asked_cents=fact.asked_cents,
        outcome=fact.outcome,
        limit_cents=fact.limit_cents,
        expires_on=fact.expires_on,
        reasons=fact.reasons,
        latency_us=latency_us,
        product_id=world.product.product_id,
        state_code=world.state.state_code,
        **evidence(found),  # type: ignore[arg-type]
    )


def _nothing_to_decide(world: World, limit_cents: int) -> Refused | None:
    product, present = world.product, world.state.limit_cents
    if world.state.locked:
        return refused("line_locked", reason=world.state.lock_reason)
    if not product.limit_min_cents <= limit_cents <= product.limit_max_cents:
        low, high = product.limit_min_cents, product.limit_max_cents
        return refused("limit_out_of_range", min_cents=low, max_cents=high)
    if limit_cents % product.limit_step_cents:
        return refused("limit_not_a_step", step_cents=product.limit_step_cents)
    if limit_cents <= present:
        return refused("limit_not_higher", limit_cents=present)
    return None
