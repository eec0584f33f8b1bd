"""A line in outline: its figures of a day without its movements, at a fraction of the cost of the whole state."""

from datetime import date
from typing import NamedTuple

from ledger_core.line.book import Book
from ledger_core.line.cycle import close_before, due_after, following_due
from ledger_core.line.interest import billed_cents
from ledger_core.line.obligations import Obligation


class Outline(NamedTuple):
    """As `LineState` says it, where it has a field of that name."""

    status: str
    locked: bool
    limit_cents: int
    apr_bp: int
    principal_cents: int
    held_cents: int
    owed_cents: int
    disputed_cents: int
    next_close_on: date
    coming_due_on: date
    statements_ended: bool
    unpaid: dict[int, int]
    """minimums, by statement number"""
    minimum_due_cents: int
    past_due_cents: int
    next_due_on: date
    days_past_due: int
    plan_id: str | None


def outline(book: Book, as_of: date) -> Outline:
    """What the books say on that day."""
    principal, disputed_principal = book.principal(), book.disputed_principal()
    fees_owed, disputed_fees = book.fees_owed(), book.disputed_fees()
    next_close_on = _next_close(book, as_of)
    coming_due_on = due_after(book.product, next_close_on)
    undisputed = principal - disputed_principal + book.interest_due + fees_owed - disputed_fees
    unpaid, oldest_due_on, past_due = _minimums(book, as_of, undisputed)
    return Outline(
        status=_status(book),
        locked=book.lock_reason is not None,
        limit_cents=book.limit_cents,
        apr_bp=book.rates()["standard"],
        principal_cents=principal,
        held_cents=sum(
            [d.requested.amount_cents for d in book.draws.values() if d.stage == "pending" and d.requested]
        ),
        owed_cents=principal + fees_owed + book.interest_due + book.interest_disputed,
        disputed_cents=disputed_principal + book.interest_disputed + disputed_fees,
        next_close_on=next_close_on,
        coming_due_on=coming_due_on,
        statements_ended=book.statements_ended,
        unpaid=unpaid,
        minimum_due_cents=sum(unpaid.values()),
        past_due_cents=past_due,
        next_due_on=oldest_due_on or coming_due_on,
        days_past_due=(as_of - oldest_due_on).days if oldest_due_on is not None and past_due else 0,
        plan_id=None if book.plan is None else book.plan.enrolled.plan_id,
    )


def _next_close(book: Book, as_of: date) -> date:
    """After the last statement the months go on as they would, for the due dates of a settlement."""
    close_on = book.next_close_on
    if book.statements_ended:
        while close_on <= as_of:
            due_on = following_due(due_after(book.product, close_on), book.due_day)
            close_on = close_before(book.product, due_on)
    return close_on


def _status(book: Book) -> str:
    if book.charged_off:
        return "charged_off"
    if book.closed:
        return "closed"
    if book.closing:
        return "closing"
    return "open" if book.lock_reason is None else "locked"


def _minimums(book: Book, as_of: date, left: int) -> tuple[dict[int, int], date | None, int]:
    """Unpaid minimums by statement, oldest due date first, never more than the undisputed balance of `left` cents.

    With the oldest due date among them, and what of them is past due.
    """
    accrued, _ = billed_cents(book.accrual.microcents, book.disputed_principal() > 0)
    unpaid: dict[int, int] = {}
    past_due = 0
    oldest: date | None = None
    for obligation in sorted([o for o in book.obligations.all if o.unpaid], key=_due_on):
        part = min(obligation.unpaid, left + accrued if obligation.in_plan else left)
        if part <= 0:
            continue
        left -= part
        unpaid[obligation.issued.number] = part
        oldest = oldest or obligation.due_on
        if obligation.due_on < as_of:
            past_due += part
    return unpaid, oldest, past_due


def _due_on(obligation: Obligation) -> date:
    return obligation.due_on
