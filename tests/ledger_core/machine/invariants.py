"""The invariants of ledger_core/README.md, each under its number, held against one line of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger_core.commands.assemble import projection
from ledger_core.line.events import StatementIssued
from ledger_core.line.state import LineState
from tests.ledger_core.machine.auditor_facts import FullAuditor, audit
from tests.ledger_core.machine.comparison import check_agreement, check_fees, check_statement
from tests.ledger_core.machine.naive_facts import RawFact, raw_fact
from tests.ledger_core.machine.world import Line, World

_OF_THE_DAY = ("due_on", "days_past_due")
"""parts of the projection that also follow from the calendar; so does the rate where one was promoted"""


@dataclass
class Sight:
    """All that the database and the two engines say of a line today."""

    world: World
    line: Line
    events: list[Any]
    entries: list[Any]
    """one row per posting, in the order of writing"""
    statements: list[Any]
    state: LineState
    facts: list[RawFact]
    auditor: FullAuditor

    def rows(self, query: str) -> list[Any]:
        return self.world.rows(query, line_id=self.line.line_id)


_ENTRIES = """
SELECT e.entry_id, e.line_version, e.position, e.kind, e.stage, e.effective_on, p.position AS leg, p.account, p.side,
       p.amount_cents
  FROM core.entries AS e LEFT JOIN core.postings AS p USING (line_id, entry_id)
 WHERE e.line_id = %(line_id)s ORDER BY e.line_version, e.position, p.position"""
_STATEMENTS = "SELECT number, statement_id, cycle_end, due_on, figures FROM core.statements WHERE line_id = %(line_id)s ORDER BY number"

_ACCRUED = """
SELECT coalesce((SELECT sum(microcents) FROM core.accruals WHERE line_id = %(line_id)s), 0)
     + coalesce((SELECT sum(microcents) FROM core.accrual_corrections WHERE line_id = %(line_id)s), 0)"""


def look(world: World, line: Line) -> Sight:
    """The line today; engine and auditor agree on it, or this fails."""
    events = world.events(line)
    facts = [raw_fact(e.seq, e.type, e.effective_on, e.payload) for e in events]
    state = world.state(line)
    auditor = check_agreement(line.product, facts, state)
    return Sight(
        world=world,
        line=line,
        events=events,
        entries=world.rows(_ENTRIES, line_id=line.line_id),
        statements=world.rows(_STATEMENTS, line_id=line.line_id),
        state=state,
        facts=facts,
        auditor=auditor,
    )


def inv_1(s: Sight) -> None:
    """Two legs or more, each positive, debits equal credits."""
    legs: dict[str, list[Any]] = {}
    for row in s.entries:
        legs.setdefault(row.entry_id, []).append(row)
    for entry_id, rows in legs.items():
        assert len(rows) >= 2, entry_id
        assert all(row.amount_cents > 0 for row in rows), entry_id
        assert sum(_signed(row) for row in rows) == 0, entry_id


def inv_2(s: Sight) -> None:
    """All accounts sum to zero, in each stage, by the balances kept and by the postings alike."""
    kept = s.rows("SELECT * FROM core.ledger_balances WHERE line_id = %(line_id)s")
    totals: Counter[tuple[str, str]] = Counter()
    for row in s.entries:
        totals[row.account, "posted" if row.stage == "posted" else "pending"] += _signed(row)
    assert _nonzero({(r.account, r.stage): r.debit_cents - r.credit_cents for r in kept}) == _nonzero(totals)
    for stage in ("posted", "pending"):
        assert sum(cents for (_, at), cents in totals.items() if at == stage) == 0


def inv_3(s: Sight) -> None:
    """The customer's accounts are the auditor's balances."""
    a, totals = s.auditor, _totals(s)
    expected = {
        "principal_receivable": a.principal - a.disputed_principal,
        "interest_receivable": a.interest,
        "fees_receivable": a.all_fees - a.disputed_fees,
        "disputed_receivable": a.disputed_principal + a.disputed_interest + a.disputed_fees,
        "customer_credit": -a.credit,
        "draws_held": sum(a.held.values()),
    }
    assert {name: totals[name] for name in expected} == expected


def inv_4(s: Sight) -> None:
    """No balance or part of one is negative; a disputed part is within its whole."""
    a = s.auditor
    assert all(0 <= o.disputed <= o.cents and o.cents > 0 for o in a.owed)
    assert all(0 <= f.disputed <= f.cents <= f.charged for f in a.fees)
    assert min(a.credit, a.interest, a.disputed_interest, *a.accrued.values()) >= 0
    for draw in s.state.draws.values():
        assert 0 <= draw.disputed_cents <= draw.outstanding_cents <= draw.amount_cents
    for fee in s.state.fees.values():
        assert 0 <= fee.disputed_cents <= fee.outstanding_cents <= fee.amount_cents
    assert 0 <= s.state.past_due_cents <= s.state.minimum_due_cents


def inv_5(s: Sight) -> None:
    """A cycle's interest is the sum of its days, rounded once per bucket. (The nights: `accrued_is_audited`.)"""
    for statement, bill in zip(s.state.statements, s.auditor.bills, strict=True):
        assert statement.interest_cents == bill.interest_cents
    assert sum(segment.microcents for segment in s.state.interest_days) == s.auditor.all_microcents


