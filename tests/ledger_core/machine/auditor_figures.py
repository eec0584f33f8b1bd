"""What the auditor would put on paper: minimums still unpaid, what is available, and a statement's figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger_core.products import Product
from tests.ledger_core.machine.auditor import DAY, MICROCENTS, Bill, half_up
from tests.ledger_core.machine.auditor_facts import FullAuditor, audit
from tests.ledger_core.machine.naive_facts import RawFact


@dataclass(frozen=True)
class Minimums:
    """What is still asked for on the day, oldest due date first, never more than the undisputed balance."""

    unpaid: dict[int, int]
    """by statement number"""
    total: int
    past_due: int
    days_past_due: int


def minimums(line: FullAuditor) -> Minimums:
    left = line.undisputed
    accrued = line.to_bill()[0]
    unpaid: dict[int, int] = {}
    late: list[Bill] = []
    for bill in sorted(line.bills, key=lambda b: b.due_on):
        part = min(bill.unpaid, left + accrued if bill.of_plan else left)
        if part > 0:
            unpaid[bill.number] = part
            left -= part
            if bill.due_on < line.as_of:
                late.append(bill)
    past_due = sum(unpaid[bill.number] for bill in late)
    days = (line.as_of - late[0].due_on).days if late else 0
    return Minimums(unpaid, sum(unpaid.values()), past_due, days)


def status(line: FullAuditor) -> str:
    for name, holds in (
        ("charged_off", line.charged_off),
        ("closed", line.closed),
        ("closing", line.closing),
        ("locked", line.lock is not None),
    ):
        if holds:
            return name
    return "open"


def room(line: FullAuditor) -> int:
    """What a draw may take: the limit less principal, holds, and principal paid by payments not yet settled."""
    return line.limit - line.principal - sum(line.held.values()) - sum(line.received.values())


def may_draw(line: FullAuditor, cents: int) -> bool:
    """Whether a draw from a verified bank account goes through: PRODUCT.md, Cash Line Flex, draw."""
    blocked = minimums(line).past_due or line.plan is not None
    fits = line.terms.draw_minimum_cents <= cents <= room(line)
    return fits and not blocked and not line.overlays and status(line) == "open"


def figures_of(terms: Product, facts: Iterable[RawFact], issued: RawFact) -> dict[str, int]:
    """The figures of a statement as they had to be printed, out of what was known then."""
    before = [f for f in facts if f.seq < issued.seq]
    line = audit(terms, before, issued.data["cycle_end"])
    unpaid = minimums(line)
    line.add_a_day()
    undisputed, disputed = line.to_bill()
    used = min(line.credit, undisputed)
    credit = line.credit - used
    interest_owed = line.all_interest + undisputed + disputed - used
    disputed_in_all = line.disputed_principal + line.disputed_fees + line.disputed_interest + disputed
    last = line.bills[-1].printed if line.bills else None
    corrections = _corrections(line, last)
    asked = _minimum(terms, line, issued, unpaid, undisputed, used, corrections)
    past_due = sum(
        c for n, c in unpaid.unpaid.items() if line.bills[n - 1].due_on <= issued.data["cycle_end"]
    )
    days = (issued.data["cycle_end"] - line.cycle_start).days + 1
    return {
        "previous_balance_cents": last["new_balance_cents"] if last else 0,
        **{f"{name}_cents": cents for name, cents in line.cycle.items()},
        "interest_cents": undisputed + disputed,
        "corrections_cents": sum(corrections),
        "corrections_principal_cents": corrections[0],
        "corrections_interest_cents": corrections[1],
        "corrections_fees_cents": corrections[2],
        "new_balance_cents": line.principal + line.all_fees + interest_owed - credit,
        "principal_cents": line.principal,
        "fees_owed_cents": line.all_fees,
        "interest_owed_cents": interest_owed,
        "credit_balance_cents": credit,
        "disputed_cents": disputed_in_all,
        "minimum_payment_cents": sum(asked),
        "minimum_interest_cents": asked[0],
        "minimum_fees_cents": asked[1],
        "minimum_principal_cents": asked[2],
        "past_due_cents": past_due,
        "minimum_due_cents": sum(asked) + past_due,
        "apr_bp": line.rates()[0],
        "days": days,
        "average_daily_balance_cents": half_up(Fraction(line.principal_days, days)),
    }


def _corrections(line: FullAuditor, last: dict[str, int] | None) -> tuple[int, int, int]:
    """By how much the last statement would read otherwise today: principal, interest, fees."""
    if last is None:
        return 0, 0, 0
    principal, interest, fees = line.opening
    printed = last["principal_cents"] - last["credit_balance_cents"]
    return principal - printed, interest - last["interest_owed_cents"], fees - last["fees_owed_cents"]


def _minimum(
    terms: Product,
    line: FullAuditor,
    issued: RawFact,
    unpaid: Minimums,
    undisputed: int,
    used: int,
    corrections: tuple[int, int, int],
) -> tuple[int, int, int]:
    """Interest, fees and principal of what this cycle asks for."""
    interest_due = line.interest + undisputed - used
    fees_due = line.all_fees - line.disputed_fees
    interest = undisputed + line.asked_again_interest + corrections[1]
    interest = max(0, min(interest, interest_due))
    fees = sum(f.cents - f.disputed for f in line.fees if not f.billed)
    fees = max(0, min(fees + line.asked_again_fees + max(0, corrections[2]), fees_due))
    principal = line.principal - line.disputed_principal
    balance = max(0, principal + interest_due + fees_due - unpaid.total)
    if "bankruptcy" in line.overlays:
        return 0, 0, 0
    total = _asked(terms, line, issued, unpaid, balance, interest + fees, principal)
    interest = min(interest, total)
    fees = min(fees, total - interest)
    return interest, fees, total - interest - fees


def _asked(
    terms: Product,
    line: FullAuditor,
    issued: RawFact,
    unpaid: Minimums,
    balance: int,
    charges: int,
    principal: int,
) -> int:
    due_on = issued.data["due_on"]
    if line.plan is not None and due_on <= line.plan.ends_on:
        planned = sum(cents for on, cents in line.plan.payments if on <= due_on)
        asked = max(0, planned - line.plan.paid - unpaid.total)
        return min(asked, balance + _until_due(line, issued.on, due_on))
    if terms.minimum_rule == "full":
        return balance
    share = half_up(Fraction(principal * terms.minimum_principal_bp, 10_000))
    return min(max(charges + share, terms.minimum_floor_cents), balance)


def _until_due(line: FullAuditor, closed: date, due_on: date) -> int:
    """Undisputed interest from the day after the close through the day before the due date."""
    micro = {"standard": 0, "protected": 0}
    day = closed + DAY
    while day < due_on:
        for bucket, rate in zip(micro, line.rates(day), strict=True):
            micro[bucket] += half_up(Fraction(line.buckets()[bucket] * rate * MICROCENTS, 3_650_000))
        day += DAY
    return sum(half_up(Fraction(m, MICROCENTS)) for m in micro.values())


def payoff(terms: Product, facts: Iterable[RawFact], today: date, on: date) -> int:
    """What pays the line off on that day if nothing else happens: every cycle that ends before it is closed.

    One that is over already and waits for its statement is closed like those to come.
    """
    line = audit(terms, facts, today)
    day = max(today, line.cycle_start)
    while day < on:
        line.day = day
        line.add_a_day()
        day += DAY
    days, line.accrued = line.each_day, line._nothing()
    for day, microcents in days:
        for bucket, more in microcents.items():
            line.accrued[bucket] += more
        if day == line.next_close:
            line.interest += sum(line.to_bill())
            line.accrued = line._nothing()
            line.next_close = _next_close(terms, line, day)
    return max(0, line.balance + sum(line.to_bill()))


def _next_close(terms: Product, line: FullAuditor, closed: date) -> date:
    due_on = closed + terms.close_days_before_due * DAY
    month_on = date(due_on.year + due_on.month // 12, due_on.month % 12 + 1, line.due_day)
    return month_on - terms.close_days_before_due * DAY
