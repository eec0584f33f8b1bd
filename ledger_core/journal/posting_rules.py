"""One function per fact: the balanced entry it leads to. tests/ledger_core/journal has the table."""

from datetime import date
from typing import NamedTuple

from ledger_core.journal.entries import DraftEntry, Posting, credit, debit, draft


class Split(NamedTuple):
    """Where money towards a line went, in cents."""

    fees: int
    interest: int
    principal: int
    credit: int
    """to the credit balance"""


def draw_requested(on: date, event_id: str, amount: int) -> DraftEntry:
    """A hold: a memorandum, no receivable yet."""
    legs = (debit("draws_held", amount), credit("draws_held_contra", amount))
    return draft("draw_requested", "pending", on, event_id, legs)


def hold_released(on: date, event_id: str, amount: int) -> DraftEntry:
    """The hold ends: the draw settled, failed, expired or was cancelled."""
    legs = (debit("draws_held_contra", amount), credit("draws_held", amount))
    return draft("hold_released", "void", on, event_id, legs)


def draw_settled(on: date, event_id: str, amount: int, credited: int) -> DraftEntry:
    """The advance; `credited` is the part a dispute found not to be the customer's: the house bears it."""
    legs = (
        debit("principal_receivable", amount - credited),
        debit("credits_expense", credited),
        credit("cash_clearing_draws", amount),
    )
    return draft("draw_settled", "posted", on, event_id, legs)


def payment_received(on: date, event_id: str, split: Split) -> DraftEntry:
    legs = (debit("cash_clearing_payments", sum(split)), *_paid(split))
    return draft("payment_received", "posted", on, event_id, legs)


def payment_settled(on: date, event_id: str, amount: int) -> DraftEntry:
    legs = (debit("cash", amount), credit("cash_clearing_payments", amount))
    return draft("payment_settled", "posted", on, event_id, legs)


def fee_charged(on: date, event_id: str, amount: int) -> DraftEntry:
    legs = (debit("fees_receivable", amount), credit("fee_income", amount))
    return draft("fee_charged", "posted", on, event_id, legs)


def fee_waived(on: date, event_id: str, split: Split) -> DraftEntry:
    """A courtesy; it pays the fee, and other things where the fee was paid already."""
    return _credited("fee_waived", on, event_id, split)


def credit_granted(on: date, event_id: str, split: Split) -> DraftEntry:
    return _credited("credit_granted", on, event_id, split)


def dispute_credited(on: date, event_id: str, split: Split) -> DraftEntry:
    """A dispute about no draw or fee, found for the customer."""
    return _credited("dispute_credited", on, event_id, split)


def credit_applied(on: date, event_id: str, split: Split) -> DraftEntry:
    """A credit balance pays what has come to be owed."""
    legs = (debit("customer_credit", sum(split)), *_paid(split))
    return draft("credit_applied", "posted", on, event_id, legs)


def credit_refunded(on: date, event_id: str, from_credit: int, from_line: int) -> DraftEntry:
    """Paid out; `from_line` is what was paid out beyond the credit balance, seen in hindsight."""
    legs = (
        debit("customer_credit", from_credit),
        debit("principal_receivable", from_line),
        credit("cash", from_credit + from_line),
    )
    return draft("credit_refunded", "posted", on, event_id, legs)


def interest_billed(on: date, event_id: str, undisputed: int, disputed: int) -> DraftEntry:
    legs = (
        debit("interest_receivable", undisputed),
        debit("disputed_receivable", disputed),
        credit("interest_income", undisputed + disputed),
    )
    return draft("interest_billed", "posted", on, event_id, legs)


def dispute_opened(on: date, event_id: str, principal: int, fees: int) -> DraftEntry:
    legs = (
        debit("disputed_receivable", principal + fees),
        credit("principal_receivable", principal),
        credit("fees_receivable", fees),
    )
    return draft("dispute_opened", "posted", on, event_id, legs)


def dispute_closed(on: date, event_id: str, principal: int, interest: int, fees: int) -> DraftEntry:
    """What was found against the customer, or withdrawn, is owed again."""
    legs = (
        debit("principal_receivable", principal),
        debit("interest_receivable", interest),
        debit("fees_receivable", fees),
        credit("disputed_receivable", principal + interest + fees),
    )
    return draft("dispute_closed", "posted", on, event_id, legs)


def charged_off(on: date, event_id: str, amount: int) -> DraftEntry:
    """The loss is booked against an allowance; the receivables stay, since the debt does."""
    legs = (debit("charge_off_loss", amount), credit("charge_off_allowance", amount))
    return draft("charged_off", "posted", on, event_id, legs)


def recovered(on: date, event_id: str, amount: int) -> DraftEntry:
    """A charged-off line owes less than the allowance covers: what was taken as lost came in."""
    legs = (debit("charge_off_allowance", amount), credit("recovery_income", amount))
    return draft("recovered", "posted", on, event_id, legs)


def balance_forgiven(on: date, event_id: str, split: Split, charged_off: bool) -> DraftEntry:
    """Debt forgiven: an expense; after charge-off the loss was booked, so that it uses up the allowance."""
    account = "charge_off_allowance" if charged_off else "forgiveness_expense"
    return draft("balance_forgiven", "posted", on, event_id, (debit(account, sum(split)), *_paid(split)))


def _credited(kind: str, on: date, event_id: str, split: Split) -> DraftEntry:
    return draft(kind, "posted", on, event_id, (debit("credits_expense", sum(split)), *_paid(split)))


def _paid(split: Split) -> tuple[Posting, ...]:
    return (
        credit("fees_receivable", split.fees),
        credit("interest_receivable", split.interest),
        credit("principal_receivable", split.principal),
        credit("customer_credit", split.credit),
    )
