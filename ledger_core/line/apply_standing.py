"""What changes the standing of a line: stated rates, overlays, re-age, charge-off, debt forgiven."""

from ledger_core.journal import posting_rules
from ledger_core.line.book import Book
from ledger_core.line.events import (
    BalanceForgiven,
    ChargedOff,
    LineReaged,
    OverlayLifted,
    OverlayPlaced,
    PromotionGranted,
    Recorded,
)
from ledger_core.line.records import Overlay
from ledger_core.line.state import Reage


def promotion_granted(book: Book, recorded: Recorded, fact: PromotionGranted) -> None:
    """Its rate was foreseen (`Foresight.rate_spans`); here it is only kept."""
    book.promotions.append(fact)


def overlay_placed(book: Book, recorded: Recorded, fact: OverlayPlaced) -> None:
    overlay = Overlay(fact, recorded.effective_on)
    book.overlays.append(overlay)
    if overlay.stays:
        book.obligations.stay()


def overlay_lifted(book: Book, recorded: Recorded, fact: OverlayLifted) -> None:
    on = recorded.effective_on
    overlay = next(o for o in book.overlays if o.placed.kind == fact.kind and o.lifted_on is None)
    stayed = overlay.stays
    overlay.ended_on = fact.ended_on
    overlay.lifted_on = on
    overlay.outcome = fact.outcome
    if fact.outcome == "discharged":
        book.obligations.discharge(on)
    elif stayed:
        book.obligations.resume((on - overlay.placed.since_on).days, overlay.paid, on)


def reaged(book: Book, recorded: Recorded, fact: LineReaged) -> None:
    book.reages.append(Reage(recorded.effective_on, fact.kind))
    book.obligations.reage(recorded.effective_on)


def charged_off(book: Book, recorded: Recorded, fact: ChargedOff) -> None:
    """The walk then matches the allowance, after this fact and each later one."""
    book.charged_off = True
    book.charged_off_on = recorded.effective_on


def balance_forgiven(book: Book, recorded: Recorded, fact: BalanceForgiven) -> int:
    """Returns what was forgiven: in hindsight less may have been owed than the fact says."""
    amount = min(fact.amount_cents, book.undisputed())
    if amount:
        split, _ = book.pay(amount)
        book.post(posting_rules.balance_forgiven, recorded.effective_on, split, book.charged_off)
        book.cycle.credits += amount
        book.forgiven += amount
        if book.charged_off:
            book.allowance -= amount
    return amount
