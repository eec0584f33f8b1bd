"""Re-age: a line that was behind and pays again is current again.

Source: FFIEC Uniform Retail Credit Classification and Account Management Policy, 65 FR 36903: open-end credit.
"""

from datetime import date

from ledger_core.dates import add_months
from ledger_core.line.events import LineReaged
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Fact, Reason, Refused

_YEAR, _FIVE_YEARS = 12, 60
_WORKOUTS = ("relief", "plan_12", "plan_24")


def decide_reage(product: Product, state: LineState) -> LineReaged | Refused:
    """The re-age, or every reason against it. It lowers nothing that is owed.

    Nine months on book; three minimum payments settled, or as much in sum over the three newest minimums that fell
    due; once in 12 months and twice in five years. Beside these, one in five years after a repayment programme
    under which three payments were made, which the last two reasons do not bar.
    Reasons, in this order: line_closed, holder_deceased, bankruptcy, plan_active, not_past_due, too_new,
    not_enough_paid, reaged_recently, reaged_too_often.
    """
    reasons = [*_line_reasons(state), *_payment_reasons(product, state)]
    often = _too_often(product, state)
    if reasons or (often and not _workout_is_left(product, state)):
        return Refused((*reasons, *often))
    return LineReaged("workout" if often else "ordinary")


def _line_reasons(state: LineState) -> list[Reason]:
    reasons = []
    if state.status in ("closed", "charged_off"):
        reasons.append(Reason("line_closed", {"status": state.status}))
    reasons += overlay_reasons(state)
    if state.plan is not None:
        reasons.append(Reason("plan_active", {"plan_id": state.plan.plan_id, "kind": state.plan.kind}))
    if not state.past_due_cents:
        reasons.append(Reason("not_past_due"))
    return reasons


def _payment_reasons(product: Product, state: LineState) -> list[Reason]:
    reasons = []
    from_on = add_months(state.opened_on, product.reage_months_on_book_min)
    if state.as_of < from_on:
        reasons.append(Reason("too_new", {"opened_on": state.opened_on, "from_on": from_on}))
    fallen_due = [s for s in state.statements if s.current_due_on <= state.as_of]
    newest = fallen_due[-product.reage_payments_min :]
    needed = sum(s.figures.minimum_payment_cents for s in newest)
    since_on = newest[0].cycle_end if newest else state.opened_on
    paid = sum(
        p.amount_cents
        for p in state.payments.values()
        if p.stage == "settled" and p.received_on is not None and p.received_on > since_on
    )
    if len(newest) < product.reage_payments_min or paid < needed:
        facts: dict[str, Fact] = {"paid_cents": paid, "needed_cents": needed, "since_on": since_on}
        reasons.append(Reason("not_enough_paid", facts))
    return reasons


def _too_often(product: Product, state: LineState) -> list[Reason]:
    ordinary = [r.on for r in state.reages if r.kind == "ordinary"]
    reasons = []
    recent = _since(ordinary, add_months(state.as_of, -_YEAR))
    if len(recent) >= product.reages_per_12_months:
        reasons.append(_again("reaged_recently", recent[0], _YEAR))
    often = _since(ordinary, add_months(state.as_of, -_FIVE_YEARS))
    if len(often) >= product.reages_per_5_years:
        reasons.append(_again("reaged_too_often", often[0], _FIVE_YEARS))
    return reasons


def _workout_is_left(product: Product, state: LineState) -> bool:
    since = add_months(state.as_of, -_FIVE_YEARS)
    used = _since([r.on for r in state.reages if r.kind == "workout"], since)
    kept = [p for p in state.plans if p.kind in _WORKOUTS and p.payments_made >= product.reage_payments_min]
    return bool(kept) and len(used) < product.workout_reages_per_5_years


def _since(days: list[date], since: date) -> list[date]:
    return [on for on in days if on > since]


def _again(code: str, on: date, months: int) -> Reason:
    return Reason(code, {"last_on": on, "again_on": add_months(on, months)})
