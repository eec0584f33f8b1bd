"""Moving the due date to another day of the month."""

from datetime import date

from ledger_core.dates import add_months
from ledger_core.line.cycle import due_on_new_day
from ledger_core.line.events import DueDateChanged
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Reason, Refused


def decide_due_date(
    product: Product, state: LineState, *, due_day: int, today: date
) -> DueDateChanged | Refused:
    """The move and its first due date, or every reason against it. A statement already issued keeps its own.

    Reasons, in this order: due_day_out_of_range, due_day_unchanged, line_closed, past_due, plan_active,
    moved_too_often. Source: policy Help with payments, due-date move.
    """
    reasons = []
    if not 1 <= due_day <= product.due_day_max:
        reasons.append(Reason("due_day_out_of_range", {"due_day": due_day, "last_day": product.due_day_max}))
    elif due_day == state.due_day:
        reasons.append(Reason("due_day_unchanged", {"due_day": due_day}))
    if state.status in ("closed", "charged_off"):
        reasons.append(Reason("line_closed", {"status": state.status}))
    if state.past_due_cents:
        facts = {"past_due_cents": state.past_due_cents, "days_past_due": state.days_past_due}
        reasons.append(Reason("past_due", facts))
    if state.plan is not None:
        reasons.append(Reason("plan_active", {"plan_id": state.plan.plan_id, "kind": state.plan.kind}))
    recent = [on for on in state.due_date_changes if on > add_months(today, -12)]
    if len(recent) >= product.due_date_moves_per_12_months:
        facts_often = {"last_on": recent[-1], "again_on": add_months(recent[0], 12)}
        reasons.append(Reason("moved_too_often", facts_often))
    if reasons:
        return Refused(tuple(reasons))
    return DueDateChanged(due_day, due_on_new_day(product, _last_close(state), today, due_day))


def _last_close(state: LineState) -> date:
    last = state.last_statement
    return state.opened_on if last is None else last.cycle_end
