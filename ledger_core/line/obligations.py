"""Billed minimums and what is still unpaid of them; payments meet the oldest first."""

from collections.abc import Iterable
from datetime import date, timedelta

from ledger_core.line.events import StatementIssued
from ledger_core.money import round_up


class Obligation:
    """The minimum of one statement. Mutable: it lives inside one replay."""

    __slots__ = (
        "amount", "due_on", "exempt", "in_plan", "issued", "paid", "paid_on", "settled", "stayed", "suspended",
    )  # fmt: skip

    def __init__(self, issued: StatementIssued, in_plan: bool) -> None:
        self.issued = issued
        self.amount = issued.figures.minimum_payment_cents
        self.due_on = issued.due_on
        self.paid = 0
        self.exempt = 0
        """left out while, and after, part of the billed balance was disputed"""
        self.paid_on: date | None = issued.cycle_end if self.amount == 0 else None
        self.suspended = False
        """a plan runs in its place"""
        self.stayed = False
        """a bankruptcy runs"""
        self.settled = False
        """skipped, re-aged, discharged, or folded into a completed plan"""
        self.in_plan = in_plan

    @property
    def unpaid(self) -> int:
        if self.settled or self.suspended or self.stayed:
            return 0
        left = self.amount - self.exempt - self.paid
        return left if left > 0 else 0


class Obligations:
    """All minimums of a line, oldest first."""

    __slots__ = ("_open", "all")

    def __init__(self) -> None:
        self.all: list[Obligation] = []
        self._open: list[Obligation] = []
        """those a payment may still meet; all others are paid or settled"""

    def issue(self, issued: StatementIssued, in_plan: bool, late: int) -> None:
        """A new minimum. `late` was paid in its cycle but written down after its printing: it counts."""
        obligation = Obligation(issued, in_plan)
        self.all.append(obligation)
        self._open.append(obligation)
        self.count(late, issued.cycle_end, (obligation,))

    def by_number(self, number: int) -> Obligation | None:
        return next((o for o in self.all if o.issued.number == number), None)

    def count(self, amount: int, on: date, among: Iterable[Obligation] | None = None) -> int:
        """Let a payment or credit meet the oldest unpaid minimums; returns what met none."""
        met = False
        for obligation in self._open if among is None else among:
            if not amount:
                break
            part = min(amount, obligation.unpaid)
            if part:
                obligation.paid += part
                amount -= part
                if not obligation.unpaid:
                    obligation.paid_on = on
                    met = True
        if met:
            self._open = [o for o in self._open if o.suspended or o.stayed or o.unpaid]
        return amount

    def reopen(self, obligation: Obligation, amount: int) -> None:
        """Its minimum is that amount again."""
        obligation.amount = amount
        if obligation not in self._open:
            self._open = [o for o in self.all if o is obligation or o in self._open]

    def exempt(self, disputed_cents: int, on: date, *, since: date) -> None:
        """Leave the disputed share of each unpaid minimum out, rounded up in the customer's favour.

        Interest and principal of the minimum, times the disputed amount over the undisputed principal it
        was billed on. since: the day of what is disputed; a minimum billed before has no share of it.
        Source: 12 CFR 1026.13(d)(1).
        """
        for obligation in self.all:
            figures = obligation.issued.figures
            principal = figures.principal_cents - figures.disputed_cents
            if obligation.unpaid and principal > 0 and since <= obligation.issued.cycle_end:
                bearing = obligation.amount - figures.minimum_fees_cents
                share = round_up(bearing * min(disputed_cents, principal), principal)
                self._leave_out(obligation, max(0, share), on)

    def exempt_fee(self, cents: int, charged_on: date, on: date) -> None:
        """Leave a disputed fee out of the minimum that billed it."""
        for obligation in self.all:
            billed_it = obligation.issued.cycle_start <= charged_on <= obligation.issued.cycle_end
            if billed_it and obligation.unpaid:
                self._leave_out(obligation, cents, on)

    @staticmethod
    def _leave_out(obligation: Obligation, cents: int, on: date) -> None:
        obligation.exempt = min(obligation.amount, obligation.exempt + cents)
        if not obligation.unpaid:
            obligation.paid_on = on

    def suspend(self) -> None:
        """A repayment plan takes the place of what was billed before it."""
        for obligation in self.all:
            if obligation.unpaid:
                obligation.suspended = True

    def restore(self, paid_under_plan: int, on: date) -> None:
        """The original terms return; what was paid under the plan meets the old minimums first."""
        restored = [o for o in self.all if o.suspended]
        for obligation in restored:
            obligation.suspended = False
        self.count(paid_under_plan, on, restored)

    def stay(self) -> None:
        """A bankruptcy was filed: nothing is asked for."""
        for obligation in self.all:
            obligation.stayed = bool(obligation.unpaid or obligation.suspended)

    def resume(self, days: int, paid_meanwhile: int, on: date) -> None:
        """The bankruptcy was dismissed: minimums are asked for again, as many days later as it ran."""
        stayed = [o for o in self.all if o.stayed]
        for obligation in stayed:
            obligation.stayed = False
            obligation.due_on += timedelta(days=days)
        self.count(paid_meanwhile, on, stayed)

    def discharge(self, on: date) -> None:
        """The debt is gone, and with it what was asked for."""
        for obligation in self.all:
            if obligation.stayed:
                self._settle(obligation, on)

    def reage(self, on: date) -> None:
        """What is past due is no longer asked for as such."""
        for obligation in self.all:
            if obligation.unpaid and obligation.due_on < on:
                self._settle(obligation, on)

    def fold(self, on: date) -> None:
        """The plan was completed: the minimums it replaced are no longer asked for."""
        for obligation in self.all:
            if obligation.suspended:
                self._settle(obligation, on)

    @staticmethod
    def _settle(obligation: Obligation, on: date) -> None:
        obligation.suspended = obligation.stayed = False
        obligation.settled = True
        obligation.paid_on = on
