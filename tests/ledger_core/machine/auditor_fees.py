"""Which fees the terms ask for, as the auditor reads them: PRODUCT.md, cash lines Flex and Membership."""

from __future__ import annotations

from datetime import date

from ledger_core.products import Product
from tests.ledger_core.machine.auditor import Bill
from tests.ledger_core.machine.auditor_facts import FullAuditor
from tests.ledger_core.machine.auditor_figures import minimums

NOT_AUTHORISED = ("R05", "R07", "R10", "R11", "R29")
"""return codes by which the customer says that they never agreed: no fee for that"""


def late_fee(terms: Product, line: FullAuditor) -> tuple[str, int] | None:
    """The statement and the amount of the late fee due today: the oldest missed minimum that has none.

    From day 11; $35 when another within the six cycles before; never more than the minimum that was due; not
    while on a plan that is kept, and not together with a returned payment fee for the same event.
    """
    kept = line.plan is not None and line.plan.status == "active"
    if not terms.late_fee_cents or kept or _spared(line):
        return None
    unpaid = minimums(line).unpaid
    for bill in line.bills:
        late = bill.number in unpaid and (line.as_of - bill.due_on).days >= terms.late_fee_from_day
        if late and not _charged_for(line, bill) and not _returned_towards(line, bill):
            again = any(_repeats(terms, line, other, bill) for other in line.bills)
            amount = terms.late_fee_repeat_cents if again else terms.late_fee_cents
            return bill.statement_id, min(amount, bill.printed["minimum_due_cents"])
    return None


def returned_fee(terms: Product, line: FullAuditor, payment_id: str, code: str) -> int:
    """The fee for that payment's return today; 0 for none."""
    if code in NOT_AUTHORISED:
        return 0
    due = [b for b in line.bills if b.printed_due_on <= line.as_of] or line.bills
    if not due or _spared(line) or any(f.about == payment_id for f in line.fees):
        return 0
    towards = [b for b in line.bills if _made_towards(line, payment_id, b)]
    if any(_charged_for(line, bill) for bill in towards):
        return 0
    return min(terms.returned_fee_cents, due[-1].printed["minimum_due_cents"])


def membership_fee(terms: Product, line: FullAuditor, *, covered: bool) -> int:
    """The fee of the cycle that closes today, its last day's principal counted; 0 for none."""
    if len(line.bills) < terms.membership_free_cycles or line.closing or _spared(line):
        return 0
    idle = not line.principal_days and not line.principal and not line.cycle["draws"]
    if idle and not line.all_fees and not line.all_interest:
        return 0
    days = (line.as_of - line.cycle_start).days + 1
    yearly = terms.membership_fee_cents * 12 * 10_000 * days
    if covered and yearly > terms.maximum_mapr_bp * (line.principal_days + line.principal):
        return 0
    return terms.membership_fee_cents


def _spared(line: FullAuditor) -> bool:
    """Charged off, or the holder has died or is bankrupt: no more fees."""
    return line.charged_off or bool(line.overlays)


def _charged_for(line: FullAuditor, bill: Bill) -> bool:
    return any(f.kind == "late" and f.about == bill.statement_id for f in line.fees)


def _repeats(terms: Product, line: FullAuditor, other: Bill, bill: Bill) -> bool:
    near = bill.number - terms.late_fee_repeat_cycles <= other.number < bill.number
    return near and any(
        f.kind == "late" and f.about == other.statement_id and f.forgiven != "error" for f in line.fees
    )


def _returned_towards(line: FullAuditor, bill: Bill) -> bool:
    charged = [f.about for f in line.fees if f.kind == "returned_payment" and f.about is not None]
    return any(_made_towards(line, payment_id, bill) for payment_id in charged)


def _made_towards(line: FullAuditor, payment_id: str, bill: Bill) -> bool:
    """Made after that statement and before the next."""
    received_on: date | None = line.received_on.get(payment_id)
    later = [b.end for b in line.bills if b.number == bill.number + 1]
    return received_on is not None and bill.end < received_on <= (later[0] if later else line.as_of)
