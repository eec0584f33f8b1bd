"""The model watched: drift, calibration, groups, the challenger in its shadow, and the page about them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from ledger_core.commands.decide_limit import decide_limit
from ledger_core.dates import Moment
from ledger_core.store.postgres import specialist, system, transaction
from ledger_core.underwriting import assessment, monitoring, record
from ledger_core.underwriting.__main__ import main
from ledger_core.underwriting.features import FEATURES, Month, Observation
from ledger_core.underwriting.model import ARTEFACTS, load
from ledger_core.underwriting.monitoring import MonthEnd, Seen
from ledger_core.underwriting.policy import policy, policy_on
from ledger_core.underwriting.report import report
from ledger_core.underwriting.watched import month_ends, watch
from tests.fixtures.books import open_book, seasoned_book

SHADOWED = policy("lines_v2")
MODEL = load(SHADOWED.model, features=[feature.name for feature in FEATURES])
LINE = Seen("line", "cash_line_flex", "TX", (0,) * len(FEATURES), 0, 100_000, 0, 100_000, False)
DECIDED = record.CreditDecision(
    line_id="line", decision_id="d", customer_id="cus", kind="limit_request", decided_on=date(2026, 10, 3),
    known_seq=1, asked_cents=100_000, outcome="approved", limit_cents=100_000, expires_on=None, grade="A",
    reasons=(), features=(), features_sha256="", micrologits=None, default_ppm=None, path="conservative",
    why_conservative="history_short", model_version=None, policy_version="lines_v2", challenger_version=None,
    challenger_ppm=None, latency_us=1_000,
)  # fmt: skip


def scored(*micrologits: int) -> list[Seen]:
    return [replace(LINE, micrologits=value) for value in micrologits]


def test_scores_spread_like_those_of_training_have_not_drifted_and_crowded_ones_have() -> None:
    ends = [*MODEL.bins, MODEL.bins[-1] + 1]
    alike = monitoring.score_drift(MODEL.bins, scored(*ends * 10))
    assert (alike.psi_milli, alike.by_chance_milli) == (0, 90)
    crowded = monitoring.score_drift(MODEL.bins, scored(*[ends[-1]] * 100))
    assert crowded.psi_milli > 1_000


def test_too_few_lines_say_no_drift() -> None:
    few = monitoring.score_drift(MODEL.bins, scored(1, 2, 3))
    assert (few.lines, few.psi_milli, few.by_chance_milli) == (3, None, None)
    assert monitoring.score_drift(MODEL.bins, []).psi_milli is None


def test_the_card_keeps_the_training_spread_of_what_counts_most() -> None:
    for version in ("pd_v1", "pd_v2"):
        card = json.loads((ARTEFACTS / f"{version}.card.json").read_text())
        assert len(card["feature_bins"]) == 6
        for kept in card["feature_bins"].values():
            assert kept["cuts"] == sorted(set(kept["cuts"]))
            assert len(kept["rows"]) == len(kept["cuts"]) + 1
        drift = monitoring.feature_drift(card["feature_bins"], [LINE] * 40)
        assert all(found.psi_milli is not None for found in drift.values())


def test_said_and_seen_are_of_lines_whose_next_month_is_known() -> None:
    lines = [
        replace(LINE, missed_next=True, default_ppm=300_000),
        LINE,
        LINE,
        replace(LINE, missed_next=None),
    ]
    found = monitoring.calibration(MonthEnd(date(2026, 9, 30), tuple(lines), 0))
    assert (found.lines, found.missed, found.said_permille, found.seen_permille) == (3, 1, 167, 333)
    low, high = found.interval_permille
    assert 0 < low < 333 < high < 1000
    ahead = monitoring.calibration(MonthEnd(date(2026, 10, 31), (lines[-1],), 0))
    assert (ahead.lines, ahead.said_permille, ahead.interval_permille) == (0, None, None)


def test_rates_are_of_what_was_asked_for_and_reviews_are_told_apart() -> None:
    made = [
        DECIDED,
        replace(DECIDED, outcome="declined", reasons=("past_due", "payments_small")),
        replace(DECIDED, kind="application", outcome="counter_offer", reasons=("payments_small",)),
        replace(DECIDED, kind="limit_review"),
        replace(DECIDED, kind="limit_review", reasons=("past_due",)),
    ]
    found = monitoring.tally(made)
    assert (found.decided, found.approved, found.counter_offers, found.declined) == (3, 1, 1, 1)
    assert found.approved_permille == 333
    assert monitoring.reviews(made) == (1, 1)
    assert monitoring.reasons(made) == {"past_due": 2, "payments_small": 2}
    assert monitoring.tally([]).approved_permille is None


def test_latency_is_by_nearest_rank() -> None:
    made = [replace(DECIDED, latency_us=n) for n in range(1, 201)]
    assert monitoring.latency_us(made) == (100, 198)
    assert monitoring.latency_us(made[:1]) == (1, 1)
    assert monitoring.latency_us([]) is None


def test_swap_sets_hold_every_line_once_and_auc_waits_for_outcomes() -> None:
    good, bad = 90_000, 300_000
    lines = [
        replace(LINE, default_ppm=good, challenger_ppm=good),
        replace(LINE, default_ppm=good, challenger_ppm=bad, missed_next=True),
        replace(LINE, default_ppm=bad, challenger_ppm=good),
        replace(LINE, default_ppm=bad, challenger_ppm=bad, missed_next=None),
        replace(LINE, challenger_ppm=None),
    ]
    found = monitoring.versus(lines, SHADOWED)
    sets = (found.both_in, found.swapped_in, found.swapped_out, found.both_out)
    assert [s.lines for s in sets] == [1, 1, 1, 1]
    assert (found.swapped_out.missed, found.both_out.known) == (1, 0)
    assert (found.lines, found.same_grade, found.champion_auc) == (4, 2, None)
    enough = [replace(LINE, micrologits=n, challenger_micrologits=-n, missed_next=n >= 40) for n in range(80)]
    told = monitoring.versus(enough, SHADOWED)
    assert told.champion_auc[0] == 10_000
    assert told.challenger_auc[0] == 0


def test_a_version_in_force_keeps_its_rules_when_a_challenger_is_added() -> None:
    before, after = policy("lines_v1"), policy("lines_v2")
    same = replace(after, version=before.version, effective_on=before.effective_on, challenger=None)
    assert same == before
    assert policy_on(after.effective_on - timedelta(days=1)) == before
    assert policy_on(after.effective_on) == after


def test_the_challenger_looks_at_no_limit() -> None:
    challenger = load("pd_v2", features=[feature.name for feature in FEATURES])
    features = [0] * len(FEATURES)
    rank = [feature.name for feature in FEATURES].index("limit_rank")
    scores = set()
    for value in (0, 500, 1_000):
        features[rank] = value
        scores.add(challenger.micrologits(features))
    assert len(scores) == 1
    assert challenger.score(features).contributions[rank] == 0


@pytest.mark.parametrize("challenger_ppm", [1, 999_999])
def test_a_challenger_never_decides(monkeypatch: pytest.MonkeyPatch, challenger_ppm: int) -> None:
    observed = Observation(100_000, 500, (Month(0, 40_000, 9_000),) * 6)
    without = assessment.assess_observation(observed, policy("lines_v1"), lambda: 0)
    monkeypatch.setattr(assessment, "_shadow", lambda version, features: challenger_ppm)
    found = assessment.assess_observation(observed, SHADOWED, lambda: 0)
    assert (found.challenger_version, found.challenger_ppm) == ("pd_v2", challenger_ppm)
    shadowless = replace(found, policy_version="lines_v1", challenger_version=None, challenger_ppm=None)
    assert shadowless == without


async def test_the_shadow_is_recorded_and_the_page_tells_of_it(engine):
    book = await seasoned_book(engine, opened_on=date(2026, 3, 5))
    bad = await seasoned_book(engine, opened_on=date(2026, 3, 5), pays=False)
    young = await open_book(engine, opened_on=date(2026, 8, 5))
    for line in (book, bad, young):
        await line.go_to(date(2026, 10, 12))
    asked = await book.act(decide_limit, limit_cents=120_000)
    await bad.act(decide_limit, limit_cents=120_000)
    await young.act(decide_limit, limit_cents=300_000)
    async with transaction(engine, specialist("spec_test")) as conn:
        made = next(d for d in await record.of_line(conn, book.line_id) if d.kind != "draw")
    assert (made.policy_version, made.model_version, made.challenger_version) == (
        "lines_v2",
        "pd_v1",
        "pd_v2",
    )
    assert made.challenger_ppm is not None
    assert asked.outcome == made.outcome
    await bad.go_to(date(2026, 11, 20))
    async with transaction(engine, system("test")) as conn:
        found = await watch(conn, Moment(date(2026, 11, 20), book.at.at))
    assert found.lines_in_book == found.lines_looked_at == 3
    october = found.months[-1]
    assert {line.line_id for line in october.seen} == {book.line_id, bad.line_id}
    assert next(line for line in october.seen if line.line_id == bad.line_id).missed_next is True
    assert october.too_young == 1
    page = report(found)
    assert "pd_v2 scores in shadow and decides nothing" in page
    assert "history_short" in page
    assert "no sex, age, race or origin" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", ""), "nothing is fetched"


async def test_an_empty_book_says_so(engine):
    async with transaction(engine, system("test")) as conn:
        page = report(await watch(conn, Moment(date(2026, 11, 20), time(10))))
    for words in ("nothing is scored", "No decision was made", "All 0 lines", "No decision, no path"):
        assert words in page


async def test_the_command_writes_the_page(database, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("CASHLINE_BATCH_DATABASE_URL", database.url("cashline_batch"))
    out = tmp_path / "report.html"
    assert await asyncio.to_thread(main, ["report", "--out", str(out)]) == 0
    assert out.read_text().startswith("<!doctype html>")


def test_months_end_on_their_last_days() -> None:
    ends = month_ends(date(2026, 3, 16))
    assert (ends[0], ends[-1], len(ends)) == (date(2025, 3, 31), date(2026, 2, 28), 12)
