"""Replay of a full line of two years: 60 facts of the customer, the bank and the house, and 23 statements.

Beside it, in the same run: the floor, a plain integer loop over the same days of interest; a walk that goes on
with one payment; and the line built again from stored rows. Processor time of the thread: in each round the best
of five of each, and the median over the rounds, so that a busy machine slows all alike.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from evals.figures import Figures, percentile
from ledger_core.line import plan, statement
from ledger_core.line.cycle import first_close
from ledger_core.line.events import (
    AutopaySet,
    CreditGranted,
    DisputeOpened,
    DisputeResolved,
    DrawRequested,
    DrawSettled,
    Fact,
    FeeCharged,
    FeeWaived,
    LineOpened,
    PaymentReceived,
    PaymentReturned,
    PaymentScheduled,
    PaymentSettled,
    PlanCancelled,
    PlanEnrolled,
    RateChanged,
    Recorded,
    from_stored,
)
from ledger_core.line.replay import Walk, replay
from ledger_core.line.state import LineState
from ledger_core.money import daily_interest_microcents
from ledger_core.products import load

FACTS, STATEMENTS, DAYS = 60, 23, 730
ROUNDS, WARM_UP, BEST_OF = 300, 20, 5
_OPENED = date(2024, 1, 6)
_FLEX = load("cash_line_flex")


class _Stored(NamedTuple):
    event_id: str
    seq: int
    type: str
    effective_on: date
    payload: Mapping[str, Any]


def bench(options: Any) -> Figures:
    """ms, floor_ms, extend_ms, rebuild_ms: medians."""
    facts = history()
    as_of = _OPENED + timedelta(days=DAYS)
    state = replay(_FLEX, facts, as_of=as_of)
    assert len(facts) == FACTS + STATEMENTS
    rows = _rows(facts)
    new = (Recorded("event_new", len(facts) + 1, as_of, PaymentReceived("new", 5_000)),)
    work: dict[str, Callable[[], object]] = {
        "ms": lambda: replay(_FLEX, facts, as_of=as_of),
        "floor_ms": lambda: _floor(state),
        "rebuild_ms": lambda: replay(_FLEX, _rebuilt(rows), as_of=as_of),
    }
    times: dict[str, list[int]] = {name: [] for name in (*work, "extend_ms")}
    for n in range(-WARM_UP, ROUNDS):
        taken = {name: min(_timed(run) for _ in range(BEST_OF)) for name, run in work.items()}
        walks = [Walk(_FLEX, facts, as_of) for _ in range(BEST_OF)]
        taken["extend_ms"] = min(_timed(partial(_extended, walk, new, as_of)) for walk in walks)
        if n >= 0:
            for name, nanoseconds in taken.items():
                times[name].append(nanoseconds)
    return Figures(
        name="replay",
        kind="bench",
        data=f"{DAYS} days, {FACTS} facts and {STATEMENTS} statements",
        n=ROUNDS,
        figures={name: percentile(taken, 0.5) / 1e6 for name, taken in times.items()},
        notes=[
            "processor time, best of five, median of the rounds; floor: a product and a sum per day and bucket",
            "extend: a walk goes on with one payment; rebuild: from JSON rows, then replayed",
        ],
    )


def _extended(walk: Walk, new: tuple[Recorded, ...], as_of: date) -> LineState:
    return walk.extended(new, as_of).state


def history() -> tuple[Recorded, ...]:
    """A line with everything in it: autopay, a return, fees, a dispute won, another rate, relief, a late payment."""
    facts: list[Recorded] = []
    for on, fact in sorted(_told(), key=lambda told: told[0]):
        _close_until(facts, on)
        _write(facts, on, fact(replay(_FLEX, facts, as_of=on)) if callable(fact) else fact)
    _close_until(facts, _OPENED + timedelta(days=DAYS))
    _write(facts, _on(300), PaymentReceived("payment_late", 1_500))
    return tuple(facts)


def _told() -> list[tuple[date, Fact | Callable[[LineState], Fact]]]:
    close_on = first_close(_FLEX, _OPENED, 14)
    told: list[tuple[date, Any]] = [
        (_on(0), LineOpened("cash_line_flex", 1, 500_000, 2599, 14, close_on, "NY")),
        (_on(2), AutopaySet("minimum", None, "bank")),
        (_on(200), FeeCharged("fee_late", "late", 2_500, None)),
        (_on(210), FeeWaived("fee_late", "credit_1", "error", 2_500)),
        (_on(230), _disputed),
        (_on(270), DisputeResolved("dispute", "partly", 20_000)),
        (_on(320), CreditGranted("credit_2", 1_000, "goodwill")),
        (_on(400), RateChanged(2299, "product")),
        (_on(500), _relief),
        (_on(560), PlanCancelled("plan", "customer")),
    ]
    for n in range(7):
        on, name = _on(5 + 97 * n), f"draw_{n}"
        told.append((on, DrawRequested(name, 40_000 + 5_000 * n, "instant", "bank", on, on)))
        told.append((on, DrawSettled(name)))
    for n in range(12):
        on, name = _on(40 + 56 * n), f"payment_{n}"
        outcome = PaymentReturned(name, "R01") if n == 3 else PaymentSettled(name)
        told.append((on, PaymentReceived(name, 9_000 + 1_000 * n)))
        told.append((on + timedelta(days=2), outcome))
        if n % 2 == 0 or n > 2:
            told.append(
                (on - timedelta(days=3), PaymentScheduled(name, 9_000 + 1_000 * n, on, "bank", "autopay"))
            )
    return told


def _timed(run: Callable[[], object]) -> int:
    begun = time.thread_time_ns()
    run()
    return time.thread_time_ns() - begun


def _on(day: int) -> date:
    return _OPENED + timedelta(days=day)


def _disputed(state: LineState) -> Fact:
    on = state.as_of
    clocks = (on + timedelta(days=30), on + timedelta(days=80))
    return DisputeOpened("dispute", "wrong_amount", "draw_1", 30_000, on, *clocks, False)


def _relief(state: LineState) -> Fact:
    enrolled = plan.decide_enroll(_FLEX, state, plan_id="plan", kind="relief")
    assert isinstance(enrolled, PlanEnrolled), enrolled
    return enrolled


def _close_until(facts: list[Recorded], on: date) -> None:
    """Issue every statement whose cycle ends before that day."""
    while facts:
        close_on = replay(_FLEX, facts, as_of=on).next_close_on
        if close_on >= on:
            return
        state = replay(_FLEX, facts, as_of=close_on)
        _write(facts, close_on, statement.close(_FLEX, state, f"statement_{len(state.statements) + 1}"))


def _write(facts: list[Recorded], on: date, fact: Fact) -> None:
    facts.append(Recorded(f"event_{len(facts) + 1}", len(facts) + 1, on, fact))


def _floor(state: LineState) -> int:
    microcents = 0
    for segment in state.interest_days:
        principal, apr_bp = segment.principal_cents, segment.apr_bp
        for _ in range(segment.days):
            microcents += daily_interest_microcents(principal, apr_bp)
    return microcents


def _rows(facts: Sequence[Recorded]) -> list[tuple[str, int, str, str, str]]:
    """As the journal stores them."""
    return [
        (r.event_id, r.seq, r.fact.TYPE, r.effective_on.isoformat(), json.dumps(r.fact.to_payload()))
        for r in facts
    ]


def _rebuilt(rows: Sequence[tuple[str, int, str, str, str]]) -> list[Recorded]:
    return [
        from_stored(_Stored(event_id, seq, kind, date.fromisoformat(on), json.loads(payload)))
        for event_id, seq, kind, on, payload in rows
    ]