def inv_6(s: Sight) -> None:
    """A statement leads from the previous balance to the new one, was printed right, and stands.

    After a charge-off one statement is issued, for its cycle, and no other.
    """
    previous = 0
    issued = {e.payload["statement_id"]: e for e in s.events if e.type == StatementIssued.TYPE}
    assert len(issued) == len(s.statements)
    for row in s.statements:
        f = row.figures
        assert f == issued[row.statement_id].payload["figures"]
        moved = f["corrections_cents"] + f["draws_cents"] + f["refunds_cents"] + f["fees_cents"]
        moved += f["interest_cents"] - f["payments_cents"] - f["credits_cents"]
        assert f["previous_balance_cents"] == previous
        previous += moved
        assert f["new_balance_cents"] == previous
    charged_off_on = s.state.charged_off_on or date.max
    assert sum(row.cycle_end >= charged_off_on for row in s.statements) <= 1
    seen = s.line.seen_statements
    assert s.statements[: len(seen)] == seen
    for fact in s.facts:
        if fact.kind == StatementIssued.TYPE and fact.data["number"] > len(seen):
            check_statement(s.line.product, s.facts, fact)


def inv_7(s: Sight) -> None:
    """The written entries sum to what hindsight would have written."""
    assert _nonzero(_totals(s)) == _nonzero(s.state.account_totals)


def inv_8(s: Sight) -> None:
    """A new draw stays within the limit, holds included."""
    newest = s.events[-1]
    if newest.type == "DrawRequested" and len(s.events) > len(s.line.seen_events):
        assert s.auditor.principal + sum(s.auditor.held.values()) <= s.auditor.limit


def inv_9(s: Sight) -> None:
    """Facts and entries are never changed."""
    assert s.events[: len(s.line.seen_events)] == s.line.seen_events
    assert s.entries[: len(s.line.seen_entries)] == s.line.seen_entries


def inv_10(s: Sight) -> None:
    """One relief or repayment plan runs at a time."""
    running = {p.plan_id for p in s.state.plans if p.ended_on is None}
    assert running == ({s.state.plan.plan_id} if s.state.plan else set())
    kept = s.rows("SELECT plan_id FROM core.plans WHERE line_id = %(line_id)s AND ended_on IS NULL")
    assert {row.plan_id for row in kept} == running


def inv_11(s: Sight) -> None:
    """The facts have one order, and one key writes once."""
    assert [e.seq for e in s.events] == list(range(1, len(s.events) + 1))
    versions = sorted({e.line_version for e in s.events})
    assert versions == list(range(1, len(versions) + 1))
    keys = s.rows("SELECT version FROM core.idempotency_keys WHERE line_id = %(line_id)s ORDER BY version")
    assert [row.version for row in keys] == versions


