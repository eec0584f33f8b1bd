"""The auditor: the terms told again, simply and slowly, out of PRODUCT.md and the README of the books.

It reads the raw facts of a line and walks every single day from the opening on: the facts of the day, then the
day's interest, then the day's statement. It shares no code with the engine, keeps no spans, no snapshots and no
journal, and knows nothing of what the engine found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from ledger_core.products import Product
from tests.ledger_core.machine.naive_facts import RawFact

DAY = timedelta(days=1)
MICROCENTS = 1_000_000


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up. The value is not negative."""
    assert value >= 0
    return floor(value + Fraction(1, 2))


@dataclass
class Owed:
    """Principal of one draw, or of a refund paid out beyond the credit balance."""

    draw_id: str
    cents: int
    since: date
    disputed: int = 0
    protected: bool = False


@dataclass
class Charge:
    """One fee."""

    fee_id: str
    kind: str
    on: date
    cents: int
    disputed: int = 0
    billed: bool = False
    about: str | None = None
    charged: int = 0
    forgiven: str | None = None


@dataclass
class Bill:
    """The minimum of one statement, and what became of it."""

    number: int
    statement_id: str
    printed: dict[str, int]
    start: date
    end: date
    due_on: date
    printed_due_on: date
    wanted: int
    paid: int = 0
    exempt: int = 0
    replaced: bool = False
    """a plan runs in its place"""
    done: bool = False
    """skipped, or folded into a completed plan"""
    stayed: bool = False
    """a bankruptcy runs"""
    of_plan: bool = False
    interest_cents: int = 0
    balance_cents: int = 0

    @property
    def unpaid(self) -> int:
        return (
            0 if self.replaced or self.done or self.stayed else max(0, self.wanted - self.exempt - self.paid)
        )


@dataclass
class Agreement:
    """A relief or repayment plan."""

    plan_id: str
    kind: str
    apr_bp: int | None
    payments: list[tuple[date, int]]
    ends_on: date
    status: str = "active"
    paid: int = 0
    statement_number: int | None = None
    printed_minimum: int | None = None


@dataclass
class Claim:
    """An open dispute and what it set apart."""

    about: str | None
    cents: int
    parts: list[tuple[Owed, int]] = field(default_factory=list)
    fee: tuple[Charge, int] | None = None


