"""A decision with its evidence, as `core.decisions` keeps it; and the same decision made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.store.following import Following, follow
from ledger_core.store.tables import decisions
from ledger_core.underwriting.assessment import Assessment
from ledger_core.underwriting.notices import notices_of


@dataclass(frozen=True, slots=True)
class CreditDecision:
    """One decision. Amounts in cents, chances in parts per million, the rest as the policy names it."""

    line_id: str
    decision_id: str
    customer_id: str
    kind: str
    """limit_request, limit_review, application or draw"""
    decided_on: date
    known_seq: int
    """the last event of the line that was known; 0 before it is opened"""
    asked_cents: int
    outcome: str
    limit_cents: int
    expires_on: date | None
    grade: str
    reasons: tuple[str, ...]
    features: tuple[int, ...]
    features_sha256: str
    micrologits: int | None
    default_ppm: int | None
    path: str
    why_conservative: str | None
    model_version: str | None
    policy_version: str
    challenger_version: str | None
    """a model that scored in shadow and decided nothing"""
    challenger_ppm: int | None
    latency_us: int
    """from the reading of the books to this record"""
    product_id: str | None = None
    state_code: str | None = None
    """None in decisions from before they were kept"""


def evidence(assessment: Assessment) -> dict[str, object]:
    """The fields of a record that an assessment fills."""
    score = assessment.score
    return {
        "grade": assessment.grade.grade,
        "features": assessment.features,
        "features_sha256": assessment.features_sha256,
        "micrologits": None if score is None else score.micrologits,
        "default_ppm": None if score is None else score.default_ppm,
        "path": assessment.path,
        "why_conservative": assessment.why_conservative,
        "model_version": assessment.model_version,
        "policy_version": assessment.policy_version,
        "challenger_version": assessment.challenger_version,
        "challenger_ppm": assessment.challenger_ppm,
    }


async def record(conn: AsyncConnection, made: Sequence[CreditDecision]) -> None:
    """Keep them, with the notices they call for, in the transaction of what they change."""
    await follow(conn, Following(decisions=[row_of(d) for d in made], notices=notices_of(made)))


def row_of(decision: CreditDecision) -> dict[str, object]:
    """As `core.decisions` keeps it."""
    return {f.name: getattr(decision, f.name) for f in fields(decision)}


async def of_line(conn: AsyncConnection, line_id: str) -> tuple[CreditDecision, ...]:
    """All decisions about a line that this identity may see, oldest first."""
    return await _found(conn, decisions.c.line_id == line_id)


async def between(conn: AsyncConnection, first: date, last: date) -> tuple[CreditDecision, ...]:
    """All decisions of those days, both included, oldest first."""
    return await _found(conn, decisions.c.decided_on.between(first, last))


async def find(conn: AsyncConnection, line_id: str, decision_id: str) -> CreditDecision | None:
    """That decision; None when there is none or this identity may not see it."""
    found = await _found(conn, (decisions.c.line_id == line_id) & (decisions.c.decision_id == decision_id))
    return found[0] if found else None


async def _found(conn: AsyncConnection, where: object) -> tuple[CreditDecision, ...]:
    query = select(*(decisions.c[f.name] for f in fields(CreditDecision))).where(where)  # type: ignore[arg-type]
    rows = await conn.execute(query.order_by(decisions.c.decided_on, decisions.c.decision_id))
    return tuple(_made(row) for row in rows)


def _made(row: Sequence[object]) -> CreditDecision:
    values = {f.name: value for f, value in zip(fields(CreditDecision), row, strict=True)}
    values |= {name: tuple(values[name]) for name in ("reasons", "features")}  # type: ignore[arg-type]
    return CreditDecision(**values)  # type: ignore[arg-type]
