"""What relief does to the books: other due dates, other minimums, another rate."""

from ledger_core.line.book import Book
from ledger_core.line.events import (
    PlanBroken,
    PlanCancelled,
    PlanCompleted,
    PlanCured,
    PlanEnrolled,
    PlanReinstated,
    Recorded,
)
from ledger_core.line.records import Plan

ONE_OFF = ("extension", "skip")
"""programmes that touch one minimum and are done at once"""


def enrolled(book: Book, recorded: Recorded, fact: PlanEnrolled) -> None:
    plan = Plan(fact, recorded.effective_on)
    book.plans[fact.plan_id] = plan
    number = fact.statement_number
    obligation = book.obligations.by_number(number) if number is not None else None
    if fact.kind in ONE_OFF:
        assert obligation is not None
        if fact.kind == "extension":
            assert fact.new_due_on is not None
            obligation.due_on = fact.new_due_on
        else:
            obligation.settled = True
            obligation.paid_on = recorded.effective_on
        plan.status = "completed"
        plan.ended_on = recorded.effective_on
        return
    book.plan = plan
    book.obligations.suspend()
    if obligation is not None:
        plan.replaced = obligation.amount
        obligation.suspended = False
        obligation.in_plan = True
        obligation.amount = obligation.paid + obligation.exempt + fact.payments[0].amount_cents


def broken(book: Book, recorded: Recorded, fact: PlanBroken) -> None:
    if book.foresight.never_ended(fact.plan_id, recorded):
        return
    plan = book.plans[fact.plan_id]
    plan.status = "broken"
    plan.broken_on = recorded.effective_on


def cured(book: Book, recorded: Recorded, fact: PlanCured) -> None:
    if book.foresight.never_ended(fact.plan_id, recorded):
        return
    plan = book.plans[fact.plan_id]
    plan.status = "active"
    plan.cured_on = recorded.effective_on


def completed(book: Book, recorded: Recorded, fact: PlanCompleted) -> None:
    plan = book.plans[fact.plan_id]
    plan.status = "completed"
    plan.ended_on = recorded.effective_on
    book.plan = None
    book.obligations.fold(recorded.effective_on)


def cancelled(book: Book, recorded: Recorded, fact: PlanCancelled) -> None:
    if book.foresight.never_ended(fact.plan_id, recorded):
        return
    plan = book.plans[fact.plan_id]
    plan.status = "cancelled"
    plan.ended_on = recorded.effective_on
    plan.cancel_reason = fact.reason
    book.plan = None
    number = plan.enrolled.statement_number
    halved = book.obligations.by_number(number) if number is not None else None
    if halved is not None and plan.replaced is not None:
        book.obligations.reopen(halved, plan.replaced)
    book.obligations.restore(plan.paid, recorded.effective_on)


def reinstated(book: Book, recorded: Recorded, fact: PlanReinstated) -> None:
    """The walk has kept it all along."""
