"""Help with payments: what a customer qualifies for, the exact terms, and how a plan ends."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ledger_core.dates import add_months
from ledger_core.line.apply_plans import ONE_OFF
from ledger_core.line.events import PlanCancelled, PlanEnrolled, PlanPayment
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.line.plan_schedule import equal_payments, minimums_to_the_end
from ledger_core.line.projection import Projection, coming_cycles
from ledger_core.line.state import LineState, StatementState
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up, share_half_up
from ledger_core.products import Product
from ledger_core.products.schema import PlanTerms
from ledger_core.refusals import Fact, Reason, Refused, refused

TAKES_OVER: Final = ("relief", "plan_12", "plan_24")
"""programmes that run, and so can take the place of another"""


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """One programme with its exact terms; enrolling today makes just these."""

    kind: str
    apr_bp: int | None
    payments: tuple[PlanPayment, ...]
    statement_number: int | None
    new_due_on: date | None
    balance_cents: int
    """what it covers"""
    interest_cents: int
    """plan_12, plan_24: interest in all; settlement: none; relief: interest until the balance is paid by the
    usual minimums after it, a projection; extension, skip: the interest of the postponed principal"""
    total_cents: int
    """balance and interest; settlement: the part of the balance that is paid, the rest is forgiven"""
    done_on: date
    """the last payment; relief: the projected day of being done"""
    ends_on: date
    """the last day the programme governs"""
    draws_pause: bool
    needs_specialist: bool


def options(product: Product, state: LineState, *, specialist: bool = False) -> tuple[PlanOffer, ...]:
    """Every programme the line qualifies for today, cheapest in total interest first.

    Empty while a plan runs. An extension is offered at its longest. specialist: also what only a specialist
    may offer.
    """
    kinds = [kind for kind, terms in product.plans.items() if specialist or not terms.specialist_only]
    return _offered(product, state, kinds)


def successors(product: Product, state: LineState, ended_kind: str) -> tuple[PlanOffer, ...]:
    """Every programme that could take the place of one that has just ended, in the order of `options`."""
    return _offered(product, state, [kind for kind in TAKES_OVER if kind != ended_kind])


def _offered(product: Product, state: LineState, kinds: Iterable[str]) -> tuple[PlanOffer, ...]:
    offers = [offer_of(product, state, kind) for kind in kinds]
    return tuple(
        sorted((o for o in offers if isinstance(o, PlanOffer)), key=lambda o: (o.interest_cents, o.done_on))
    )


def offer_of(
    product: Product,
    state: LineState,
    kind: str,
    *,
    new_due_on: date | None = None,
    payments: int | None = None,
) -> PlanOffer | Refused:
    """The terms of one programme, or every reason against it.

    Reasons, in this order: programme_not_offered, line_closed, holder_deceased, bankruptcy, plan_active,
    nothing_owed, not_enough_days_past_due, too_many_days_past_due, used_recently, balance_too_small,
    not_enough_on_time_months, no_minimum_to_move, new_due_on_out_of_range, payment_too_small,
    payments_out_of_range.
    new_due_on: for an extension; the longest when None. payments: of a settlement; one when None.
    Source: policy Help with payments.
    """
    terms = product.plans.get(kind)
    if terms is None:
        return refused("programme_not_offered", kind=kind)
    reasons = _reasons(state, terms)
    if reasons:
        return Refused(tuple(reasons))
    if terms.share_bp_by_payments is not None:
        return _settlement(product, state, terms, payments or 1)
    make: Callable[..., PlanOffer | Refused] = _OFFERS[kind]
    return make(product, state, terms, new_due_on)


def decide_enroll(
    product: Product,
    state: LineState,
    *,
    plan_id: str,
    kind: str,
    new_due_on: date | None = None,
    payments: int | None = None,
    specialist_approved: bool = False,
) -> PlanEnrolled | Refused:
    """The enrolment with its frozen terms; reasons as in `offer_of`, then specialist_needed."""
    offer = offer_of(product, state, kind, new_due_on=new_due_on, payments=payments)
    if isinstance(offer, Refused):
        return offer
    if offer.needs_specialist and not specialist_approved:
        return refused("specialist_needed", balance_cents=offer.balance_cents)
    return PlanEnrolled(
        plan_id=plan_id,
        kind=kind,
        apr_bp=offer.apr_bp,
        payments=offer.payments,
        statement_number=offer.statement_number,
        new_due_on=offer.new_due_on,
        ends_on=offer.ends_on,
        balance_cents=offer.balance_cents,
        interest_cents=offer.interest_cents,
    )


def decide_cancel(state: LineState, plan_id: str, reason: str) -> PlanCancelled | Refused:
    """The end of a running plan at the customer's wish. Reasons: plan_unknown, plan_not_active."""
    known = next((p for p in state.plans if p.plan_id == plan_id), None)
    if known is None:
        return refused("plan_unknown", plan_id=plan_id)
    if state.plan is None or state.plan.plan_id != plan_id:
        return refused("plan_not_active", status=known.status)
    return PlanCancelled(plan_id, reason)


