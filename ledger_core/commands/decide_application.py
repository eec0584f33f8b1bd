"""Somebody asks for a line: decided at once, opened when approved, and recorded either way."""

from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter_ns

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decide_limit import OFFER_DAYS, Nanoseconds
from ledger_core.commands.open_line import OpenedLine, open_line
from ledger_core.ids import new_id
from ledger_core.pricing.caps import StateUnknown, interest_cap_bp
from ledger_core.pricing.offer import offer
from ledger_core.products import Product, load
from ledger_core.refusals import Refused, refused
from ledger_core.underwriting.application import Applied, decide_application_for
from ledger_core.underwriting.assessment import Assessment, assess_observation
from ledger_core.underwriting.features import Observation, contradictions
from ledger_core.underwriting.policy import policy_on
from ledger_core.underwriting.record import CreditDecision, evidence, of_line, record


@dataclass(frozen=True, slots=True)
class DecidedApplication:
    """What was decided; `opened` is the line when there is one now."""

    decision_id: str
    outcome: str
    """approved, counter_offer or declined"""
    asked_cents: int
    limit_cents: int
    """0 when declined"""
    apr_bp: int | None
    reasons: tuple[str, ...]
    opened: OpenedLine | None


async def decide_application(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    customer_id: str,
    product_id: str,
    limit_cents: int,
    due_day: int,
    state_code: str,
    observation: Observation | None,
    covered: bool = False,
    timer: Nanoseconds = perf_counter_ns,
) -> DecidedApplication | Refused:
    """Approved or countered: the line is open at the price of its grade. Declined: the reasons, and nothing else.

    line_id: made by the caller, who sends it again with the same key. observation: six months of another revolving
    line, as a bureau reports them; None without any. Refused, with nothing recorded, with the first of:
    product_unknown, state_unknown, limit_out_of_range, limit_not_a_step, observation_contradictory, and what
    `open_line` refuses. Source: 12 CFR 1002.9(a).
    """
    began = timer()
    no = _nothing_to_decide(product_id, limit_cents, state_code, ctx, observation)
    if no is not None:
        return no
    product = load(product_id)
    earlier = [made for made in await of_line(conn, line_id) if made.kind == "application"]
    if earlier:
        # Sent again: the first decision stands, and its line is found by the key.
        return await _opened(conn, ctx, earlier[0], product, due_day, state_code, covered)
    found = assess_observation(observation, policy_on(ctx.at.on), lambda: (timer() - began) // 1_000_000)
    applied = decide_application_for(product, limit_cents, found)
    decided = _record(ctx, line_id, customer_id, limit_cents, found, applied, (timer() - began) // 1000)
    made = replace(decided, product_id=product_id, state_code=state_code)
    answer = await _opened(conn, ctx, made, product, due_day, state_code, covered)
    if not isinstance(answer, Refused):
        await record(conn, [made])
    return answer


def _nothing_to_decide(
    product_id: str, limit_cents: int, state_code: str, ctx: CommandContext, observation: Observation | None
) -> Refused | None:
    try:
        product = load(product_id)
        interest_cap_bp(state_code, ctx.at.on, covered=False)
    except LookupError:
        return refused("product_unknown", product_id=product_id)
    except StateUnknown:
        return refused("state_unknown", state_code=state_code)
    if not product.limit_min_cents <= limit_cents <= product.limit_max_cents:
        return refused("limit_out_of_range", min_cents=product.limit_min_cents, max_cents=product.limit_max_cents)
    if limit_cents % product.limit_step_cents:
        return refused("limit_not_a_step", step_cents=product.limit_step_cents)
    wrong = contradictions(observation) if observation is not None else ()
    return refused("observation_contradictory", first=wrong[0]) if wrong else None


async def _opened(
    conn: AsyncConnection,
    ctx: CommandContext,
    made: CreditDecision,
    product: Product,
    due_day: int,
    state_code: str,
    covered: bool,
) -> DecidedApplication | Refused:
    if made.outcome == "declined":
        return DecidedApplication(made.decision_id, "declined", made.asked_cents, 0, None, made.reasons, None)
    price = offer(product, made.grade, state_code, made.decided_on, covered=covered)
    opened = await open_line(
        conn,
        ctx,
        line_id=made.line_id,
        customer_id=made.customer_id,
        product_id=product.product_id,
        limit_cents=made.limit_cents,
        apr_bp=price.apr_bp,
        due_day=due_day,
        state_code=state_code,
    )
    if isinstance(opened, Refused):
        return opened
    return DecidedApplication(
        made.decision_id, made.outcome, made.asked_cents, made.limit_cents, price.apr_bp, made.reasons, opened
    )


def _record(
    ctx: CommandContext,
    line_id: str,
    customer_id: str,
    asked_cents: int,
    found: Assessment,
    applied: Applied,
    latency_us: int,
) -> CreditDecision:
    return CreditDecision(
        line_id=line_id,
        decision_id=new_id("decision"),
        customer_id=customer_id,
        kind="application",
        decided_on=ctx.at.on,
        known_seq=0,
        asked_cents=asked_cents,
        outcome=applied.outcome,
        limit_cents=applied.limit_cents,
        expires_on=ctx.at.on + timedelta(days=OFFER_DAYS),
        reasons=applied.reasons,
        latency_us=latency_us,
        **evidence(found),  # type: ignore[arg-type]
    )