class Auditor:
    """The line on the day `as_of`, as far as the facts given tell. `audit` makes one and walks it."""

    def __init__(self, terms: Product, facts: Iterable[RawFact], as_of: date) -> None:
        self.terms = terms
        self.as_of = as_of
        self.facts = sorted((f for f in facts if f.on <= as_of), key=lambda f: (f.on, f.seq))
        self._look_ahead()
        self.owed: list[Owed] = []
        self.fees: list[Charge] = []
        self.bills: list[Bill] = []
        self.claims: dict[str, Claim] = {}
        self.plan: Agreement | None = None
        self.held: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        """what each draw asked for, whatever became of it"""
        self.settled_on: dict[str, date] = {}
        self.received: dict[str, int] = {}
        """principal that each payment not yet settled has paid"""
        self.received_on: dict[str, date] = {}
        """payments, those taken back too"""
        self.sources: dict[str, str] = {}
        self.interest = self.disputed_interest = 0
        self.credit = 0
        self.accrued = self._nothing()
        self.all_microcents = 0
        """interest of all days so far"""
        self.limit = self.rate = self.due_day = 0
        self.protected_rate: int | None = None
        self.autopay = self.discount = False
        self.lock: str | None = None
        self.closing = self.closed = self.charged_off = False
        self.charged_off_on: date | None = None
        self.overlays: dict[str, tuple[date, int]] = {}
        """by kind: its day, and what was paid under it that met no minimum"""
        self.day = self.facts[0].on
        self.minimum_left = 0
        self._new_cycle(self.facts[0].on)

    def _look_ahead(self) -> None:
        """Hindsight: what later facts take back is, from its day on, as if it had never been."""
        self.undone = {
            f.data["payment_id"] for f in self.facts if f.kind in ("PaymentReturned", "PaymentCancelled")
        }
        self.never_refunded = {f.data["refund_id"] for f in self.facts if f.kind == "RefundReturned"}
        self.never_advanced = {f.data["draw_id"] for f in self.facts if f.kind == "DrawFailed"}
        self.taken_back: dict[str, int] = {}
        self.found: dict[str, int] = {}
        self.put_right: set[str] = set()
        """disputes about a payment that is credited now"""
        self.credited_by: dict[str, int] = {}
        """by payment: the last fact that credits it"""
        self.reinstated = [f for f in self.facts if f.kind == "PlanReinstated"]
        self.spans = list(self._rate_spans())
        for fact in self.facts:
            if fact.kind == "FeeWaived" and fact.data["reason"] != "courtesy":
                fee_id = fact.data["fee_id"]
                self.taken_back[fee_id] = self.taken_back.get(fee_id, 0) + fact.data["amount_cents"]
            if fact.kind == "DisputeResolved":
                self.found[fact.data["dispute_id"]] = fact.data["amount_cents"]
                if fact.data.get("payment_id") is not None:
                    self.put_right.add(fact.data["dispute_id"])
            if fact.kind == "PaymentReceived":
                last = self.credited_by.get(fact.data["payment_id"], 0)
                self.credited_by[fact.data["payment_id"]] = max(last, fact.seq)
        for fact in self.facts:
            if fact.kind == "DisputeOpened" and fact.data["about"] is not None:
                about, found = fact.data["about"], self.found.get(fact.data["dispute_id"], 0)
                self.taken_back[about] = self.taken_back.get(about, 0) + found

    def _rate_spans(self) -> Iterator[tuple[date, date | None, int]]:
        """Days (the last one not included) on which nothing bears more than a rate: promotions, overlays."""
        stopped: dict[str, date] = {}
        for fact in self.facts:
            data = fact.data
            if fact.kind == "PromotionGranted":
                yield data["starts_on"], data["ends_on"] + DAY, data["apr_bp"]
            elif fact.kind == "OverlayPlaced":
                stopped[data["kind"]] = data["interest_stops_on"]
            elif fact.kind == "OverlayLifted":
                yield stopped.pop(data["kind"]), data["interest_resumes_on"], 0
        yield from ((on, None, 0) for on in stopped.values())

    @staticmethod
    def _nothing() -> dict[str, int]:
        return {"standard": 0, "protected": 0, "disputed": 0, "disputed_protected": 0}

    def _new_cycle(self, start: date) -> None:
        self.cycle_start = start
        self.cycle = dict.fromkeys(("draws", "refunds", "payments", "credits", "fees"), 0)
        self.asked_again_interest = self.asked_again_fees = 0
        self.principal_days = 0
        self.each_day: list[tuple[date, dict[str, int]]] = []
        """micro-cents by bucket of each day of the cycle so far"""
        self.met_nothing: list[tuple[int, int]] = []
        self.opening = (self.principal - self.credit, self.all_interest, self.all_fees)

    def new_since(self, earlier: Auditor) -> list[RawFact]:
        """Facts that an earlier auditor of the line did not have."""
        had = {fact.seq for fact in earlier.facts}
        return [fact for fact in self.facts if fact.seq not in had]

    # --- what is owed

    @property
    def principal(self) -> int:
        return sum(o.cents for o in self.owed)

    @property
    def disputed_principal(self) -> int:
        return sum(o.disputed for o in self.owed)

    @property
    def all_fees(self) -> int:
        return sum(f.cents for f in self.fees)

    @property
    def disputed_fees(self) -> int:
        return sum(f.disputed for f in self.fees)

    @property
    def all_interest(self) -> int:
        return self.interest + self.disputed_interest

    @property
    def balance(self) -> int:
        return self.principal + self.all_fees + self.all_interest - self.credit

    @property
    def undisputed(self) -> int:
        principal = self.principal - self.disputed_principal
        return principal + self.interest + self.all_fees - self.disputed_fees

    # --- the days

    def walk(self) -> Auditor:
        day = self.facts[0].on
        while day <= self.as_of:
            self.day = day
            today = [f for f in self.facts if f.on == day]
            for fact in today:
                if fact.kind != "StatementIssued":
                    getattr(self, f"on_{in_words(fact.kind)}")(fact)
            statements = [f for f in today if f.kind == "StatementIssued"]
            if day < self.as_of or statements:
                self.add_a_day()
                self.day = day + DAY
            for fact in statements:
                self.close_cycle(fact)
            day += DAY
        return self

    def rates(self, on: date | None = None) -> tuple[int, int]:
        """The rate in force on a day, the one walked unless told; and that of draws from before active duty."""
        day = on or self.day
        if self.charged_off:
            return 0, 0
        rate = self.rate
        if self.autopay and self.discount:
            rate = max(0, rate - self.terms.autopay_discount_bp)
        if self.plan is not None and self.plan.apr_bp is not None:
            rate = min(rate, self.plan.apr_bp)
        for first, end, capped in self.spans:
            if first <= day and (end is None or day < end):
                rate = min(rate, capped)
        return rate, rate if self.protected_rate is None else min(rate, self.protected_rate)

    def buckets(self) -> dict[str, int]:
        """Principal by bucket."""
        sums = self._nothing()
        for owed in self.owed:
            sums["protected" if owed.protected else "standard"] += owed.cents - owed.disputed
            sums["disputed_protected" if owed.protected else "disputed"] += owed.disputed
        return sums

    def add_a_day(self) -> None:
        standard, protected = self.rates()
        self.each_day.append((self.day, self._nothing()))
        for bucket, principal in self.buckets().items():
            if principal:
                rate = protected if "protected" in bucket else standard
                microcents = half_up(Fraction(principal * rate * MICROCENTS, 10_000 * 365))
                self.accrued[bucket] += microcents
                self.each_day[-1][1][bucket] = microcents
                self.all_microcents += microcents
        self.principal_days += self.principal

    def to_bill(self) -> tuple[int, int]:
        """The cycle's interest in cents, undisputed and disputed: rounded once per bucket."""
        undisputed = disputed = 0
        for bucket, microcents in self.accrued.items():
            cents = half_up(Fraction(microcents, MICROCENTS))
            if bucket.startswith("disputed") and self.disputed_principal:
                disputed += cents
            else:
                undisputed += cents
        return undisputed, disputed

    def close_cycle(self, fact: RawFact) -> None:
        undisputed, disputed = self.to_bill()
        self.interest += undisputed
        self.disputed_interest += disputed
        for fee in self.fees:
            fee.billed = True
        self.use_credit()
        printed = fact.data["figures"]
        bill = Bill(
            number=fact.data["number"],
            statement_id=fact.data["statement_id"],
            printed=printed,
            start=fact.data["cycle_start"],
            end=fact.data["cycle_end"],
            due_on=fact.data["due_on"],
            printed_due_on=fact.data["due_on"],
            wanted=printed["minimum_payment_cents"],
            of_plan=self.plan is not None,
            interest_cents=undisputed + disputed,
            balance_cents=self.balance,
        )
        self.bills.append(bill)
        late = sum(cents for seq, cents in self.met_nothing if seq > fact.seq)
        bill.paid = min(late, bill.unpaid)
        self.minimum_left = printed["minimum_due_cents"]
        self.accrued = self._nothing()
        self._new_cycle(fact.on + DAY)
        self.next_close = self._close_before(_month_on(fact.data["due_on"], self.due_day))

    @property
    def has_its_last_statement(self) -> bool:
        """After the statement of the cycle with the charge-off none follows."""
        gone = self.charged_off_on
        return gone is not None and any(bill.end >= gone for bill in self.bills)

    @property
    def coming_close(self) -> date:
        """The end of the running cycle; after the last statement, of the month that would run."""
        close_on = self.next_close
        while self.has_its_last_statement and close_on <= self.as_of:
            due_on = close_on + timedelta(days=self.terms.close_days_before_due)
            close_on = self._close_before(_month_on(due_on, self.due_day))
        return close_on

    def _close_before(self, due_on: date) -> date:
        return due_on - timedelta(days=self.terms.close_days_before_due)

    # --- money

    def spend(self, cents: int) -> dict[str, int]:
        """Allocation: billed fees, interest, principal; fees not billed yet; the rest is credit balance."""
        start = cents
        fees = self._spend_on_fees(cents, billed=True)
        interest = min(cents - fees, self.interest)
        self.interest -= interest
        cents -= fees + interest
        for_minimum = min(cents, max(0, self.minimum_left - fees - interest))
        principal = self._spend_on_principal(for_minimum, list(self.owed))
        standard, protected = self.rates()
        dearest = sorted(self.owed, key=lambda o: -(protected if o.protected else standard))
        principal += self._spend_on_principal(cents - principal, dearest)
        cents -= principal
        unbilled = self._spend_on_fees(cents, billed=False)
        self.owed = [o for o in self.owed if o.cents]
        spent = {"fees": fees + unbilled, "interest": interest, "principal": principal}
        return spent | {"credit": start - sum(spent.values())}

    def _spend_on_fees(self, cents: int, *, billed: bool) -> int:
        spent = 0
        for fee in self.fees:
            if fee.billed == billed:
                part = min(cents - spent, fee.cents - fee.disputed)
                fee.cents -= part
                spent += part
        return spent

    @staticmethod
    def _spend_on_principal(cents: int, order: list[Owed]) -> int:
        spent = 0
        for owed in order:
            part = min(cents - spent, owed.cents - owed.disputed)
            owed.cents -= part
            spent += part
        return spent

    def use_credit(self) -> None:
        """A credit balance pays at once what comes to be owed."""
        if self.credit:
            self.credit = self.spend(self.credit)["credit"]

    def meet(self, fact: RawFact, cents: int) -> None:
        """A payment or credit meets the oldest minimums first, and counts towards a running plan."""
        left = self._meet_bills(cents, self.bills)
        self.met_nothing.append((fact.seq, left))
        self.minimum_left = max(0, self.minimum_left - cents)
        if self.plan is not None:
            self.plan.paid += cents
        if "bankruptcy" in self.overlays:
            since, paid = self.overlays["bankruptcy"]
            self.overlays["bankruptcy"] = (since, paid + left)

    @staticmethod
    def _meet_bills(cents: int, bills: list[Bill]) -> int:
        for bill in bills:
            part = min(cents, bill.unpaid)
            bill.paid += part
            cents -= part
        return cents


def _month_on(on: date, day: int) -> date:
    return date(on.year + on.month // 12, on.month % 12 + 1, day)


def in_words(kind: str) -> str:
    """draw_settled for DrawSettled."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


def share_up(whole: int, part: int, of: int) -> int:
    """whole * part / of, rounded up."""
    return ceil(Fraction(whole * part, of))
