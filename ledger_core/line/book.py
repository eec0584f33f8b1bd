"""The mutable books of one replay: what is owed, what interest runs, what was posted."""

from collections.abc import Callable
from datetime import date

from ledger_core.journal import posting_rules
from ledger_core.journal.entries import DraftEntry
from ledger_core.journal.journal import Call
from ledger_core.journal.posting_rules import Split
from ledger_core.line.allocation import Allocation, Balance, allocate, allocate_recovery
from ledger_core.line.cycle import close_before, following_due
from ledger_core.line.events import LineOpened, PromotionGranted, Recorded, StatementIssued
from ledger_core.line.foresight import Foresight
from ledger_core.line.interest import Accrual, billed_cents
from ledger_core.line.obligations import Obligations
from ledger_core.line.records import Autopay, Decision, Dispute, Draw, Fee, Overlay, Payment, Plan, Refund
from ledger_core.line.state import Reage
from ledger_core.products import Product


class CycleSums:
    """Movements of the running cycle, and the balance it began with."""

    __slots__ = (
        "credits", "draws", "fees", "fees_released", "interest_released", "opening_balance",
        "opening_fees", "opening_interest", "opening_principal", "payments", "receipts", "refunds",
        "started_on",
    )  # fmt: skip

    def __init__(self, started_on: date, principal: int = 0, interest: int = 0, fees: int = 0) -> None:
        self.started_on = started_on
        self.opening_principal = principal
        self.opening_interest = interest
        self.opening_fees = fees
        self.opening_balance = principal + interest + fees
        self.draws = self.refunds = self.payments = self.credits = self.fees = 0
        self.interest_released = self.fees_released = 0
        self.receipts: list[tuple[int, int]] = []
        """by the order of writing: the part of each payment that met no minimum yet"""


class ClosedCycle:
    """A statement as printed, beside what was true."""

    __slots__ = ("balance", "interest", "issued")

    def __init__(self, issued: StatementIssued, interest: int, balance: int) -> None:
        self.issued = issued
        self.interest = interest
        self.balance = balance