def decide_change(state: LineState, kind: str, reason: str) -> PlanCancelled | Refused:
    """The end of the running plan that another is to follow. What follows is for `decide_enroll` to say.

    Reasons: plan_not_active, plan_unchanged, programme_not_offered.
    """
    if state.plan is None:
        return refused("plan_not_active")
    if kind == state.plan.kind:
        return refused("plan_unchanged", kind=kind)
    if kind not in TAKES_OVER:
        return refused("programme_not_offered", kind=kind)
    return PlanCancelled(state.plan.plan_id, reason)


def _reasons(state: LineState, terms: PlanTerms) -> list[Reason]:
    reasons: list[Reason] = []
    facts: dict[str, Fact]
    if state.status == "closed" or (state.status == "charged_off" and not terms.specialist_only):
        reasons.append(Reason("line_closed", {"status": state.status}))
    reasons += overlay_reasons(state)
    if state.plan is not None:
        reasons.append(Reason("plan_active", {"plan_id": state.plan.plan_id, "kind": state.plan.kind}))
    balance = Projection(state).owed()  # interest that runs on a disputed draw is no part of a plan
    if balance <= 0:
        reasons.append(Reason("nothing_owed"))
    if state.days_past_due < terms.days_past_due_min:
        facts = {
            "days_past_due": state.days_past_due,
            "days_past_due_min": terms.days_past_due_min,
        }
        reasons.append(Reason("not_enough_days_past_due", facts))
    if state.days_past_due > terms.days_past_due_max:
        facts = {
            "days_past_due": state.days_past_due,
            "days_past_due_max": terms.days_past_due_max,
        }
        reasons.append(Reason("too_many_days_past_due", facts))
    since = add_months(state.as_of, -12)
    used = [p.enrolled_on for p in state.plans if p.kind == terms.kind and p.enrolled_on > since]
    if terms.times_per_12_months is not None and len(used) >= terms.times_per_12_months:
        reasons.append(Reason("used_recently", {"last_on": used[-1], "again_on": add_months(used[0], 12)}))
    if balance <= terms.balance_over_cents and terms.balance_over_cents:
        facts = {"balance_cents": balance, "over_cents": terms.balance_over_cents}
        reasons.append(Reason("balance_too_small", facts))
    on_time = _on_time_months(state)
    if on_time < terms.on_time_months_min:
        facts = {"on_time_months": on_time, "on_time_months_min": terms.on_time_months_min}
        reasons.append(Reason("not_enough_on_time_months", facts))
    return reasons


def _on_time_months(state: LineState) -> int:
    """How many of the newest minimums that fell due, in a row, were met by their day."""
    months = 0
    for statement in reversed(state.statements):
        if statement.current_due_on >= state.as_of and statement.paid_on is None:
            continue
        if statement.paid_on is None or statement.paid_on > statement.current_due_on:
            break
        months += 1
    return months


def _open_statement(state: LineState) -> StatementState | None:
    """The oldest statement whose minimum is unpaid."""
    return next((s for s in state.statements if s.minimum_unpaid_cents), None)


def _extension(
    product: Product, state: LineState, terms: PlanTerms, new_due_on: date | None
) -> PlanOffer | Refused:
    statement = _open_statement(state)
    if statement is None:
        return refused("no_minimum_to_move")
    assert terms.shift_days_max is not None
    latest = statement.due_on + timedelta(days=terms.shift_days_max)
    wanted = latest if new_due_on is None else new_due_on
    if not max(state.as_of, statement.current_due_on) < wanted <= latest:
        return refused("new_due_on_out_of_range", latest_on=latest, due_on=statement.current_due_on)
    return _one_off(state, terms, statement, wanted, (wanted - statement.current_due_on).days)


def _skip(
    product: Product, state: LineState, terms: PlanTerms, new_due_on: date | None
) -> PlanOffer | Refused:
    statement = _open_statement(state)
    if statement is None:
        return refused("no_minimum_to_move")
    days = (state.coming_due_on - statement.current_due_on).days
    return _one_off(state, terms, statement, None, days)


