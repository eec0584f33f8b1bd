"""What all rules of the machine stand on: its world, the line a number names, and the auditor's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition

from ledger_core.line.state import LineState
from tests.ledger_core.machine.auditor_facts import FullAuditor, audit
from tests.ledger_core.machine.auditor_figures import payoff
from tests.ledger_core.machine.world import Line, World

T = TypeVar("T")
WHATEVER = 7
NTH = st.integers(0, WHATEVER)
CENTS = st.one_of(st.sampled_from([-1, 0, 1, 4_999, 5_000, 2_500, 200_001]), st.integers(1, 90_000))


def pick(things: Iterable[T], nth: int) -> T | None:
    """The nth thing, counted round; None when there is none."""
    listed = list(things)
    return listed[nth % len(listed)] if listed else None


def when(what: str) -> Callable[[Any], Any]:
    """A rule that waits until some line has it: see `hints`."""
    return precondition(lambda self: bool(self.having[what]))


def hints(state: LineState) -> set[str]:
    """What there is to act upon."""
    draws = {d.stage for d in state.draws.values()}
    payments = {p.stage for p in state.payments.values()}
    found = {
        "a pending draw": "pending" in draws,
        "a draw": bool(draws),
        "a scheduled payment": "scheduled" in payments,
        "a received payment": "received" in payments,
        "a payment": bool(payments),
        "a fee": bool(state.fees),
        "a debt": state.owed_cents > 0,
        "a credit balance": state.credit_balance_cents > 0,
        "a refund": bool(state.refunds),
        "an open dispute": bool(state.open_disputes),
        "a plan": state.plan is not None,
        "autopay": state.autopay is not None,
        "a lock": state.locked,
        "an overlay": any(o.lifted_on is None for o in state.overlays),
        "a cycle that is over": state.next_close_on <= state.as_of,
        "an end in sight": state.closing or state.days_past_due > 100,
    }
    return {what for what, there in found.items() if there}


class Base(RuleBasedStateMachine):
    """A machine over a world; rules are added by mixins."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.having: dict[str, list[Line]] = defaultdict(list)

    def take_hints(self) -> None:
        """Look which lines have what; the rules choose among them."""
        self.having.clear()
        for line in self.world.lines:
            for what in hints(self.world.state(line)):
                self.having[what].append(line)

    def line(self, n: int, what: str = "") -> Line:
        """The nth line that has it; one time in eight any line, so that refusals are met too."""
        lines = self.having[what] if n != WHATEVER and what else []
        lines = lines or self.world.lines
        return lines[n % len(lines)]

    def auditor(self, line: Line) -> FullAuditor:
        return audit(line.product, self.world.facts(line), self.world.today)

    def payoff(self, line: Line, on: date) -> int:
        return payoff(line.product, self.world.facts(line), self.world.today, on)

    def payoff_base(self, line: Line) -> int:
        """All that is owed today, accrued interest included, less a credit balance."""
        auditor = self.auditor(line)
        return auditor.balance + sum(auditor.to_bill())

    def fresh(self, prefix: str) -> str:
        """An id that nobody used."""
        self.made: int = getattr(self, "made", 0) + 1
        return f"{prefix}_{self.made:026d}"
