"""The notice of an adverse decision: what was decided and why, in writing and in both languages, kept as it was sent.

A notice follows from its decision and is written with it. Source: 12 CFR 1002.9; declined and countered requests,
and limits that we lower, within thirty days: ours goes at once. A refused draw is none (12 CFR 1002.2(c)(2)). An
application is judged by a report of another line, so its notice says whose report it was, and the score made from it
(15 USC 1681m(a)); a line's own limits are judged by our own books alone, and theirs says that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import yaml

from ledger_core.ids import new_id
from ledger_core.underwriting.reasons import statement

if TYPE_CHECKING:
    from ledger_core.underwriting.record import CreditDecision

LANGUAGES: Final = ("en", "es")


def notices_of(made: Sequence[CreditDecision]) -> list[dict[str, Any]]:
    """The notice of each adverse decision among them, as `core.notices` keeps it."""
    kinds = [(decision, notice_kind(decision)) for decision in made]
    return [_row(decision, kind) for decision, kind in kinds if kind is not None]


def notice_kind(decision: CreditDecision) -> str | None:
    """declined, counter_offer, lowered, application_declined or application_counter_offer; None where none is due."""
    if decision.kind == "limit_review":
        return "lowered" if decision.reasons else None
    if decision.outcome == "approved" or decision.kind == "draw":
        return None
    return decision.outcome if decision.kind == "limit_request" else f"{decision.kind}_{decision.outcome}"


def notice_text(decision: CreditDecision, kind: str, language: str) -> str:
    """The notice as it is sent. language: en or es."""
    said = _texts()[language]
    facts = {
        "asked": _money(decision.asked_cents),
        "limit": _money(decision.limit_cents),
        "expires_on": "" if decision.expires_on is None else _day(decision.expires_on, language),
    }
    reasons = [" ".join(statement(reason, language)) for reason in decision.reasons]
    numbered = "\n".join(f"{n}. {reason}" for n, reason in enumerate(reasons, start=1))
    rests_on = _report(decision, language) if decision.kind == "application" else (said["ours"],)
    parts = (
        f"{said['title']}\n{_day(decision.decided_on, language)}",
        said[kind].format(**facts),
        f"{said['reasons']}\n{numbered}",
        *rests_on,
        said["question"],
        said["law"],
    )
    return "\n\n".join(parts)


def score_of(default_ppm: int) -> int:
    """The score that a customer is told: higher is better; the range stands in `notices.yaml`."""
    return 1000 - (default_ppm + 500) // 1000


def _report(decision: CreditDecision, language: str) -> tuple[str, ...]:
    """That a report was used, and the score made from it where one was. Source: 15 USC 1681m(a)."""
    said = _texts()[language]
    bureau = said["bureau"].format(**_texts()["agency"])
    if decision.default_ppm is None:
        return (bureau,)
    low, high = _texts()["score_range"]
    score = said["score"].format(
        score=score_of(decision.default_ppm),
        decided_on=_day(decision.decided_on, language),
        low=low,
        high=f"{high:,}",
    )
    factors = [statement(reason, language)[0] for reason in decision.reasons]
    listed = "\n".join(f"{n}. {factor}" for n, factor in enumerate(factors, start=1))
    return bureau, f"{score}\n{listed}"


def _row(decision: CreditDecision, kind: str) -> dict[str, Any]:
    return {
        "line_id": decision.line_id,
        "notice_id": new_id("notice"),
        "customer_id": decision.customer_id,
        "decision_id": decision.decision_id,
        "kind": kind,
        "issued_on": decision.decided_on,
        "texts": {language: notice_text(decision, kind, language) for language in LANGUAGES},
    }


def _money(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02}"


def _day(on: date, language: str) -> str:
    if language == "es":
        return f"{on.day} de {_texts()['months']['es'][on.month - 1]} de {on.year}"
    return f"{on:%B} {on.day}, {on.year}"


@cache
def _texts() -> Mapping[str, Any]:
    text = (Path(__file__).parent / "notices.yaml").read_text(encoding="utf-8")
    return cast(Mapping[str, Any], yaml.safe_load(text))