def _one_off(
    state: LineState, terms: PlanTerms, statement: StatementState, new_due_on: date | None, days: int
) -> PlanOffer:
    """The postponed minimum costs the interest of its principal for the days it stays owed."""
    postponed = min(statement.figures.minimum_principal_cents, statement.minimum_unpaid_cents)
    interest = microcents_to_cents_half_up(daily_interest_microcents(postponed, state.apr_bp) * days)
    done_on = new_due_on or state.coming_due_on
    return PlanOffer(
        kind=terms.kind,
        apr_bp=None,
        payments=(PlanPayment(new_due_on, statement.minimum_unpaid_cents),) if new_due_on else (),
        statement_number=statement.number,
        new_due_on=new_due_on,
        balance_cents=statement.minimum_unpaid_cents,
        interest_cents=interest,
        total_cents=statement.minimum_unpaid_cents + interest,
        done_on=done_on,
        ends_on=new_due_on or statement.current_due_on,
        draws_pause=False,
        needs_specialist=False,
    )


def _relief(
    product: Product, state: LineState, terms: PlanTerms, new_due_on: date | None
) -> PlanOffer | Refused:
    """Half of the last minimum for three due dates, beginning with one that is not yet past."""
    assert terms.minimum_share_bp is not None
    assert terms.payments is not None
    assert terms.apr_bp is not None
    last = state.last_statement
    if last is None or not last.figures.minimum_payment_cents:
        return refused("no_minimum_to_move")
    balance = state.payoff_base_cents - state.disputed_cents
    usual = last.figures.minimum_payment_cents
    half = min(max(share_half_up(usual, terms.minimum_share_bp), terms.minimum_payment_cents), balance)
    first = last.minimum_unpaid_cents - (usual - half)
    halves_last = last.current_due_on >= state.as_of and first > 0
    dues = [due for _, due in coming_cycles(product, state, terms.payments)]
    payments = [PlanPayment(last.current_due_on, first)] if halves_last else []
    payments += [PlanPayment(due, half) for due in dues[: terms.payments - len(payments)]]
    interest, done_on = minimums_to_the_end(product, state, payments, terms.apr_bp)
    return PlanOffer(
        kind=terms.kind,
        apr_bp=terms.apr_bp,
        payments=tuple(payments),
        statement_number=last.number if halves_last else None,
        new_due_on=None,
        balance_cents=balance,
        interest_cents=interest,
        total_cents=balance + interest,
        done_on=done_on,
        ends_on=payments[-1].due_on,
        draws_pause=True,
        needs_specialist=False,
    )


def _repayment(
    product: Product, state: LineState, terms: PlanTerms, new_due_on: date | None
) -> PlanOffer | Refused:
    assert terms.payments is not None
    assert terms.apr_bp is not None
    schedule = equal_payments(product, state, terms.apr_bp, terms.payments)
    each = schedule.payments[0].amount_cents
    if each < terms.minimum_payment_cents:
        return refused("payment_too_small", payment_cents=each, minimum_cents=terms.minimum_payment_cents)
    above = terms.specialist_above_cents
    return PlanOffer(
        kind=terms.kind,
        apr_bp=terms.apr_bp,
        payments=schedule.payments,
        statement_number=None,
        new_due_on=None,
        balance_cents=schedule.balance_cents,
        interest_cents=schedule.interest_cents,
        total_cents=schedule.total_cents,
        done_on=schedule.payments[-1].due_on,
        ends_on=schedule.payments[-1].due_on,
        draws_pause=True,
        needs_specialist=above is not None and schedule.balance_cents > above,
    )


def _settlement(product: Product, state: LineState, terms: PlanTerms, count: int) -> PlanOffer | Refused:
    """Part of the balance in few payments on the coming due dates, without interest; the rest is forgiven."""
    assert terms.share_bp_by_payments is not None
    if count not in terms.share_bp_by_payments:
        return refused("payments_out_of_range", payments=count, most=max(terms.share_bp_by_payments))
    balance = state.payoff_base_cents - state.disputed_cents
    total = share_half_up(balance, terms.share_bp_by_payments[count])
    each = total // count
    if not each:
        return refused("payment_too_small", payment_cents=each, minimum_cents=1)
    dues = [due for _, due in coming_cycles(product, state, count)]
    payments = [PlanPayment(due, each) for due in dues[:-1]]
    payments.append(PlanPayment(dues[-1], total - each * (count - 1)))
    return PlanOffer(
        kind=terms.kind,
        apr_bp=terms.apr_bp,
        payments=tuple(payments),
        statement_number=None,
        new_due_on=None,
        balance_cents=balance,
        interest_cents=0,
        total_cents=total,
        done_on=dues[-1],
        ends_on=dues[-1],
        draws_pause=True,
        needs_specialist=terms.specialist_only,
    )


_OFFERS: dict[str, Callable[..., PlanOffer | Refused]] = {
    "extension": _extension,
    "skip": _skip,
    "relief": _relief,
    "plan_12": _repayment,
    "plan_24": _repayment,
}
assert set(ONE_OFF) <= set(_OFFERS)
