"""What a fact that came late shows to have been a mistake, and undoes on the day it is written.

Balances need no undoing: replay finds them. Decisions do: a late fee charged, a plan broken or ended. Each is
decided again for the day it was taken, by the same rule, with all that is known now. A decision that hindsight
would have added, such as the late fee of a payment returned since, is left to the next night.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from ledger_core.line.apply_plans import ONE_OFF
from ledger_core.line.events import (
    DisputeOpened,
    Fact,
    FeeCharged,
    FeeWaived,
    PlanBroken,
    PlanCancelled,
    PlanReinstated,
    Recorded,
)
from ledger_core.line.fees import late_fee_for
from ledger_core.line.foresight import Foresight
from ledger_core.line.plan_progress import next_step
from ledger_core.line.replay import replay, walk_order
from ledger_core.line.state import LineState
from ledger_core.products import Product

_DECIDED = (FeeCharged, PlanBroken, PlanCancelled)


def consequences(
    product: Product,
    known: Sequence[Recorded],
    new: Sequence[Recorded],
    *,
    today: date,
    credit_id: Callable[[], str],
) -> tuple[Fact, ...]:
    """The facts of today that undo what the new ones show to be unfounded; most often none.

    A plan that would not have been broken or ended is reinstated, unless it is completed or another took its
    place. Of a late fee, what would not have been charged is waived as an error. Only what the known facts
    founded is judged: a fee that a person charged against the rule stays theirs to waive.
    """
    if not any(isinstance(e.fact, _DECIDED) for e in known):
        return ()
    told = (*known, *new)
    reinstated = _mistaken_end(product, known, told, today)
    if reinstated is not None:
        told = (*told, Recorded("event_if", max(e.seq for e in told) + 1, today, reinstated))
    fees = _unfounded_fees(product, known, told, credit_id)
    return fees if reinstated is None else (reinstated, *fees)


def _mistaken_end(
    product: Product, known: Sequence[Recorded], told: Sequence[Recorded], today: date
) -> PlanReinstated | None:
    ends = [e for e in sorted(known, key=walk_order) if isinstance(e.fact, PlanBroken | PlanCancelled)]
    if not ends:
        return None
    plans = [p for p in replay(product, told, as_of=today).plans if p.kind not in ONE_OFF]
    last = plans[-1]
    if last.status not in ("broken", "cancelled") or last.cancel_reason not in (None, "not_cured"):
        return None
    for end in ends:
        fact = end.fact
        assert isinstance(fact, PlanBroken | PlanCancelled)
        was = next_step(product, _just_before(product, known, end))
        now = next_step(product, _just_before(product, told, end))
        if fact.plan_id == last.plan_id and type(was) is type(fact) and type(now) is not type(fact):
            return PlanReinstated(fact.plan_id, end.effective_on)
    return None


def _unfounded_fees(
    product: Product, known: Sequence[Recorded], told: Sequence[Recorded], credit_id: Callable[[], str]
) -> tuple[FeeWaived, ...]:
    """In order of charging, since a later fee may be smaller once an earlier one is gone."""
    waived = []
    taken_off = _never_owed(told) + _courtesies(told)
    gone_before, gone = _gone(known), _gone(told)
    for charged, fee in _late_fees(known):
        left = fee.amount_cents - taken_off[fee.fee_id]
        if left <= 0:
            continue
        was = _founded_cents(product, _without(known, gone_before), charged, fee)
        now = _founded_cents(product, _without(told, gone), charged, fee)
        excess = min(left, was - now)
        if excess > 0:
            waived.append(FeeWaived(fee.fee_id, credit_id(), "error", excess))
        if not now and excess == left:
            gone.add(fee.fee_id)
    return tuple(waived)


def _late_fees(facts: Sequence[Recorded]) -> list[tuple[Recorded, FeeCharged]]:
    return [
        (e, e.fact)
        for e in sorted(facts, key=walk_order)
        if isinstance(e.fact, FeeCharged) and e.fact.kind == "late" and e.fact.about is not None
    ]


def _founded_cents(product: Product, facts: Sequence[Recorded], charged: Recorded, fee: FeeCharged) -> int:
    """What the rule charges for that minimum on the day of the fee, by these facts."""
    state = _just_before(product, facts, charged)
    statement = next((s for s in state.statements if s.statement_id == fee.about), None)
    due = None if statement is None else late_fee_for(product, state, statement, fee.fee_id)
    return 0 if due is None else due.amount_cents


def _just_before(product: Product, facts: Sequence[Recorded], decision: Recorded) -> LineState:
    """The state in which the decision was taken, with all the hindsight of these facts."""
    earlier = [e for e in facts if walk_order(e) < walk_order(decision)]
    return replay(product, earlier, as_of=decision.effective_on, foreseen=facts)


def _gone(facts: Sequence[Recorded]) -> set[str]:
    """Late fees of which nothing stands: a later one is judged as if they had never been."""
    errors = _never_owed(facts)
    return {fee.fee_id for _, fee in _late_fees(facts) if errors[fee.fee_id] >= fee.amount_cents}


def _never_owed(facts: Sequence[Recorded]) -> Counter[str]:
    """By fee: what was waived as an error, or found for the customer in a dispute."""
    ahead = Foresight(facts)
    opened = (e.fact for e in facts if isinstance(e.fact, DisputeOpened))
    return Counter(ahead.fees_taken_back) + Counter(ahead.found_about(opened))


def _courtesies(facts: Sequence[Recorded]) -> Counter[str]:
    waived = (e.fact for e in facts if isinstance(e.fact, FeeWaived))
    return Counter({fact.fee_id: fact.amount_cents for fact in waived if fact.reason == "courtesy"})


def _without(facts: Sequence[Recorded], fee_ids: set[str]) -> list[Recorded]:
    """The facts as if those fees had never been."""
    return [e for e in facts if not isinstance(e.fact, FeeCharged | FeeWaived) or e.fact.fee_id not in fee_ids]
