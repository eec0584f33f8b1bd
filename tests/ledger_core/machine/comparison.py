"""Where the engine and the auditor must agree: to the cent, and interest to the micro-cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger_core.line.state import LineState
from ledger_core.products import Product
from tests.ledger_core.machine.auditor_facts import FullAuditor, audit
from tests.ledger_core.machine.auditor_fees import late_fee, membership_fee, returned_fee
from tests.ledger_core.machine.auditor_figures import figures_of, minimums, room, status
from tests.ledger_core.machine.naive_facts import RawFact


def of_engine(state: LineState) -> dict[str, Any]:
    """What the engine says, under the auditor's names."""
    return {
        "status": state.status,
        "limit": state.limit_cents,
        "apr_bp": state.apr_bp,
        "principal": state.principal_cents,
        "principal_by_draw": dict(state.principal_by_draw),
        "principal_by_bucket": dict(state.principal_by_bucket),
        "fees": state.fees_owed_cents,
        "interest_billed": state.interest_billed_cents,
        "interest_accrued_microcents": state.interest_accrued_microcents,
        "interest_accrued_cents": state.accrued_interest_cents,
        "microcents_by_bucket": dict(state.cycle.microcents_by_bucket),
        "owed": state.owed_cents,
        "credit_balance": state.credit_balance_cents,
        "disputed": (
            state.disputed_principal_cents,
            state.disputed_interest_cents,
            state.disputed_fees_cents,
            state.disputed_cents,
        ),
        "held": state.held_cents,
        "unsettled": state.unsettled_payment_cents,
        "available": state.available_cents,
        "next_close_on": state.next_close_on,
        "minimum_due": state.minimum_due_cents,
        "past_due": state.past_due_cents,
        "days_past_due": state.days_past_due,
        "unpaid": {s.number: s.minimum_unpaid_cents for s in state.statements if s.minimum_unpaid_cents},
        "cycles": [(s.interest_cents, s.balance_cents, s.current_due_on) for s in state.statements],
        "plan": None
        if state.plan is None
        else (state.plan.plan_id, state.plan.status, state.plan.paid_cents),
    }


def of_auditor(line: FullAuditor) -> dict[str, Any]:
    """The same, as the auditor finds it."""
    asked = minimums(line)
    undisputed, disputed = line.to_bill()
    owed = line.principal + line.all_fees + line.all_interest
    disputed_parts = (line.disputed_principal, line.disputed_interest, line.disputed_fees)
    return {
        "status": status(line),
        "limit": line.limit,
        "apr_bp": line.rates()[0],
        "principal": line.principal,
        "principal_by_draw": {o.draw_id: o.cents for o in line.owed},
        "principal_by_bucket": line.buckets(),
        "fees": line.all_fees,
        "interest_billed": line.all_interest,
        "interest_accrued_microcents": sum(line.accrued.values()),
        "interest_accrued_cents": undisputed + disputed,
        "microcents_by_bucket": line.accrued,
        "owed": owed,
        "credit_balance": line.credit,
        "disputed": (*disputed_parts, sum(disputed_parts)),
        "held": sum(line.held.values()),
        "unsettled": sum(line.received.values()),
        "available": max(0, room(line)) if status(line) == "open" and not line.overlays else 0,
        "next_close_on": line.coming_close,
        "minimum_due": asked.total,
        "past_due": asked.past_due,
        "days_past_due": asked.days_past_due,
        "unpaid": asked.unpaid,
        "cycles": [(b.interest_cents, b.balance_cents, b.due_on) for b in line.bills],
        "plan": None if line.plan is None else (line.plan.plan_id, line.plan.status, line.plan.paid),
    }


def check_agreement(terms: Product, facts: Iterable[RawFact], state: LineState) -> FullAuditor:
    """The engine's state is the auditor's."""
    line = audit(terms, facts, state.as_of)
    check_same(of_engine(state), of_auditor(line))
    return line


def check_statement(terms: Product, facts: Iterable[RawFact], issued: RawFact) -> None:
    """A statement printed what the auditor would have printed, knowing what was known then."""
    check_same(issued.data["figures"], figures_of(terms, facts, issued))


def check_fees(
    terms: Product,
    facts: Sequence[RawFact],
    fact: RawFact,
    together: Sequence[RawFact],
    *,
    nightly: bool,
    covered: bool,
) -> None:
    """A statement, a return or a night charged just what the auditor would have; `together`: of one append."""
    charged = [
        (f.data["kind"], f.data["about"], f.data["amount_cents"]) for f in together if f.kind == "FeeCharged"
    ]
    known = [f for f in facts if f.seq < fact.seq]
    if fact.kind == "StatementIssued":
        line = audit(terms, [f for f in facts if f.seq < together[0].seq], fact.on)
        cents = membership_fee(terms, line, covered=covered)
        assert charged == ([("membership", None, cents)] if cents else []), (charged, cents)
    elif fact.kind == "PaymentReturned":
        line = audit(terms, [*known, fact], fact.on)
        cents = returned_fee(terms, line, fact.data["payment_id"], fact.data["return_code"])
        assert charged == ([("returned_payment", fact.data["payment_id"], cents)] if cents else []), cents
    elif fact.kind == "FeeCharged" and fact.data["kind"] == "late" and nightly:
        expected = late_fee(terms, audit(terms, known, fact.on))
        assert expected == (fact.data["about"], fact.data["amount_cents"]), (expected, fact)


def check_same(engine: Mapping[str, Any], auditor: Mapping[str, Any]) -> None:
    """Every figure; what differs is named, the engine's value first."""
    differing = {
        name: (engine.get(name), auditor.get(name))
        for name in {*engine, *auditor}
        if engine.get(name) != auditor.get(name)
    }
    assert not differing, f"engine and auditor differ (engine, auditor): {differing}"