def stored_is_replayed(s: Sight) -> None:
    """The projection is what a replay of the stored events gives, as of the day it was written for."""
    (stored,) = s.rows("SELECT * FROM core.line_projection WHERE line_id = %(line_id)s")
    written_at = s.line.written_at
    on = s.world.today if written_at is None else max(written_at, *(e.effective_on for e in s.events))
    expected = projection(s.world.state(s.line, on))
    by_itself = (*_OF_THE_DAY, "rate_bp") if s.state.promotions else _OF_THE_DAY
    for name in expected.__dataclass_fields__:
        if written_at is not None or name not in by_itself:
            assert getattr(stored, name) == getattr(expected, name), name


def inv_12(s: Sight) -> None:
    """After charge-off the allowance is what the line owes, else nothing."""
    owed = s.auditor.balance + s.auditor.credit
    assert -_totals(s)["charge_off_allowance"] == (owed if s.auditor.charged_off else 0)


def fees_are_audited(s: Sight) -> None:
    """Fees charged with a statement or a return, and late fees of the nights: the auditor's, and no other."""
    seen = len(s.line.seen_events)
    keys = s.rows("SELECT version, key FROM core.idempotency_keys WHERE line_id = %(line_id)s")
    nightly = {row.version for row in keys if row.key.startswith("nightly:")}
    for event, fact in zip(s.events[seen:], s.facts[seen:], strict=True):
        together = [f for e, f in zip(s.events, s.facts, strict=True) if e.line_version == event.line_version]
        check_fees(s.line.product, s.facts, fact, together, nightly=event.line_version in nightly,
                   covered=s.line.military)  # fmt: skip


def chain_is_unbroken(s: Sight) -> None:
    """Every link follows from the one before and from what was written with it."""
    assert s.rows("SELECT core.first_broken_link(%(line_id)s) AS broken")[0].broken is None


CHECKS: dict[str, Callable[[Sight], None]] = {
    **{f"INV-{n}": check for n, check in enumerate(
        (inv_1, inv_2, inv_3, inv_4, inv_5, inv_6, inv_7, inv_8, inv_9, inv_10, inv_11, inv_12), start=1)},
    "fees are audited": fees_are_audited,
    "stored is replayed": stored_is_replayed,
    "chain is unbroken": chain_is_unbroken,
}  # fmt: skip


def check_line(world: World, line: Line) -> None:
    """Every check by its name, on one line as it is today."""
    sight = look(world, line)
    world.counts["check engine = auditor"] += 1
    for name, check in CHECKS.items():
        try:
            check(sight)
        except AssertionError as failure:
            raise AssertionError(f"{name} of {line.line_id} on {world.today}: {failure}") from failure
        world.counts[f"check {name}"] += 1
    line.seen_events, line.seen_entries = sight.events, sight.entries
    line.seen_statements = sight.statements


def accrued_is_audited(world: World, line: Line) -> None:
    """INV-5 by the nights: what they accrued and corrected is the auditor's interest, to the micro-cent."""
    ((written,),) = world.rows(_ACCRUED, line_id=line.line_id)
    audited = audit(line.product, world.facts(line), world.today).all_microcents
    assert written == audited, f"{line.line_id} on {world.today}: accrued {written}, audited {audited}"
    world.counts["check nightly accrual"] += 1


def _signed(row: Any) -> int:
    return int(row.amount_cents if row.side == "debit" else -row.amount_cents)


def _totals(s: Sight) -> Counter[str]:
    totals: Counter[str] = Counter()
    for row in s.entries:
        totals[row.account] += _signed(row)
    return totals


def _nonzero(totals: Any) -> dict[Any, int]:
    return {name: cents for name, cents in totals.items() if cents}
