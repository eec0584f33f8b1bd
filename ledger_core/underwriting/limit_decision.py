"""Whether a limit is raised, to what, and why not more. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from ledger_core.dates import add_months
from ledger_core.line.minimum_payment import minimum_payment
from ledger_core.line.state import LineState
from ledger_core.money import BASIS_POINTS
from ledger_core.products import Product
from ledger_core.underwriting.assessment import Assessment
from ledger_core.underwriting.features import MONTHS, Observation, used_share_bp
from ledger_core.underwriting.policy import CreditPolicy, RaiseRules
from ledger_core.underwriting.reasons import from_contributions, principal


@dataclass(frozen=True, slots=True)
class LimitOutcome:
    """What was decided. `limit_cents` is the limit that would apply; the present one when declined."""

    outcome: Literal["approved", "counter_offer", "declined"]
    limit_cents: int
    reasons: tuple[str, ...]
    """why not what was asked for; none when approved"""
    again_from: date | None
    """the day from which time alone is no longer a reason"""


class _Ceiling(NamedTuple):
    limit_cents: int
    reasons: tuple[str, ...]


def decide_raise(
    product: Product,
    state: LineState,
    asked_cents: int,
    assessment: Assessment,
    policy: CreditPolicy,
    *,
    proactive: bool = False,
) -> LimitOutcome:
    """The asked limit if every rule and ceiling allows it, else the highest step below that they do allow.

    asked_cents: above the present limit, a step of the product. Source: policies.yaml; policy Line changes.
    """
    rules = policy.proactive_raise if proactive else policy.raise_
    again_from = _again_from(state, rules)
    broken = tuple(_broken_rules(state, rules, again_from, assessment))
    if broken:
        return LimitOutcome("declined", state.limit_cents, principal(broken), again_from)
    ceilings = sorted(_ceilings(product, state, assessment, rules, policy), key=lambda c: c.limit_cents)
    lowest = ceilings[0].limit_cents // product.limit_step_cents * product.limit_step_cents
    if lowest >= asked_cents:
        return LimitOutcome("approved", asked_cents, (), None)
    reasons = principal([r for c in ceilings if c.limit_cents < asked_cents for r in c.reasons])
    if lowest <= state.limit_cents:
        return LimitOutcome("declined", state.limit_cents, reasons, None)
    return LimitOutcome("counter_offer", lowest, reasons, None)


def proactive_ask(product: Product, state: LineState, assessment: Assessment) -> int:
    """The limit we would offer unasked: the most the grade allows, a step of the product."""
    most = min(
        assessment.grade.limit_max_cents,
        product.limit_max_cents,
        _raised(state, assessment.grade.raise_share_bp),
    )
    return most // product.limit_step_cents * product.limit_step_cents


def decide_lower(
    product: Product, state: LineState, assessment: Assessment, policy: CreditPolicy
) -> LimitOutcome | None:
    """The lower limit we set ourselves, with its reasons; None when there is no ground for it.

    Never below what is drawn and held, nor below the floor. Only on a score, never on the conservative path.
    """
    rules = policy.lower
    if assessment.score is None or assessment.observation is None or state.status != "open":
        return None
    missed = max(month.missed for month in assessment.observation.months)
    if assessment.grade.grade != rules.grade or missed < rules.missed_min or state.plan is not None:
        return None
    changed = state.limit_changed_on
    if changed is not None and add_months(changed, rules.months_between_min) > state.as_of:
        return None
    used = state.principal_cents + state.held_cents
    step = product.limit_step_cents
    limit = max(rules.limit_min_cents, -(-used // step) * step, product.limit_min_cents)
    if limit >= state.limit_cents:
        return None
    return LimitOutcome(
        "approved", limit, principal(from_contributions(assessment.score.contributions)), None
    )


def _again_from(state: LineState, rules: RaiseRules) -> date | None:
    """When the time rules are met, if they are not met yet."""
    days = [add_months(state.opened_on, rules.months_on_book_min)]
    if state.limit_changed_on is not None:
        days.append(add_months(state.limit_changed_on, rules.months_between_min))
    latest = max(days)
    return latest if latest > state.as_of else None


def _broken_rules(
    state: LineState, rules: RaiseRules, again_from: date | None, assessment: Assessment
) -> Iterator[str]:
    if state.status != "open":
        yield "not_open"
    if state.past_due_cents:
        yield "past_due"
    if state.plan is not None:
        yield "on_plan"
    if again_from is not None:
        young = add_months(state.opened_on, rules.months_on_book_min) > state.as_of
        yield "time_on_book_short" if young else "limit_changed_lately"
    since = state.as_of - timedelta(days=rules.returned_payment_free_days)
    if any(p.returned_on is not None and p.returned_on > since for p in state.payments.values()):
        yield "payment_returned_lately"
    if (
        assessment.observation is not None
        and used_share_bp(assessment.observation) < rules.used_share_bp_min
    ):
        yield "limit_little_used"


def _ceilings(
    product: Product, state: LineState, assessment: Assessment, rules: RaiseRules, policy: CreditPolicy
) -> Iterator[_Ceiling]:
    of_grade: tuple[str, ...] = ("history_short",)
    if assessment.score is not None:
        best = assessment.grade is policy.grades[0]
        of_grade = () if best else from_contributions(assessment.score.contributions)
    elif assessment.why_conservative == "line_unused":
        of_grade = ("limit_little_used",)
    elif assessment.why_conservative != "history_short":
        of_grade = ("limit_history",)
    grade = assessment.grade
    yield _Ceiling(grade.limit_max_cents, of_grade or ("limit_of_product",))
    yield _Ceiling(_raised(state, grade.raise_share_bp), (*of_grade, "step_too_large"))
    yield _Ceiling(product.limit_max_cents, ("limit_of_product",))
    seen = assessment.observation
    if seen is not None and used_share_bp(seen) >= rules.ability_from_share_bp:
        yield _Ceiling(_affordable(product, state, seen, rules), ("payments_small_for_limit",))


def _raised(state: LineState, share_bp: int) -> int:
    return state.limit_cents + state.limit_cents * share_bp // BASIS_POINTS


def _affordable(product: Product, state: LineState, seen: Observation, rules: RaiseRules) -> int:
    """The limit whose minimum at full use is covered, by the required share, by what was paid a month.

    The minimum at full use grows with the limit, so that a rate per 10,000 dollars is enough.
    """
    whole = BASIS_POINTS * 100
    interest = whole * state.base_apr_bp // BASIS_POINTS // 12
    full = minimum_payment(
        product, interest_cents=interest, fees_cents=0, principal_cents=whole, balance_cents=whole + interest
    ).total_cents
    paid = sum(month.paid_cents for month in seen.months) // MONTHS
    needed_bp = rules.ability_share_bp[product.product_id]
    return paid * whole * BASIS_POINTS // (full * needed_bp)
