"""Rules of the machine about terms: opening, limits, rates, dates, autopay, locks, plans, disputes, the end."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from ledger_core.commands.accept_limit import accept_limit
from ledger_core.commands.acknowledge_dispute import acknowledge_dispute
from ledger_core.commands.break_plan import break_plan
from ledger_core.commands.cancel_plan import cancel_plan
from ledger_core.commands.change_due_date import change_due_date
from ledger_core.commands.change_limit import change_limit
from ledger_core.commands.change_plan import change_plan
from ledger_core.commands.change_rate import change_rate
from ledger_core.commands.charge_off import charge_off
from ledger_core.commands.close_line import close_line
from ledger_core.commands.complete_plan import complete_plan
from ledger_core.commands.cure_plan import cure_plan
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.grant_promotion import grant_promotion
from ledger_core.commands.issue_statement import issue_statement
from ledger_core.commands.lift_overlay import lift_overlay
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.place_overlay import place_overlay
from ledger_core.commands.reage_line import reage_line
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.resolve_dispute import resolve_dispute
from ledger_core.commands.review_limit import review_limit
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.stop_autopay import stop_autopay
from ledger_core.commands.unlock_line import unlock_line
from ledger_core.commands.withdraw_dispute import withdraw_dispute
from ledger_core.products import load
from tests.ledger_core.machine.auditor import DAY
from tests.ledger_core.machine.base import NTH, Base, pick, when

LINES_MAX = 3
FLEX, MEMBERSHIP = load("cash_line_flex"), load("cash_line_membership")
OVERLAYS = ["deceased", "bankruptcy", "servicemember"]
OUTCOMES = ["discharged", "dismissed", "error", "ended"]
KINDS = ["extension", "skip", "relief", "plan_12", "plan_24", "settlement"]


class TermsRules(Base):
    @initialize(
        apr_bp=st.sampled_from([1799, 2599, 3599]),
        due_day=st.integers(1, 28),
        days_ago=st.sampled_from([0, 30, 60, 100, 230]),
        cents=st.integers(5_000, 150_000),
    )
    def open_first(self, apr_bp: int, due_day: int, days_ago: int, cents: int) -> None:
        """A line with a draw, so that every life has something to live on."""
        world, on = self.world, self.world.today - days_ago * DAY
        line = world.open(FLEX, limit_cents=200_000, apr_bp=apr_bp, due_day=due_day, on=on)
        bank = line.bank_account_id
        draw = world.do(request_draw, line, on=on, amount_cents=cents, bank_account_id=bank, speed="instant")
        world.do(settle_draw, line, on=on, draw_id=draw.draw_id)

    @rule(
        member=st.booleans(),
        military=st.booleans(),
        limit_cents=st.sampled_from([19_000, 50_000, 100_000, 500_000]),
        due_day=st.integers(0, 28),
        days_ago=st.sampled_from([0, 0, 40, 200]),
    )
    def open_line(self, member: bool, military: bool, limit_cents: int, due_day: int, days_ago: int) -> None:
        """Another line; one opened long ago is written down late, and its cycles close night by night."""
        if len(self.world.lines) < LINES_MAX:
            self.world.open(
                MEMBERSHIP if member else FLEX,
                limit_cents=limit_cents,
                apr_bp=0 if member else 2199,
                due_day=due_day,
                on=self.world.today - timedelta(days=days_ago),
                military=military,
            )

    @rule(
        limit_cents=st.sampled_from([19_000, 50_000, 300_000]), due_day=st.integers(1, 28), bad=st.booleans()
    )
    def decide_application(self, limit_cents: int, due_day: int, bad: bool) -> None:
        """An application with six months of another line behind it; where it is declined, no line is opened."""
        if len(self.world.lines) < LINES_MAX:
            self.world.apply(FLEX, limit_cents=limit_cents, due_day=due_day, months_late=3 if bad else 0)

    @when("a cycle that is over")
    @rule(n=NTH)
    def issue_statement(self, n: int) -> None:
        line = self.line(n, "a cycle that is over")
        self.world.do(issue_statement, line, covered=line.military)

    @rule(
        n=NTH,
        limit_cents=st.integers(3, 101).map(lambda k: k * 5_000),
        by=st.sampled_from(["customer", "product"]),
    )
    def change_limit(self, n: int, limit_cents: int, by: str) -> None:
        self.world.do(change_limit, self.line(n), limit_cents=limit_cents, reason=by)

    @rule(n=NTH, limit_cents=st.integers(3, 101).map(lambda k: k * 5_000))
    def decide_limit(self, n: int, limit_cents: int) -> None:
        self.world.do(decide_limit, self.line(n), limit_cents=limit_cents)

    @rule(n=NTH, nth=NTH)
    def accept_limit(self, n: int, nth: int) -> None:
        line = self.line(n)
        decision_id = pick(self.world.state(line).decisions, nth) or "decision_unknown"
        self.world.do(accept_limit, line, decision_id=decision_id)

    @rule(n=NTH)
    def review_limit(self, n: int) -> None:
        self.world.do(review_limit, self.line(n))

    @rule(
        n=NTH,
        apr_bp=st.sampled_from([0, 600, 1799, 2999, 3601]),
        reason=st.sampled_from(["product", "servicemember", "service_ended"]),
        days_ago=st.sampled_from([None, 0, 3, 45]),
    )
    def change_rate(self, n: int, apr_bp: int, reason: str, days_ago: int | None) -> None:
        line = self.line(n)
        if line.product.minimum_rule == "full":
            return
        from_on = None if days_ago is None else self.world.today - days_ago * DAY
        self.world.do(change_rate, line, apr_bp=apr_bp, reason=reason, from_on=from_on)

    @rule(n=NTH, due_day=st.integers(0, 29))
    def change_due_date(self, n: int, due_day: int) -> None:
        self.world.do(change_due_date, self.line(n), due_day=due_day)

    @rule(n=NTH, mode=st.sampled_from(["minimum", "statement_balance", "fixed"]))
    def set_autopay(self, n: int, mode: str) -> None:
        line = self.line(n)
        cents = 7_500 if mode == "fixed" else None
        self.world.do(set_autopay, line, mode=mode, bank_account_id=line.bank_account_id, amount_cents=cents)

    @when("autopay")
    @rule(n=NTH)
    def stop_autopay(self, n: int) -> None:
        self.world.do(stop_autopay, self.line(n, "autopay"))

    @rule(n=NTH, reason=st.sampled_from(["fraud", "identity", "customer"]))
    def lock_line(self, n: int, reason: str) -> None:
        self.world.do(lock_line, self.line(n), reason=reason)

    @when("a lock")
    @rule(n=NTH)
    def unlock_line(self, n: int) -> None:
        self.world.do(unlock_line, self.line(n, "a lock"))

    @rule(n=NTH, apr_bp=st.sampled_from([0, 999]), starts=st.integers(-40, 10), days=st.integers(1, 120))
    def grant_promotion(self, n: int, apr_bp: int, starts: int, days: int) -> None:
        first = self.world.today + starts * DAY
        self.world.do(
            grant_promotion, self.line(n), apr_bp=apr_bp, starts_on=first, ends_on=first + days * DAY
        )

    @rule(n=NTH, kind=st.sampled_from(OVERLAYS), days_ago=st.integers(0, 60))
    def place_overlay(self, n: int, kind: str, days_ago: int) -> None:
        since = self.world.today - days_ago * DAY
        chapter = 7 if kind == "bankruptcy" else None
        self.world.do(place_overlay, self.line(n), kind=kind, since_on=since, chapter=chapter)

    @when("an overlay")
    @rule(
        n=NTH, kind=st.sampled_from(OVERLAYS), outcome=st.sampled_from(OUTCOMES), days_ago=st.integers(0, 9)
    )
    def lift_overlay(self, n: int, kind: str, outcome: str, days_ago: int) -> None:
        ended = self.world.today - days_ago * DAY
        self.world.do(lift_overlay, self.line(n, "an overlay"), kind=kind, outcome=outcome, ended_on=ended)

    @rule(n=NTH)
    def reage_line(self, n: int) -> None:
        self.world.do(reage_line, self.line(n))

    # --- help with payments

    @when("a debt")
    @rule(n=NTH, kind=st.sampled_from(KINDS), approved=st.booleans())
    def enroll_plan(self, n: int, kind: str, approved: bool) -> None:
        self.world.do(enroll_plan, self.line(n, "a debt"), kind=kind, specialist_approved=approved)

    @when("a plan")
    @rule(n=NTH, kind=st.sampled_from(KINDS), approved=st.booleans())
    def change_plan(self, n: int, kind: str, approved: bool) -> None:
        self.world.do(change_plan, self.line(n, "a plan"), kind=kind, specialist_approved=approved)

    @when("a plan")
    @rule(n=NTH)
    def cancel_plan(self, n: int) -> None:
        self.world.do(cancel_plan, self.line(n, "a plan"))

    @when("a plan")
    @rule(n=NTH)
    def break_plan(self, n: int) -> None:
        self.world.do(break_plan, self.line(n, "a plan"))

    @when("a plan")
    @rule(n=NTH)
    def cure_plan(self, n: int) -> None:
        self.world.do(cure_plan, self.line(n, "a plan"))

    @when("a plan")
    @rule(n=NTH)
    def complete_plan(self, n: int) -> None:
        self.world.do(complete_plan, self.line(n, "a plan"))

    # --- disputes

    @rule(n=NTH, nth=NTH, part=st.sampled_from([None, 0, 1, 3_000, 20_000]))
    def open_dispute(self, n: int, nth: int, part: int | None) -> None:
        """About a draw, a fee, a payment or nothing that we know; in part or in whole."""
        line = self.line(n)
        state = self.world.state(line)
        about = pick([None, *state.draws, *state.fees, *state.payments], nth)
        kind = "payment_not_credited" if about is None or about in state.payments else "unauthorized"
        self.world.do(open_dispute, line, kind=kind, about=about, amount_cents=part)

    @when("an open dispute")
    @rule(n=NTH, nth=NTH)
    def acknowledge_dispute(self, n: int, nth: int) -> None:
        line = self.line(n, "an open dispute")
        self.world.do(acknowledge_dispute, line, dispute_id=self._dispute(line, nth)[0])

    @when("an open dispute")
    @rule(n=NTH, nth=NTH, share=st.sampled_from([0, 1, 3]))
    def resolve_dispute(self, n: int, nth: int, share: int) -> None:
        line = self.line(n, "an open dispute")
        dispute_id, cents = self._dispute(line, nth)
        self.world.do(resolve_dispute, line, dispute_id=dispute_id, amount_cents=cents * share // 3)

    @when("an open dispute")
    @rule(n=NTH, nth=NTH)
    def withdraw_dispute(self, n: int, nth: int) -> None:
        line = self.line(n, "an open dispute")
        self.world.do(withdraw_dispute, line, dispute_id=self._dispute(line, nth)[0])

    def _dispute(self, line, nth):
        dispute = pick(self.world.state(line).disputes.values(), nth)
        return (dispute.dispute_id, dispute.amount_cents) if dispute else ("dispute_unknown", 0)

    # --- the end

    @rule(n=NTH)
    def request_closure(self, n: int) -> None:
        self.world.do(request_closure, self.line(n))

    @when("an end in sight")
    @rule(n=NTH)
    def close_line(self, n: int) -> None:
        self.world.do(close_line, self.line(n, "an end in sight"))

    @when("an end in sight")
    @rule(n=NTH)
    def charge_off(self, n: int) -> None:
        self.world.do(charge_off, self.line(n, "an end in sight"))
