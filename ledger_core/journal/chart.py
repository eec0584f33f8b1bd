"""The chart of accounts of one line, and the side that increases each account."""

from dataclasses import dataclass

from ledger_core.journal.entries import Side


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    name: str
    normal_balance: Side
    owner: str
    """customer: what the line owes or is owed; house: the other side"""
    holds: str


CHART: tuple[LedgerAccount, ...] = (
    LedgerAccount("principal_receivable", "debit", "customer", "principal owed, disputed parts apart"),
    LedgerAccount("interest_receivable", "debit", "customer", "interest billed, disputed parts apart"),
    LedgerAccount("fees_receivable", "debit", "customer", "fees unpaid, disputed parts apart"),
    LedgerAccount("disputed_receivable", "debit", "customer", "all that is in open disputes"),
    LedgerAccount("customer_credit", "credit", "customer", "credit balance: what the customer overpaid"),
    LedgerAccount("draws_held", "debit", "customer", "pending draws; a memorandum against draws_held_contra"),
    LedgerAccount("draws_held_contra", "credit", "house", "the other side of draws_held"),
    LedgerAccount("cash", "debit", "house", "settled with the bank"),
    LedgerAccount("cash_clearing_draws", "credit", "house", "advances on their way out"),
    LedgerAccount("cash_clearing_payments", "debit", "house", "payments received and not yet settled"),
    LedgerAccount("interest_income", "credit", "house", "interest billed"),
    LedgerAccount("fee_income", "credit", "house", "fees charged"),
    LedgerAccount("credits_expense", "debit", "house", "courtesies and disputes found for the customer"),
    LedgerAccount("forgiveness_expense", "debit", "house", "debt forgiven: settled, or discharged in bankruptcy"),
    LedgerAccount("charge_off_loss", "debit", "house", "the accounting loss of charged-off lines"),
    LedgerAccount("charge_off_allowance", "credit", "house", "the other side of the loss; the debt remains"),
    LedgerAccount("recovery_income", "credit", "house", "paid on charged-off lines"),
)
ACCOUNTS = {account.name: account for account in CHART}
CUSTOMER_ACCOUNTS = tuple(account.name for account in CHART if account.owner == "customer")
