"""Limits: what is decided, on which ground, and that rights never count."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.line.events import DisputeOpened, LimitChanged, LineLocked, PaymentReturned
from ledger_core.line.plan import decide_enroll
from ledger_core.refusals import Refused
from ledger_core.underwriting import features
from ledger_core.underwriting.assessment import Assessment, assess, assess_observation
from ledger_core.underwriting.behaviour import observe
from ledger_core.underwriting.features import FEATURES, Month, Observation, vector
from ledger_core.underwriting.limit_decision import LimitOutcome, decide_lower, decide_raise, proactive_ask
from ledger_core.underwriting.model import ArtefactRefused
from ledger_core.underwriting.policy import PolicyUnknown, policy, policy_on
from ledger_core.underwriting.reasons import ALL, from_contributions, statement
from tests.fixtures.line_book import DAY, LineBook

OPENED = date(2025, 6, 2)
TODAY = date(2026, 3, 16)
POLICY = policy("lines_v1")
PROHIBITED = (
    "sex", "gender", "age", "birth", "marital", "married", "family", "child", "race", "color", "colour", "ethnic",
    "origin", "national", "religion", "language", "state_code", "zip", "address", "name", "military", "public_assist",
    "dispute", "plan", "hardship", "bankrupt", "complaint", "rights", "scra",
)  # fmt: skip
"""Words of 12 CFR 1002.2(z) and of the rights of the policy: none may lead into a score."""


def quick() -> int:
    return 1


def slow() -> Callable[[], int]:
    """A clock by which every score takes a second too long."""
    return count(0, 1_000 + POLICY.score_within_ms).__next__


def used_line(
    *, limit_cents: int = 100_000, pay: int = 12_000, draw: int = 8_000, misses: tuple[int, ...] = ()
) -> LineBook:
    """Nine months of one draw and one payment a month; `misses` names the cycles that go unpaid."""
    line = LineBook(OPENED, limit_cents=limit_cents, due_day=14)
    line.draw(OPENED, 40_000)
    for month in range(9):
        closed = line.close_through(line.state(TODAY).next_close_on)
        assert closed is not None
        on = closed.cycle_end + 3 * DAY
        if on >= TODAY:
            break
        state = line.state(on)
        if not state.past_due_cents and state.available_cents > draw:
            line.draw(on, draw)
        if month not in misses:
            line.pay(closed.due_on - 2 * DAY, min(pay, line.state(closed.due_on).owed_cents))
    return line


def assessed(line: LineBook, on: date = TODAY) -> Assessment:
    return assess(line.state(on), POLICY, quick)


def raised(line: LineBook, asked_cents: int, on: date = TODAY) -> LimitOutcome:
    return decide_raise(line.product, line.state(on), asked_cents, assessed(line, on), POLICY)


def test_a_line_paid_well_is_raised_as_asked() -> None:
    outcome = raised(used_line(), 120_000)
    assert outcome == LimitOutcome("approved", 120_000, (), None)


def test_more_than_the_grade_allows_is_answered_with_what_it_does_allow() -> None:
    line = used_line()
    outcome = raised(line, 500_000)
    assert outcome.outcome == "counter_offer"
    assert 100_000 < outcome.limit_cents < 500_000
    assert outcome.limit_cents % line.product.limit_step_cents == 0
    assert 1 <= len(outcome.reasons) <= 4
    assert raised(line, outcome.limit_cents).outcome == "approved"


def test_a_line_with_missed_minimums_is_declined_for_them() -> None:
    line = used_line(misses=(2, 3, 4, 5, 6, 7))
    state = line.state(TODAY)
    outcome = decide_raise(line.product, state, 150_000, assessed(line), POLICY)
    assert outcome.outcome == "declined"
    assert outcome.reasons[0] == "past_due"
    assert outcome.limit_cents == state.limit_cents


def test_once_caught_up_what_was_missed_is_named_by_the_model() -> None:
    line = used_line(misses=(5, 6, 7))
    line.pay(TODAY - DAY, line.state(TODAY).past_due_cents)
    outcome = raised(line, 300_000)
    assert outcome.outcome == "declined"
    assert set(outcome.reasons) & {"past_due_now", "past_due_lately", "past_due_depth", "past_due_often"}


def test_small_payments_bound_the_limit_to_what_they_could_carry() -> None:
    modest = raised(used_line(pay=3_000, draw=2_000), 200_000)
    assert modest.outcome != "approved"
    assert modest.reasons


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda line: line.add(TODAY, LineLocked("fraud")), "not_open"),
        (lambda line: line.add(TODAY - 30 * DAY, LimitChanged(105_000, "customer")), "limit_changed_lately"),
        (
            lambda line: line.add(
                TODAY - 5 * DAY,
                PaymentReturned(next(iter(line.state(TODAY).payments)), "R01"),
            ),
            "payment_returned_lately",
        ),
    ],
)
def test_a_broken_rule_declines_and_is_the_reason(change, reason) -> None:  # type: ignore[no-untyped-def]
    line = used_line()
    change(line)
    outcome = raised(line, 150_000)
    assert outcome.outcome == "declined"
    assert reason in outcome.reasons


def test_a_young_line_is_told_from_when_it_may_ask() -> None:
    line = used_line()
    on = OPENED + timedelta(days=100)
    outcome = raised(line, 150_000, on)
    assert (outcome.outcome, outcome.reasons[0]) == ("declined", "time_on_book_short")
    assert outcome.again_from == date(2025, 12, 2)


def test_without_six_cycles_the_conservative_path_decides_and_says_so() -> None:
    line = used_line()
    found = assess(line.state(OPENED + timedelta(days=100)), POLICY, quick)
    assert (found.path, found.why_conservative, found.score) == ("conservative", "history_short", None)


def test_a_slow_score_is_not_waited_for() -> None:
    found = assess(used_line().state(TODAY), POLICY, slow())
    assert (found.path, found.why_conservative, found.grade) == (
        "conservative",
        "model_slow",
        POLICY.conservative,
    )
    assert found.features


def test_a_missing_model_leaves_the_conservative_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(version: str) -> None:
        raise ArtefactRefused(version)

    monkeypatch.setattr("ledger_core.underwriting.assessment.shipped", gone)
    line = used_line()
    found = assessed(line)
    assert found.why_conservative == "model_missing"
    bounded = decide_raise(line.product, line.state(TODAY), 500_000, found, POLICY)
    assert bounded.outcome != "approved"
    assert bounded.limit_cents <= POLICY.conservative.limit_max_cents


def test_a_dispute_changes_neither_features_nor_outcome() -> None:
    plain, disputed = used_line(misses=(4,)), used_line(misses=(4,))
    draw_id, draw = next(iter(disputed.state(TODAY).draws.items()))
    on = TODAY - 40 * DAY
    disputed.add(
        on,
        DisputeOpened(
            "dispute_1", "unauthorized", draw_id, draw.amount_cents, on, on + 30 * DAY, on + 80 * DAY, False
        ),
    )
    before, after = (observe(line.state(TODAY), ()) for line in (plain, disputed))
    assert before is not None
    assert after is not None
    for mine, theirs in zip(after.months, before.months, strict=True):
        assert mine.missed <= theirs.missed
        assert mine.balance_cents <= theirs.balance_cents
        assert mine.paid_cents == theirs.paid_cents


def test_minimums_that_a_plan_took_the_place_of_are_not_missed() -> None:
    line = used_line(misses=(6, 7))
    before = observe(line.state(TODAY), ())
    on = TODAY - 20 * DAY
    enrolled = decide_enroll(line.product, line.state(on), plan_id="plan_1", kind="plan_12")
    assert not isinstance(enrolled, Refused)
    line.add(on, enrolled)
    after = observe(line.state(TODAY), ())
    assert before is not None
    assert after is not None
    assert sum(m.missed for m in after.months) < sum(m.missed for m in before.months)


def test_only_a_bad_grade_with_missed_minimums_is_lowered() -> None:
    good = used_line()
    assert decide_lower(good.product, good.state(TODAY), assessed(good), POLICY) is None
    bad = used_line(misses=(1, 2, 3, 4, 5, 6, 7, 8), draw=9_000)
    outcome = decide_lower(bad.product, bad.state(TODAY), assessed(bad), POLICY)
    state = bad.state(TODAY)
    assert outcome is not None
    assert state.principal_cents <= outcome.limit_cents < state.limit_cents
    assert outcome.reasons[:2] == ("past_due_lately", "past_due_now")


def test_the_best_grade_is_told_that_the_step_is_too_large_and_nothing_of_its_payments() -> None:
    assert raised(used_line(), 500_000).reasons == ("step_too_large",)


def test_we_never_lower_on_the_conservative_path() -> None:
    bad = used_line(misses=tuple(range(9)))
    unscored = assess(bad.state(TODAY), POLICY, slow())
    assert decide_lower(bad.product, bad.state(TODAY), unscored, POLICY) is None


@given(st.integers(21, 100).map(lambda n: n * 5_000))
@settings(max_examples=40, deadline=None)
def test_what_is_offered_never_exceeds_what_was_asked_or_any_ceiling(asked: int) -> None:
    line = used_line()
    found = assessed(line)
    outcome = decide_raise(line.product, line.state(TODAY), asked, found, POLICY)
    assert outcome.limit_cents <= asked
    assert outcome.limit_cents <= max(found.grade.limit_max_cents, line.state(TODAY).limit_cents)
    assert set(outcome.reasons) <= set(ALL)
    assert bool(outcome.reasons) == (outcome.outcome != "approved")


def test_what_we_offer_unasked_is_within_the_grade() -> None:
    line = used_line()
    found = assessed(line)
    offer = proactive_ask(line.product, line.state(TODAY), found)
    assert offer <= found.grade.limit_max_cents
    assert offer % line.product.limit_step_cents == 0


def test_reasons_of_the_model_are_those_that_raised_the_risk_strongest_first() -> None:
    contributions = [0] * len(FEATURES)
    names = [feature.name for feature in FEATURES]
    contributions[names.index("missed_1")] = 300
    contributions[names.index("utilisation_1")] = 500
    contributions[names.index("utilisation_mean")] = -100
    contributions[names.index("limit_rank")] = -900
    assert from_contributions(contributions) == ("balance_to_limit", "past_due_now")


def test_an_unknown_policy_is_named() -> None:
    with pytest.raises(PolicyUnknown):
        policy("lines_v0")
    with pytest.raises(PolicyUnknown):
        policy_on(date(2001, 1, 1))


def test_no_feature_is_a_prohibited_basis_or_the_use_of_a_right() -> None:
    seen = [f.name for f in fields(Observation)] + [f.name for f in fields(Month)]
    for name in [*seen, *(feature.name for feature in FEATURES)]:
        assert not [word for word in PROHIBITED if word in name.split("_")], name


def test_features_read_nothing_but_the_observation() -> None:
    """The data flow: `features.py` sees no state, and an observation is made of these fields alone."""
    tree = ast.parse(Path(features.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"collections.abc", "dataclasses", "itertools", "typing", "ledger_core.money"}
    assert {f.name for f in fields(Observation)} == {"limit_cents", "limit_rank_permille", "months"}
    assert {f.name for f in fields(Month)} == {"missed", "balance_cents", "paid_cents"}
    from ledger_core.underwriting import behaviour

    read = {
        node.attr
        for node in ast.walk(ast.parse(Path(behaviour.__file__).read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert read <= {
        "statements", "limit_cents", "figures", "new_balance_cents", "disputed_cents", "payments", "values",
        "allocation", "received_on", "cycle_start", "cycle_end", "amount_cents", "number", "balance_cents",
        "current_due_on", "paid_on", "minimum_unpaid_cents",
    }  # fmt: skip


def test_absurd_observations_stay_within_the_bounds_of_the_features() -> None:
    month = Month(missed=99, balance_cents=10**12, paid_cents=10**12)
    high = vector(Observation(1, 1000, (month,) * 6))
    low = vector(
        Observation(500_000, 0, (replace(month, missed=0, balance_cents=-(10**12), paid_cents=0),) * 6)
    )
    for values in (high, low):
        assert all(abs(value) <= 60_000 for value in values)


@pytest.mark.parametrize("reason", ALL)
def test_each_reason_is_said_in_plain_words_in_both_languages(reason: str) -> None:
    for language in ("en", "es"):
        why, help_ = statement(reason, language)
        assert why.endswith(".")
        assert help_.endswith(".")
        assert len(why.split()) <= 25


def test_a_line_that_nobody_used_is_judged_by_policy_and_says_so() -> None:
    rules = policy("lines_v3")
    unused = Observation(100_000, 300, tuple(Month(0, 0, 0) for _ in range(6)))
    found = assess_observation(unused, rules, quick)
    assert (found.path, found.why_conservative, found.score) == ("conservative", "line_unused", None)
    assert found.grade == rules.unused.grade
    by_model = assess_observation(unused, POLICY, quick)
    assert by_model.path == "model"
    line = LineBook(OPENED, limit_cents=100_000, due_day=14)
    line.close_through(TODAY)
    state = line.state(TODAY)
    declined = decide_raise(line.product, state, 150_000, assess(state, rules, quick), rules)
    assert (declined.outcome, declined.reasons[0]) == ("declined", "limit_little_used")
    assert decide_lower(line.product, state, assess(state, rules, quick), rules) is None


def test_whoever_pays_all_back_within_the_cycle_uses_the_line() -> None:
    rules = policy("lines_v3")
    months = (Month(0, 0, 20_000), *(Month(0, 0, 0) for _ in range(5)))
    assert assess_observation(Observation(100_000, 300, months), rules, quick).path == "model"
    little = tuple(Month(0, 1_000, 0) for _ in range(6))
    assert assess_observation(Observation(100_000, 300, little), rules, quick).why_conservative == "line_unused"
    more = tuple(Month(0, 1_020, 0) for _ in range(6))
    assert assess_observation(Observation(100_000, 300, more), rules, quick).path == "model"
