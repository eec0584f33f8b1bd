"""Credit decisions: what was decided and why, and the same decision made again from what was known then."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.replay import replay
from ledger_core.line.state import DecisionState
from ledger_core.queries.line import line_at
from ledger_core.refusals import Refused, refused
from ledger_core.underwriting.assessment import Assessment, assess, without_score
from ledger_core.underwriting.limit_decision import decide_lower, decide_raise
from ledger_core.underwriting.policy import policy
from ledger_core.underwriting.reasons import statement
from ledger_core.underwriting.record import CreditDecision, evidence, find


@dataclass(frozen=True, slots=True)
class ReasonSaid:
    """A principal reason in plain words, and what would help next time."""

    code: str
    why: str
    help: str


@dataclass(frozen=True, slots=True)
class DecisionExplanation:
    """A decision as it is told to the customer."""

    decision_id: str
    kind: str
    """limit_request or limit_review"""
    decided_on: date
    asked_cents: int
    outcome: str
    """approved, counter_offer or declined"""
    limit_cents: int
    expires_on: date
    taken_on: date | None
    may_be_taken: bool
    """whether its limit can be taken up today, by time and outcome alone"""
    reasons: tuple[ReasonSaid, ...]


async def decisions(
    conn: AsyncConnection, at: Moment, line_id: str, language: str = "en"
) -> tuple[DecisionExplanation, ...]:
    """All decisions about the line, the latest first. language: en or es."""
    state = (await line_at(conn, at, line_id)).state
    latest_first = sorted(state.decisions.values(), key=lambda d: (d.decided_on, d.decision_id), reverse=True)
    return tuple(_explained(found, at.on, language) for found in latest_first)


async def decision(
    conn: AsyncConnection, at: Moment, line_id: str, decision_id: str, language: str = "en"
) -> DecisionExplanation | Refused:
    """One decision. Refused: decision_unknown."""
    found = (await line_at(conn, at, line_id)).state.decisions.get(decision_id)
    return refused("decision_unknown") if found is None else _explained(found, at.on, language)


async def differences_when_made_again(
    conn: AsyncConnection, at: Moment, line_id: str, decision_id: str
) -> tuple[str, ...] | Refused:
    """Which fields come out otherwise when the decision is made again: none, however many years have passed.

    From the events that were known then, the policy and the model that are named in the record; how long it took
    and what a challenger said are not compared. Refused: decision_unknown, decision_by_rules (a draw).
    """
    record = await find(conn, line_id, decision_id)
    if record is None:
        return refused("decision_unknown")
    if record.path == "rules":
        return refused("decision_by_rules")
    again = _again(await line_at(conn, at, line_id), record)
    return tuple(name for name, value in again.items() if value != getattr(record, name))


def _again(world: World, record: CreditDecision) -> dict[str, Any]:
    state = replay(world.product, world.recorded, as_of=record.decided_on, known_at_seq=record.known_seq)
    rules = policy(record.policy_version)
    found: Assessment = assess(state, rules, lambda: 0)
    if record.why_conservative in ("model_missing", "model_slow"):
        found = without_score(found, record.why_conservative, rules)
    if record.kind == "limit_review" and record.reasons:
        outcome = decide_lower(world.product, state, found, rules)
    else:
        review = record.kind == "limit_review"
        outcome = decide_raise(world.product, state, record.asked_cents, found, rules, proactive=review)
    made = evidence(found)
    del made["challenger_version"], made["challenger_ppm"]
    if outcome is None:
        return {**made, "outcome": None}
    return {
        **made,
        "outcome": outcome.outcome,
        "limit_cents": outcome.limit_cents,
        "reasons": outcome.reasons,
    }


def _explained(found: DecisionState, today: date, language: str) -> DecisionExplanation:
    return DecisionExplanation(
        decision_id=found.decision_id,
        kind=found.kind,
        decided_on=found.decided_on,
        asked_cents=found.asked_cents,
        outcome=found.outcome,
        limit_cents=found.limit_cents,
        expires_on=found.expires_on,
        taken_on=found.taken_on,
        may_be_taken=found.outcome != "declined" and found.taken_on is None and today <= found.expires_on,
        reasons=tuple(ReasonSaid(code, *statement(code, language)) for code in found.reasons),
    )
