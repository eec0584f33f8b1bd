"""The history that the replay benchmark walks is the one it names, and is lawful."""

from collections import Counter
from datetime import timedelta

from evals.performance.replay import DAYS, FACTS, STATEMENTS, history
from ledger_core.line.replay import replay
from ledger_core.products import load


def test_the_benchmark_walks_the_facts_it_names():
    facts = history()
    kinds = Counter(r.fact.TYPE for r in facts)
    assert kinds["StatementIssued"] == STATEMENTS
    assert len(facts) - STATEMENTS == FACTS
    opened_on = facts[0].effective_on
    state = replay(load("cash_line_flex"), facts, as_of=opened_on + timedelta(days=DAYS))
    assert sum(state.account_totals.values()) == 0
    assert {s.bucket for s in state.interest_days} >= {"standard", "disputed"}
    assert state.plans
    assert state.principal_cents > 0
