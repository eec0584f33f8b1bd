"""How a running plan goes on: kept, broken, cured, completed, ended."""

from datetime import timedelta

from ledger_core.line.events import Fact, PlanBroken, PlanCancelled, PlanCompleted, PlanCured
from ledger_core.line.state import LineState, PlanState
from ledger_core.products import Product


def next_step(product: Product, state: LineState) -> Fact | None:
    """What the day `state.as_of` does to the running plan, if anything.

    Completed: nothing is left to pay, or all payments are made and the last due date is here. Broken: a
    payment is missing more than ten days after its day. Cured: it was made up within thirty days, once. A
    plan broken for longer, or a second time, ends (`not_cured`) and the original terms return. A settlement is
    completed as soon as its payments are made, settled by the bank, and all interest is billed, so that what is
    forgiven is known to the cent.
    Source: policy Help with payments.
    """
    plan = state.plan
    if plan is None:
        return None
    if state.payoff_base_cents - state.disputed_cents <= 0:
        return PlanCompleted(plan.plan_id)
    if plan.next_payment is None:
        return PlanCompleted(plan.plan_id) if _is_done(state, plan) else _cured(plan)
    missed = state.as_of > plan.next_payment.due_on + timedelta(days=product.plan_grace_days)
    if plan.status == "active":
        if not missed:
            return None
        return PlanBroken(plan.plan_id) if plan.cured_on is None else PlanCancelled(plan.plan_id, "not_cured")
    if not missed:
        return _cured(plan)
    assert plan.broken_on is not None
    if state.as_of > plan.broken_on + timedelta(days=product.plan_cure_days):
        return PlanCancelled(plan.plan_id, "not_cured")
    return None


def _is_done(state: LineState, plan: PlanState) -> bool:
    if plan.kind == "settlement":
        under_way = any(payment.stage == "received" for payment in state.payments.values())
        return not under_way and not state.interest_accrued_microcents
    return state.as_of >= plan.ends_on


def _cured(plan: PlanState) -> Fact | None:
    return PlanCured(plan.plan_id) if plan.status == "broken" else None
