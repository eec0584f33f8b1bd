"""What each kind of fact does, in the auditor's words: one method per kind, named after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from ledger_core.products import Product
from tests.ledger_core.machine.auditor import (
    Agreement,
    Auditor,
    Bill,
    Charge,
    Claim,
    Owed,
    half_up,
    share_up,
)
from tests.ledger_core.machine.naive_facts import RawFact

ONE_OFF = ("extension", "skip")


class FullAuditor(Auditor):
    """The auditor with all kinds of facts."""

    def on_line_opened(self, fact: RawFact) -> None:
        self.limit = fact.data["limit_cents"]
        self.rate = fact.data["apr_bp"]
        self.due_day = fact.data["due_day"]
        self.next_close = fact.data["first_close_on"]

    # --- draws

    def on_draw_requested(self, fact: RawFact) -> None:
        self.held[fact.data["draw_id"]] = self.asked[fact.data["draw_id"]] = fact.data["amount_cents"]

    def on_draw_settled(self, fact: RawFact) -> None:
        draw_id = fact.data["draw_id"]
        self.held.pop(draw_id, None)
        self.settled_on[draw_id] = fact.on
        if draw_id in self.never_advanced:
            return
        self._owe(draw_id, max(0, self.asked[draw_id] - self.taken_back.get(draw_id, 0)), fact.on)
        self.cycle["draws"] += sum(o.cents for o in self.owed if o.draw_id == draw_id)
        for dispute_id, claim in self.claims.items():
            if claim.about == draw_id:
                self._set_apart(dispute_id, claim)
        self.use_credit()

    def on_draw_failed(self, fact: RawFact) -> None:
        self.held.pop(fact.data["draw_id"], None)

    def on_draw_cancelled(self, fact: RawFact) -> None:
        self.held.pop(fact.data["draw_id"], None)

    def _owe(self, draw_id: str, cents: int, on: date) -> None:
        if cents:
            self.owed.append(Owed(draw_id, cents, on))

    # --- payments and credits

    def on_payment_scheduled(self, fact: RawFact) -> None:
        self.sources[fact.data["payment_id"]] = fact.data["source"]

    def on_payment_moved(self, fact: RawFact) -> None:
        assert fact.data["payment_id"] in self.sources

    def on_payment_cancelled(self, fact: RawFact) -> None:
        assert fact.data["payment_id"] in self.undone

    def on_payment_received(self, fact: RawFact) -> None:
        payment_id, cents = fact.data["payment_id"], fact.data["amount_cents"]
        if fact.seq < self.credited_by[payment_id]:
            return
        self.received_on[payment_id] = fact.on
        if payment_id in self.undone:
            return
        spent = self.spend(cents)
        self.received[payment_id] = spent["principal"]
        self.credit += spent["credit"]
        self.meet(fact, cents)
        self.cycle["payments"] += cents

    def on_payment_settled(self, fact: RawFact) -> None:
        payment_id = fact.data["payment_id"]
        credited = self.received.pop(payment_id, None) is not None
        if credited and self.sources.get(payment_id) == "autopay":
            self.discount = True

    def on_payment_returned(self, fact: RawFact) -> None:
        if self.sources.get(fact.data["payment_id"]) == "autopay":
            self.discount = False

    def on_credit_granted(self, fact: RawFact) -> None:
        self._credit(fact, fact.data["amount_cents"])

    def _credit(self, fact: RawFact, cents: int) -> None:
        self.credit += self.spend(cents)["credit"]
        self.meet(fact, cents)
        self.cycle["credits"] += cents

    def on_credit_refunded(self, fact: RawFact) -> None:
        if fact.data["refund_id"] in self.never_refunded:
            return
        cents = fact.data["amount_cents"]
        from_credit = min(self.credit, cents)
        self.credit -= from_credit
        self._owe(fact.data["refund_id"], cents - from_credit, fact.on)
        self.cycle["refunds"] += cents

    def on_refund_returned(self, fact: RawFact) -> None:
        assert fact.data["refund_id"] in self.never_refunded

    # --- fees

    def on_fee_charged(self, fact: RawFact) -> None:
        fee_id = fact.data["fee_id"]
        cents = max(0, fact.data["amount_cents"] - self.taken_back.get(fee_id, 0))
        fee = Charge(fee_id, fact.data["kind"], fact.on, cents, about=fact.data["about"])
        fee.charged = fact.data["amount_cents"]
        self.fees.append(fee)
        self.cycle["fees"] += cents
        self.use_credit()

    def on_fee_waived(self, fact: RawFact) -> None:
        cents = fact.data["amount_cents"]
        (fee,) = [f for f in self.fees if f.fee_id == fact.data["fee_id"]]
        fee.forgiven = fact.data["reason"]
        if fact.data["reason"] != "courtesy":
            self._meet_bills(cents, self.bills)
            return
        off = min(cents, fee.cents - fee.disputed)
        fee.cents -= off
        self.credit += self.spend(cents - off)["credit"]
        self.meet(fact, cents)
        self.cycle["credits"] += cents

    # --- terms

    def on_rate_changed(self, fact: RawFact) -> None:
        rate, reason = fact.data["apr_bp"], fact.data["reason"]
        if reason == "servicemember":
            self.protected_rate = rate
            for owed in self.owed:
                owed.protected = owed.since < fact.on
            return
        self.rate = rate
        if reason == "service_ended":
            self.protected_rate = None
            for owed in self.owed:
                owed.protected = False

    def on_autopay_set(self, fact: RawFact) -> None:
        self.autopay = self.discount = True

    def on_autopay_stopped(self, fact: RawFact) -> None:
        self.autopay = False

    def on_due_date_changed(self, fact: RawFact) -> None:
        self.due_day = fact.data["due_day"]
        self.next_close = self._close_before(fact.data["first_due_on"])

    def on_limit_changed(self, fact: RawFact) -> None:
        self.limit = fact.data["limit_cents"]

    def on_line_locked(self, fact: RawFact) -> None:
        self.lock = fact.data["reason"]

    def on_line_unlocked(self, fact: RawFact) -> None:
        self.lock = None

    def on_line_closure_requested(self, fact: RawFact) -> None:
        self.closing = True

    def on_line_closed(self, fact: RawFact) -> None:
        self.closed = True
        self.autopay = False

    def on_charged_off(self, fact: RawFact) -> None:
        self.charged_off = True
        self.charged_off_on = fact.on

    def on_credit_decided(self, fact: RawFact) -> None:
        """By itself it changes no balance and no limit."""

    # --- standing

    def on_promotion_granted(self, fact: RawFact) -> None:
        """Foreseen: see `spans`."""

    def on_overlay_placed(self, fact: RawFact) -> None:
        self.overlays[fact.data["kind"]] = (fact.data["since_on"], 0)
        if fact.data["kind"] == "bankruptcy":
            for bill in self.bills:
                bill.stayed = bill.unpaid > 0 or bill.replaced

    def on_overlay_lifted(self, fact: RawFact) -> None:
        since, paid = self.overlays.pop(fact.data["kind"])
        stayed = [b for b in self.bills if b.stayed]
        for bill in stayed:
            bill.stayed = False
            bill.done = fact.data["outcome"] == "discharged"
            if not bill.done:
                bill.due_on += fact.on - since
        if fact.data["outcome"] != "discharged":
            self._meet_bills(paid, stayed)

    def on_line_reaged(self, fact: RawFact) -> None:
        for bill in self.bills:
            if bill.unpaid and bill.due_on < fact.on:
                bill.done = True

    def on_balance_forgiven(self, fact: RawFact) -> None:
        self._credit(fact, min(fact.data["amount_cents"], self.undisputed))

    # --- help with payments

    def on_plan_enrolled(self, fact: RawFact) -> None:
        data = fact.data
        bill = next((b for b in self.bills if b.number == data["statement_number"]), None)
        if data["kind"] in ONE_OFF:
            assert bill is not None
            if data["kind"] == "extension":
                bill.due_on = data["new_due_on"]
            else:
                bill.done = True
            return
        payments = [(p["due_on"], p["amount_cents"]) for p in data["payments"]]
        self.plan = Agreement(data["plan_id"], data["kind"], data["apr_bp"], payments, data["ends_on"])
        for older in self.bills:
            if older.unpaid and older is not bill:
                older.replaced = True
        if bill is not None:
            self.plan.statement_number = bill.number
            self.plan.printed_minimum = bill.wanted
            bill.of_plan = True
            bill.wanted = bill.paid + bill.exempt + payments[0][1]

    def _by_mistake(self, fact: RawFact) -> bool:
        """Whether a break, cure or end of a plan was taken back since: the plan ran on."""
        return any(
            r.data["plan_id"] == fact.data["plan_id"] and fact.on >= r.data["since_on"] and fact.seq < r.seq
            for r in self.reinstated
        )

    def on_plan_broken(self, fact: RawFact) -> None:
        if not self._by_mistake(fact):
            assert self.plan is not None
            self.plan.status = "broken"

    def on_plan_cured(self, fact: RawFact) -> None:
        if not self._by_mistake(fact):
            assert self.plan is not None
            self.plan.status = "active"

    def on_plan_reinstated(self, fact: RawFact) -> None:
        assert fact in self.reinstated

    def on_plan_completed(self, fact: RawFact) -> None:
        self.plan = None
        for bill in self.bills:
            if bill.replaced:
                bill.replaced = False
                bill.done = True

    def on_plan_cancelled(self, fact: RawFact) -> None:
        if self._by_mistake(fact):
            return
        plan = self.plan
        assert plan is not None
        self.plan = None
        for bill in self.bills:
            if bill.number == plan.statement_number and plan.printed_minimum is not None:
                bill.wanted = plan.printed_minimum
        returned = [b for b in self.bills if b.replaced]
        for bill in returned:
            bill.replaced = False
        self._meet_bills(plan.paid, returned)

    # --- disputes

    def on_dispute_opened(self, fact: RawFact) -> None:
        about, cents = fact.data["about"], fact.data["amount_cents"]
        dispute_id = fact.data["dispute_id"]
        found = self.found.get(dispute_id, 0)
        fee = next((f for f in self.fees if f.fee_id == about), None)
        for bill in self.bills:
            if not bill.unpaid:
                continue
            if about in self.asked:
                if self.settled_on.get(about, date.max) <= bill.end:
                    self._leave_out_share(bill, cents)
            elif fee is None:
                self._leave_out_share(bill, cents - found)
            elif bill.start <= fee.on <= bill.end:
                bill.exempt = min(bill.wanted, bill.exempt + cents)
        if fee is None and about not in self.asked and found and dispute_id not in self.put_right:
            self._credit(fact, found)
        claim = self.claims[dispute_id] = Claim(about, cents)
        self._set_apart(dispute_id, claim)

    @staticmethod
    def _leave_out_share(bill: Bill, cents: int) -> None:
        printed = bill.printed
        base = printed["principal_cents"] - printed["disputed_cents"]
        if base > 0:
            bearing = max(0, bill.wanted - printed["minimum_fees_cents"])
            share = share_up(bearing, min(cents, base), base)
            bill.exempt = min(bill.wanted, bill.exempt + share)

    def _set_apart(self, dispute_id: str, claim: Claim) -> None:
        left = max(0, claim.cents - self.found.get(dispute_id, 0))
        fee = next((f for f in self.fees if f.fee_id == claim.about), None)
        if fee is not None:
            part = min(left, fee.cents - fee.disputed)
            fee.disputed += part
            claim.fee = (fee, part)
            return
        for owed in self.owed:
            if claim.about not in self.asked or owed.draw_id == claim.about:
                part = min(left, owed.cents - owed.disputed)
                owed.disputed += part
                left -= part
                if part:
                    claim.parts.append((owed, part))

    def on_dispute_acknowledged(self, fact: RawFact) -> None:
        assert fact.data["dispute_id"] in self.claims

    def on_dispute_resolved(self, fact: RawFact) -> None:
        self._end_claim(fact.data["dispute_id"])

    def on_dispute_withdrawn(self, fact: RawFact) -> None:
        self._end_claim(fact.data["dispute_id"])

    def _end_claim(self, dispute_id: str) -> None:
        claim = self.claims.pop(dispute_id)
        everything = self.disputed_principal
        principal = sum(part for _, part in claim.parts)
        for owed, part in claim.parts:
            owed.disputed -= part
        interest = half_up(Fraction(self.disputed_interest * principal, everything)) if everything else 0
        self.disputed_interest -= interest
        self.interest += interest
        self.asked_again_interest += interest
        if claim.fee is not None:
            fee, part = claim.fee
            fee.disputed -= part
            self.asked_again_fees += part
        self.use_credit()


def audit(terms: Product, facts: Iterable[RawFact], as_of: date) -> FullAuditor:
    """The line on that day, before its interest, as the facts tell."""
    auditor = FullAuditor(terms, facts, as_of)
    auditor.walk()
    return auditor