class Book:
    """Balances are cents; every change of them posts its entry."""

    def __init__(self, product: Product, opened_on: date, opened: LineOpened, foresight: Foresight) -> None:
        self.product = product
        self.foresight = foresight
        self.opened = opened
        self.opened_on = opened_on
        self.found_about: dict[str, int] = {}
        self.limit_cents = opened.limit_cents
        self.limit_changed_on: date | None = None
        self.base_apr_bp = opened.apr_bp
        self.protected_apr_bp: int | None = None
        self.due_day = opened.due_day
        self.next_close_on = opened.first_close_on
        self.due_date_changes: list[date] = []
        self.lock_reason: str | None = None
        self.closing = self.closed = self.charged_off = False
        self.charged_off_on: date | None = None
        self.overlays: list[Overlay] = []
        self.reages: list[Reage] = []
        self.promotions: list[PromotionGranted] = []
        self.allowance = 0
        """after charge-off: what was taken as lost and is still owed"""
        self.forgiven = 0
        self.rate_spans = foresight.rate_spans()
        self.rate_edges = sorted({on for span in self.rate_spans for on in span[:2] if on is not None})
        """the days on which a stated rate begins, or no longer holds"""
        self.draws: dict[str, Draw] = {}
        self.owed: dict[str, Draw] = {}
        self.fees: dict[str, Fee] = {}
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.disputes: dict[str, Dispute] = {}
        self.plans: dict[str, Plan] = {}
        self.decisions: dict[str, Decision] = {}
        self.plan: Plan | None = None
        self.autopay: Autopay | None = None
        self.obligations = Obligations()
        self.minimum_left = 0
        """of the last printed minimum, for allocation: by day alone, whenever a fact was written down"""
        self.closed_cycles: list[ClosedCycle] = []
        self.cycle = CycleSums(opened_on)
        self.accrual = Accrual(opened_on)
        self.interest_due = 0
        self.interest_disputed = 0
        self.credit_balance = 0
        self.credit_since: date | None = None
        self.calls: list[Call] = []
        """of posting rules, in order"""
        self.event_id = ""
        """of the running fact"""

    def post(self, rule: Callable[..., DraftEntry], on: date, *arguments: object) -> None:
        """Add the entry of the running fact to the journal."""
        self.calls.append((rule, on, self.event_id, arguments))

    def principal(self) -> int:
        return sum([draw.outstanding for draw in self.owed.values()])

    def fees_owed(self) -> int:
        return sum([fee.outstanding for fee in self.fees.values()])

    def disputed_principal(self) -> int:
        return sum([draw.disputed for draw in self.owed.values()]) if self.disputes else 0

    def disputed_fees(self) -> int:
        return sum([fee.disputed for fee in self.fees.values()]) if self.disputes else 0

    def balance(self) -> int:
        """Principal, fees and billed interest less the credit balance."""
        interest = self.interest_due + self.interest_disputed
        return self.principal() + self.fees_owed() + interest - self.credit_balance

    def rates(self, on: date | None = None) -> dict[str, int]:
        """The rate in force per bucket, autopay discount, plan and stated rates applied; 0 after charge-off.

        on: for the stated rates of a later day; the first day not yet accrued when None.
        """
        if self.charged_off:
            return {"standard": 0, "protected": 0, "disputed": 0, "disputed_protected": 0}
        rate = self.base_apr_bp
        if self.autopay is not None and self.autopay.discounted:
            rate = max(0, rate - self.product.autopay_discount_bp)
        if self.plan is not None and self.plan.enrolled.apr_bp is not None:
            rate = min(rate, self.plan.enrolled.apr_bp)
        if self.rate_spans:
            rate = min(rate, self._rate_cap(on or self.accrual.next_day))
        protected = rate if self.protected_apr_bp is None else min(rate, self.protected_apr_bp)
        return {"standard": rate, "protected": protected, "disputed": rate, "disputed_protected": protected}

    def bucket_balances(self) -> dict[str, int]:
        """Principal by interest bucket: the standard one, and others that hold any."""
        balances = {"standard": 0}
        for draw in self.owed.values():
            if not draw.protected and not draw.disputed:
                balances["standard"] += draw.outstanding
                continue
            bucket = draw.bucket
            balances[bucket] = balances.get(bucket, 0) + draw.outstanding - draw.disputed
            if draw.disputed:
                apart = "disputed_protected" if draw.protected else "disputed"
                balances[apart] = balances.get(apart, 0) + draw.disputed
        return balances

    def accrue(self, until: date) -> None:
        """Interest for every day before `until`."""
        for edge in self.rate_edges:
            if self.accrual.next_day < edge < until:
                self.accrual.run(edge, self.bucket_balances(), self.rates())
        if until > self.accrual.next_day:
            self.accrual.run(until, self.bucket_balances(), self.rates())

    def _rate_cap(self, on: date) -> int:
        """The lowest stated rate of that day; the line's own where there is none."""
        stated = [
            span.apr_bp
            for span in self.rate_spans
            if span.from_on <= on and (span.until_on is None or on < span.until_on)
        ]
        return min(stated, default=self.base_apr_bp)

    @property
    def statements_ended(self) -> bool:
        """Whether the cycle in which the line was charged off has its statement: no other follows.

        Until then there may be interest to bill that accrued before; after it neither interest nor fees come.
        Source: 12 CFR 1026.5(b)(2)(i).
        """
        if self.charged_off_on is None or not self.closed_cycles:
            return False
        return self.closed_cycles[-1].issued.cycle_end >= self.charged_off_on

    @property
    def overlaid(self) -> bool:
        """Whether news of the holder's death or bankruptcy lies on the line."""
        return any(overlay.lifted_on is None for overlay in self.overlays)

    def undisputed(self) -> int:
        """What is owed beside disputed amounts: principal, billed interest and fees."""
        fees = self.fees_owed() - self.disputed_fees()
        return self.principal() - self.disputed_principal() + self.interest_due + fees

    def match_allowance(self, on: date) -> None:
        """After charge-off the allowance is all that is owed: less of it is recovered, more of it a loss."""
        gap = self.balance() + self.credit_balance - self.allowance
        if gap > 0:
            self.post(posting_rules.charged_off, on, gap)
        elif gap < 0:
            self.post(posting_rules.recovered, on, -gap)
        self.allowance += gap

    def pay(self, amount: int) -> tuple[Split, Allocation]:
        """Take `amount` off what is owed, by the rules of allocation; the rest becomes credit balance."""
        allocation = self._allocate(amount)
        self.interest_due -= allocation.interest_cents
        if allocation.fees_cents:
            self._pay_fees(allocation.fees_cents, billed=True)
        if allocation.unbilled_fees_cents:
            self._pay_fees(allocation.unbilled_fees_cents, billed=False)
        for key, cents in allocation.principal:
            self.pay_draw(self.owed[key], cents)
        fees = allocation.fees_cents + allocation.unbilled_fees_cents
        principal = allocation.principal_cents
        return Split(fees, allocation.interest_cents, principal, allocation.credit_cents), allocation

    def meet_minimums(self, recorded: Recorded, amount: int) -> None:
        """A payment or credit meets the oldest minimums first, and counts towards a running plan."""
        left = self.obligations.count(amount, recorded.effective_on)
        self.cycle.receipts.append((recorded.seq, left))
        self.minimum_left = max(0, self.minimum_left - amount)
        if self.plan is not None:
            self.plan.paid += amount
        for overlay in self.overlays:
            if overlay.stays:
                overlay.paid += left

    def add_credit(self, amount: int, on: date) -> None:
        if amount and not self.credit_balance:
            self.credit_since = on
        self.credit_balance += amount

    def use_credit(self, on: date) -> None:
        """A credit balance pays at once what has come to be owed, disputed amounts apart."""
        if not self.credit_balance:
            return
        split, _ = self.pay(self.credit_balance)
        used = split._replace(credit=0)
        if sum(used):
            self.credit_balance = split.credit
            self.post(posting_rules.credit_applied, on, used)
        if not self.credit_balance:
            self.credit_since = None

    def pay_draw(self, draw: Draw, cents: int) -> None:
        draw.outstanding -= cents
        if not draw.outstanding:
            del self.owed[draw.draw_id]

    def close_cycle(self, recorded: Recorded, issued: StatementIssued) -> None:
        """Bill the cycle's interest as it truly was; the printed minimum becomes an obligation."""
        on = recorded.effective_on
        undisputed, disputed = billed_cents(self.accrual.microcents, self.disputed_principal() > 0)
        self.interest_due += undisputed
        self.interest_disputed += disputed
        if undisputed or disputed:
            self.post(posting_rules.interest_billed, on, undisputed, disputed)
        for fee in self.fees.values():
            fee.billed = True
        self.use_credit(on)
        late = sum([cents for seq, cents in self.cycle.receipts if seq > recorded.seq])
        self.obligations.issue(issued, self.plan is not None, late)
        self.minimum_left = issued.figures.minimum_due_cents
        cycle = CycleSums(
            self.accrual.next_day,
            self.principal() - self.credit_balance,
            self.interest_due + self.interest_disputed,
            self.fees_owed(),
        )
        self.closed_cycles.append(ClosedCycle(issued, undisputed + disputed, cycle.opening_balance))
        self.cycle = cycle
        self.accrual.close()
        self.next_close_on = close_before(self.product, following_due(issued.due_on, self.due_day))

    def _allocate(self, amount: int) -> Allocation:
        rates = self.rates()
        balances = [
            Balance(draw.draw_id, draw.outstanding - draw.disputed, rates[draw.bucket])
            for draw in self.owed.values()
        ]
        billed = unbilled = 0
        for fee in self.fees.values():
            if fee.billed:
                billed += fee.outstanding - fee.disputed
            else:
                unbilled += fee.outstanding - fee.disputed
        if self.charged_off and self.product.recovery_principal_first:
            return allocate_recovery(
                amount,
                balances=balances,
                interest_billed=self.interest_due,
                fees_billed=billed,
                fees_unbilled=unbilled,
            )
        return allocate(
            amount,
            fees_billed=billed,
            interest_billed=self.interest_due,
            minimum_unpaid=self.minimum_left,
            balances=balances,
            fees_unbilled=unbilled,
        )

    def _pay_fees(self, amount: int, *, billed: bool) -> None:
        for fee in self.fees.values():
            if amount and fee.billed == billed:
                part = min(amount, fee.outstanding - fee.disputed)
                fee.outstanding -= part
                amount -= part
