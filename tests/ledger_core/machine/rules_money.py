"""Rules of the machine about money: draws, payments, fees, credits. Each rule is named after its command."""

from __future__ import annotations

from datetime import time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from ledger_core.commands.cancel_draw import cancel_draw
from ledger_core.commands.cancel_payment import cancel_payment
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.credit_payment import credit_payment
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.grant_credit import grant_credit
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.move_payment import move_payment
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.refund_credit import refund_credit
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.return_refund import return_refund
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.commands.waive_fee import waive_fee
from ledger_core.refusals import Refused
from tests.ledger_core.machine.auditor import DAY
from tests.ledger_core.machine.auditor_figures import may_draw
from tests.ledger_core.machine.base import CENTS, NTH, Base, pick, when

HOURS = st.sampled_from([time(10), time(10), time(20, 30)])
LATE_BY = st.sampled_from([0, 0, 0, 1, 2, 5])
"""days by which a fact of the bank arrives late"""


class MoneyRules(Base):
    @rule(n=NTH, cents=CENTS, speed=st.sampled_from(["standard", "instant"]), hour=HOURS)
    def request_draw(self, n: int, cents: int, speed: str, hour: time) -> None:
        line = self.line(n)
        allowed = may_draw(self.auditor(line), cents)
        answer = self.world.do(
            request_draw, line, at=hour, amount_cents=cents, bank_account_id=line.bank_account_id, speed=speed
        )
        assert isinstance(answer, Refused) != allowed, (answer, allowed)

    @when("a pending draw")
    @rule(n=NTH, nth=NTH, late=LATE_BY)
    def settle_draw(self, n: int, nth: int, late: int) -> None:
        line = self.line(n, "a pending draw")
        pending = [d for d in self.world.state(line).draws.values() if d.stage == "pending"]
        draw = pick(pending, nth)
        on = max(draw.requested_on, self.world.today - late * DAY) if draw else self.world.today
        self.world.do(settle_draw, line, on=on, draw_id=draw.draw_id if draw else "draw_unknown")

    @when("a draw")
    @rule(n=NTH, nth=NTH, code=st.sampled_from(["R02", "R03", "hold_expired"]), late=LATE_BY)
    def fail_draw(self, n: int, nth: int, code: str, late: int) -> None:
        line = self.line(n, "a draw")
        draw = pick(self.world.state(line).draws.values(), nth)
        earliest = (draw.settled_on or draw.requested_on) if draw else self.world.today
        on = max(earliest, self.world.today - late * DAY)
        self.world.do(fail_draw, line, on=on, draw_id=draw.draw_id if draw else "draw_unknown", code=code)

    @when("a draw")
    @rule(n=NTH, nth=NTH)
    def cancel_draw(self, n: int, nth: int) -> None:
        line = self.line(n, "a draw")
        draw = pick(self.world.state(line).draws.values(), nth)
        self.world.do(cancel_draw, line, draw_id=draw.draw_id if draw else "draw_unknown")

    @rule(n=NTH, cents=CENTS, ahead=st.integers(0, 61), hour=HOURS)
    def make_payment(self, n: int, cents: int, ahead: int, hour: time) -> None:
        self._pay(self.line(n), cents, ahead, hour)

    @when("a debt")
    @rule(n=NTH, over=st.sampled_from([-100, 0, 1, 9_999, 10_000, 10_001]), ahead=st.integers(0, 40))
    def pay_off(self, n: int, over: int, ahead: int) -> None:
        """Pay what the auditor says pays the line off on that day, or a little less or more."""
        line = self.line(n, "a debt")
        owed = self.payoff(line, self.world.today + ahead * DAY)
        allowed = owed > 0 and owed + over > 0 and over <= line.product.overpayment_max_cents
        answer = self._pay(line, owed + over, ahead, time(10))
        assert isinstance(answer, Refused) != allowed, (answer, owed, over)

    def _pay(self, line, cents, ahead, hour):
        pay_on = self.world.today + timedelta(days=ahead)
        bank = line.bank_account_id
        return self.world.do(
            make_payment, line, at=hour, amount_cents=cents, pay_on=pay_on, bank_account_id=bank
        )

    @rule(n=NTH, cents=CENTS, nth=NTH, late=LATE_BY)
    def receive_payment(self, n: int, cents: int, nth: int, late: int) -> None:
        """Money that comes unasked, in part days late; or a scheduled payment before its night."""
        line = self.line(n)
        scheduled = [p for p in self.world.state(line).payments.values() if p.stage == "scheduled"]
        payment = pick(scheduled, nth) if nth % 2 else None
        if payment:
            self.world.do(receive_payment, line, payment_id=payment.payment_id)
            return
        on = self.world.today - late * DAY
        self.world.do(receive_payment, line, on=on, payment_id=self.fresh("payment"), amount_cents=cents)

    @rule(n=NTH, nth=NTH, cents=CENTS, days_ago=st.sampled_from([0, 1, 4, 30, 90]))
    def credit_payment(self, n: int, nth: int, cents: int, days_ago: int) -> None:
        """Credited as of an earlier day: a payment that we know, or one that nobody wrote down."""
        line = self.line(n, "a payment")
        payment = pick(self.world.state(line).payments.values(), nth) if nth % 2 else None
        payment_id, amount = (payment.payment_id, None) if payment else (self.fresh("payment"), cents)
        on = self.world.today - days_ago * DAY
        self.world.do(credit_payment, line, payment_id=payment_id, received_on=on, amount_cents=amount)

    @when("a received payment")
    @rule(n=NTH, nth=NTH, late=LATE_BY)
    def settle_payment(self, n: int, nth: int, late: int) -> None:
        line = self.line(n, "a received payment")
        payment = pick([p for p in self.world.state(line).payments.values() if p.stage == "received"], nth)
        on = max(payment.received_on, self.world.today - late * DAY) if payment else self.world.today
        self.world.do(
            settle_payment, line, on=on, payment_id=payment.payment_id if payment else "payment_unknown"
        )

    @when("a payment")
    @rule(n=NTH, nth=NTH, late=LATE_BY, code=st.sampled_from(["R01", "R09", "R10"]))
    def return_payment(self, n: int, nth: int, late: int, code: str) -> None:
        line = self.line(n, "a payment")
        payment = pick(self.world.state(line).payments.values(), nth)
        known = [d for d in (payment.received_on, payment.settled_on) if d] if payment else []
        on = max([*known, self.world.today - late * DAY])
        payment_id = payment.payment_id if payment else "payment_unknown"
        self.world.do(return_payment, line, on=on, payment_id=payment_id, return_code=code)

    @when("a payment")
    @rule(n=NTH, nth=NTH, hour=HOURS)
    def cancel_payment(self, n: int, nth: int, hour: time) -> None:
        line = self.line(n, "a payment")
        payment = pick(self.world.state(line).payments.values(), nth)
        payment_id = payment.payment_id if payment else "payment_unknown"
        self.world.do(cancel_payment, line, at=hour, payment_id=payment_id)

    @when("a scheduled payment")
    @rule(n=NTH, nth=NTH, ahead=st.integers(-1, 61))
    def move_payment(self, n: int, nth: int, ahead: int) -> None:
        line = self.line(n, "a scheduled payment")
        payment = pick([p for p in self.world.state(line).payments.values() if p.stage == "scheduled"], nth)
        payment_id = payment.payment_id if payment else "payment_unknown"
        self.world.do(
            move_payment, line, payment_id=payment_id, pay_on=self.world.today + timedelta(days=ahead)
        )

    @rule(n=NTH, cents=st.sampled_from([0, 999, 2_500]), nth=NTH)
    def charge_fee(self, n: int, cents: int, nth: int) -> None:
        """A fee by hand, about nothing; the nights charge those that the terms ask for."""
        kind = ("late", "returned_payment", "membership")[nth % 3]
        self.world.do(charge_fee, self.line(n), kind=kind, amount_cents=cents)

    @when("a fee")
    @rule(n=NTH, nth=NTH, reason=st.sampled_from(["courtesy", "error"]))
    def waive_fee(self, n: int, nth: int, reason: str) -> None:
        line = self.line(n, "a fee")
        fee = pick(self.world.state(line).fees.values(), nth)
        self.world.do(waive_fee, line, fee_id=fee.fee_id if fee else "fee_unknown", reason=reason)

    @rule(n=NTH, cents=st.integers(-1, 20_000))
    def grant_credit(self, n: int, cents: int) -> None:
        self.world.do(grant_credit, self.line(n), amount_cents=cents, reason="goodwill")

    @when("a credit balance")
    @rule(n=NTH)
    def refund_credit(self, n: int) -> None:
        line = self.line(n, "a credit balance")
        owed = self.payoff_base(line)
        answer = self.world.do(refund_credit, line, bank_account_id=line.bank_account_id)
        assert isinstance(answer, Refused) == (owed >= 0), (answer, owed)

    @when("a refund")
    @rule(n=NTH, nth=NTH, code=st.sampled_from(["R02", "R06", "R23"]), late=LATE_BY)
    def return_refund(self, n: int, nth: int, code: str, late: int) -> None:
        line = self.line(n, "a refund")
        refund = pick(self.world.state(line).refunds.values(), nth)
        earliest = refund.refunded_on if refund else self.world.today
        answer = self.world.do(
            return_refund,
            line,
            refund_id=refund.refund_id if refund else "refund_unknown",
            return_code=code,
            returned_on=max(earliest, self.world.today - late * DAY),
        )
        assert isinstance(answer, Refused) == (refund is None or refund.returned_on is not None)
