"""What a dispute does to the books: the disputed part is set apart until the dispute closes."""

from datetime import date

from ledger_core.journal import posting_rules
from ledger_core.line.book import Book
from ledger_core.line.events import (
    DisputeAcknowledged,
    DisputeOpened,
    DisputeResolved,
    DisputeWithdrawn,
    Recorded,
)
from ledger_core.line.records import Dispute
from ledger_core.money import round_half_up


def opened(book: Book, recorded: Recorded, fact: DisputeOpened) -> None:
    on = recorded.effective_on
    dispute = Dispute(fact)
    book.disputes[fact.dispute_id] = dispute
    about = fact.about or ""
    if about in book.fees:
        book.obligations.exempt_fee(fact.amount_cents, book.fees[about].charged_on, on)
    elif about in book.draws:
        book.obligations.exempt(fact.amount_cents, on, since=book.draws[about].settled_on or on)
    else:
        found = book.foresight.found.get(fact.dispute_id, 0)
        book.obligations.exempt(fact.amount_cents - found, on, since=book.opened_on)
        if fact.dispute_id in book.foresight.put_right:
            found = 0  # the payment that was missing is in the books
        _credit_on_the_day_of_the_notice(book, recorded, found)
    set_apart(book, dispute, on)


def set_apart(book: Book, dispute: Dispute, on: date) -> None:
    """Move what remains disputed, after what will be found for the customer, out of the receivables."""
    fact = dispute.opened
    left = max(0, fact.amount_cents - book.foresight.found.get(fact.dispute_id, 0))
    if fact.about is not None and fact.about in book.fees:
        fee = book.fees[fact.about]
        part = min(left, fee.outstanding - fee.disputed)
        fee.disputed += part
        dispute.fee_part = (fee, part)
        _post_opened(book, on, 0, part)
        return
    named = fact.about in book.draws
    principal = 0
    for draw in list(book.owed.values()):
        if not named or draw.draw_id == fact.about:
            part = min(left - principal, draw.outstanding - draw.disputed)
            if part:
                draw.disputed += part
                principal += part
                dispute.parts.append((draw, part))
    _post_opened(book, on, principal, 0)


def acknowledged(book: Book, recorded: Recorded, fact: DisputeAcknowledged) -> None:
    dispute = book.disputes[fact.dispute_id]
    dispute.status = "acknowledged"
    dispute.acknowledged_on = recorded.effective_on


def resolved(book: Book, recorded: Recorded, fact: DisputeResolved) -> None:
    dispute = book.disputes[fact.dispute_id]
    dispute.outcome = fact.outcome
    dispute.credited = fact.amount_cents
    _close(book, dispute, recorded.effective_on, "resolved")


def withdrawn(book: Book, recorded: Recorded, fact: DisputeWithdrawn) -> None:
    _close(book, book.disputes[fact.dispute_id], recorded.effective_on, "withdrawn")


def _credit_on_the_day_of_the_notice(book: Book, recorded: Recorded, found: int) -> None:
    """A dispute about no draw or fee has no earlier day to go back to; what was found is like any credit."""
    if not found:
        return
    split, _ = book.pay(found)
    book.post(posting_rules.dispute_credited, recorded.effective_on, split)
    book.add_credit(split.credit, recorded.effective_on)
    book.cycle.credits += found
    book.meet_minimums(recorded, found)


def _close(book: Book, dispute: Dispute, on: date, status: str) -> None:
    """What is not for the customer is owed again; its interest is asked for with the next minimum."""
    dispute.status = status
    dispute.closed_on = on
    all_disputed = book.disputed_principal()
    principal = 0
    for draw, part in dispute.parts:
        draw.disputed -= part
        principal += part
    interest = round_half_up(book.interest_disputed * principal, all_disputed) if all_disputed else 0
    fees = 0
    if dispute.fee_part is not None:
        fee, fees = dispute.fee_part
        fee.disputed -= fees
    book.interest_disputed -= interest
    book.interest_due += interest
    book.cycle.interest_released += interest
    book.cycle.fees_released += fees
    if principal or interest or fees:
        book.post(posting_rules.dispute_closed, on, principal, interest, fees)
    dispute.parts = []
    dispute.fee_part = None
    book.use_credit(on)


def _post_opened(book: Book, on: date, principal: int, fees: int) -> None:
    if principal or fees:
        book.post(posting_rules.dispute_opened, on, principal, fees)
