"""Billing errors: the clocks of the law, and what may be opened and resolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.events import DisputeOpened, DisputeResolved, DisputeWithdrawn
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.refusals import Fact, Reason, Refused, refused

NOTICE_DAYS = 60
ACKNOWLEDGE_DAYS = 30
RESOLVE_DAYS_MAX = 90
COMPLETE_CYCLES = 2


@dataclass(frozen=True, slots=True)
class Deadlines:
    acknowledge_by: date
    resolve_by: date


def deadlines(received_on: date, cycle_ends: Sequence[date]) -> Deadlines:
    """When a notice must be acknowledged, and resolved: two complete cycles, never past 90 days.

    cycle_ends: closing days from the cycle that runs on `received_on` on, ascending; three or more. The
    running cycle is not a complete one. Source: 12 CFR 1026.13(c)(1) and (c)(2), comment 13(c)(2)-1.
    """
    assert len(cycle_ends) > COMPLETE_CYCLES
    assert cycle_ends[0] >= received_on
    return Deadlines(
        acknowledge_by=received_on + timedelta(days=ACKNOWLEDGE_DAYS),
        resolve_by=min(cycle_ends[COMPLETE_CYCLES], received_on + timedelta(days=RESOLVE_DAYS_MAX)),
    )


def notice_in_time(received_on: date, first_statement_on: date | None) -> bool:
    """Whether a notice came within 60 days of the first statement with the error; before any, it did.

    Source: 12 CFR 1026.13(b)(1).
    """
    return first_statement_on is None or received_on <= first_statement_on + timedelta(days=NOTICE_DAYS)


def coming_closes(product: Product, state: LineState, received_on: date) -> tuple[date, ...]:
    """The closing days from `received_on` on: the running cycle's and the next two."""
    closes: list[date] = []
    close_on = state.next_close_on
    if state.statements_ended and state.last_statement is not None:
        close_on = close_before(product, following_due(state.last_statement.due_on, state.due_day))
    while len(closes) <= COMPLETE_CYCLES:
        if close_on >= received_on:
            closes.append(close_on)
        close_on = close_before(product, following_due(due_after(product, close_on), state.due_day))
    return tuple(closes)


def decide_open(
    product: Product,
    state: LineState,
    *,
    dispute_id: str,
    kind: str,
    about: str | None,
    amount_cents: int,
    received_on: date,
) -> DisputeOpened | Refused:
    """The dispute with its clocks. A late notice is taken too, as a courtesy review.

    Reasons, in this order: about_unknown, received_on_ahead, received_before_opening, amount_not_positive,
    more_than_amount, already_disputed.
    Never the customer's standing: using this right counts against nobody.
    """
    known = about is None or about in state.draws or about in state.payments or about in state.fees
    if not known:
        return refused("about_unknown", about=about)
    reasons = []
    if received_on > state.as_of:
        return refused("received_on_ahead", received_on=received_on, today=state.as_of)
    if received_on < state.opened_on:
        return refused("received_before_opening", received_on=received_on, opened_on=state.opened_on)
    if amount_cents <= 0:
        reasons.append(Reason("amount_not_positive", {"amount_cents": amount_cents}))
    billed = _billed_amount(state, about)
    if billed is not None and amount_cents > billed:
        reasons.append(Reason("more_than_amount", {"amount_cents": amount_cents, "billed_cents": billed}))
    running = next((d for d in state.open_disputes if about is not None and d.about == about), None)
    if running is not None:
        facts: dict[str, Fact] = {"dispute_id": running.dispute_id, "resolve_by": running.resolve_by}
        reasons.append(Reason("already_disputed", facts))
    if reasons:
        return Refused(tuple(reasons))
    clocks = deadlines(received_on, coming_closes(product, state, received_on))
    late = not notice_in_time(received_on, first_statement_on(state, about))
    return DisputeOpened(
        dispute_id,
        kind,
        about,
        amount_cents,
        received_on,
        clocks.acknowledge_by,
        clocks.resolve_by,
        late,
    )


def decide_resolve(state: LineState, *, dispute_id: str, amount_cents: int) -> DisputeResolved | Refused:
    """The resolution: `amount_cents` is the part found for the customer, from nothing to all of it.

    Reasons, in this order: dispute_unknown, dispute_closed, amount_negative, more_than_disputed,
    time_to_refuse_passed. After its last day a notice that came in time is found for the customer.
    Source: 12 CFR 1026.13(c)(2), comment 13(c)(2)-2.
    """
    dispute = state.disputes.get(dispute_id)
    if dispute is None:
        return refused("dispute_unknown", dispute_id=dispute_id)
    if dispute.closed_on is not None:
        return refused("dispute_closed", status=dispute.status, closed_on=dispute.closed_on)
    if amount_cents < 0:
        return refused("amount_negative", amount_cents=amount_cents)
    if amount_cents > dispute.amount_cents:
        return refused("more_than_disputed", amount_cents=amount_cents, disputed_cents=dispute.amount_cents)
    overdue = state.as_of > dispute.resolve_by and not dispute.late_notice
    if overdue and amount_cents < dispute.amount_cents:
        return refused("time_to_refuse_passed", resolve_by=dispute.resolve_by)
    if amount_cents == dispute.amount_cents:
        return DisputeResolved(dispute_id, "for_customer", amount_cents)
    return DisputeResolved(dispute_id, "partly" if amount_cents else "against_customer", amount_cents)


def decide_withdraw(state: LineState, dispute_id: str) -> DisputeWithdrawn | Refused:
    """The withdrawal. Reasons, in this order: dispute_unknown, dispute_closed."""
    dispute = state.disputes.get(dispute_id)
    if dispute is None:
        return refused("dispute_unknown", dispute_id=dispute_id)
    if dispute.closed_on is not None:
        return refused("dispute_closed", status=dispute.status, closed_on=dispute.closed_on)
    return DisputeWithdrawn(dispute_id)


def first_statement_on(state: LineState, about: str | None) -> date | None:
    """The closing day of the first statement that shows the draw, payment or fee; None before it."""
    happened_on = _happened_on(state, about)
    if happened_on is None:
        return None
    return next((s.cycle_end for s in state.statements if happened_on <= s.cycle_end), None)


def _happened_on(state: LineState, about: str | None) -> date | None:
    if about is None:
        return None
    if about in state.draws:
        return state.draws[about].settled_on
    if about in state.fees:
        return state.fees[about].charged_on
    return state.payments[about].received_on if about in state.payments else None


def _billed_amount(state: LineState, about: str | None) -> int | None:
    if about is None:
        return None
    if about in state.draws:
        return state.draws[about].amount_cents
    return state.fees[about].amount_cents if about in state.fees else None
