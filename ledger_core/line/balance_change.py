"""Why a balance differs between two replays of a line, cause by cause, adding up to the cent."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ledger_core.journal.chart import CUSTOMER_ACCOUNTS
from ledger_core.line.events import DisputeOpened, DisputeResolved, Recorded
from ledger_core.line.events import Fact as LineFact
from ledger_core.line.explain import Cause
from ledger_core.line.foresight import LOOKS_BACK
from ledger_core.line.state import InterestSegment, LineState
from ledger_core.money import BASIS_POINTS, DAYS_PER_YEAR, round_half_up
from ledger_core.refusals import Fact

_BALANCE_ACCOUNTS = frozenset(CUSTOMER_ACCOUNTS) - {"draws_held"}
_INTEREST = "interest_billed"


class _Span(NamedTuple):
    """Interest of some days: sums over them of principal, and of principal times rate."""

    days: int
    principal_days: int
    rate_days: int

    @property
    def cents(self) -> int:
        return _cents(Fraction(self.rate_days))

    @property
    def average_cents(self) -> int:
        return round_half_up(self.principal_days, self.days) if self.days else 0

    @property
    def apr_bp(self) -> int:
        return round_half_up(self.rate_days, self.principal_days) if self.principal_days else 0


def balance_difference(
    earlier: LineState, later: LineState, recorded: Sequence[Recorded]
) -> tuple[Cause, ...]:
    """Why the later state's `payoff_base_cents` differs from the earlier one's; the causes add up to it.

    They may differ in their days, in what was known, or in both; `later.as_of` is not before `earlier.as_of`.
    recorded: the facts of the line, of which the causes name the ones that matter. The order is fixed. First
    the interest: of the days before `earlier.as_of`, what another balance and then another rate make of them;
    then the days since. Each is rounded to the cent half up as a running total. Then the one-off events by
    day: what each moved then and moves now. Last, what rounding each bucket once per cycle makes of it. Causes
    of zero are left out.
    """
    assert earlier.as_of <= later.as_of
    causes = (*_interest(earlier, later), *_events(earlier, later, recorded), _rounding(earlier, later))
    return tuple(cause for cause in causes if cause.cents)


def _interest(earlier: LineState, later: LineState) -> tuple[Cause, ...]:
    opened_on, then, now = earlier.opened_on, earlier.as_of, later.as_of
    was = _span(earlier.interest_days, opened_on, then)
    is_now = _span(later.interest_days, opened_on, then)
    since = _span(later.interest_days, then, now)
    known_rate = was if was.principal_days else is_now
    at_known_rate = 0
    if known_rate.principal_days:
        rate = Fraction(known_rate.rate_days, known_rate.principal_days)
        at_known_rate = _cents(is_now.principal_days * rate)
    through_now = _cents(Fraction(is_now.rate_days + since.rate_days))
    balance: dict[str, Fact] = {
        "earlier_average_cents": was.average_cents,
        "later_average_cents": is_now.average_cents,
        "from_on": opened_on,
        "until_on": then,
    }
    days: dict[str, Fact] = {
        "days": since.days,
        "average_cents": since.average_cents,
        "apr_bp": since.apr_bp,
        "from_on": then,
        "until_on": now,
    }
    return (
        Cause("balance", at_known_rate - was.cents, balance),
        Cause("rate", is_now.cents - at_known_rate, {"earlier_apr_bp": was.apr_bp, "later_apr_bp": is_now.apr_bp}),
        Cause("days", through_now - is_now.cents, days),
    )


def _events(earlier: LineState, later: LineState, recorded: Sequence[Recorded]) -> list[Cause]:
    """One cause per fact that moves another amount than it did, by day."""
    was, is_now = _moved(earlier), _moved(later)
    about = {e.fact.dispute_id: e.fact.about for e in recorded if isinstance(e.fact, DisputeOpened)}
    changed = [e for e in recorded if was.get(e.event_id, 0) != is_now.get(e.event_id, 0)]
    causes = []
    for event in sorted(changed, key=lambda e: (e.effective_on, e.seq)):
        then, now = was.get(event.event_id, 0), is_now.get(event.event_id, 0)
        facts: dict[str, Fact] = {
            "event": event.fact.TYPE,
            "on": event.effective_on,
            "earlier_cents": then,
            "later_cents": now,
        }
        names = _names(event.fact, about)
        facts |= names
        undoing = [e for e in recorded if isinstance(e.fact, LOOKS_BACK) and e.event_id != event.event_id]
        by = next((e for e in reversed(undoing) if _shares(names, _names(e.fact, about))), None)
        if then and by is not None:
            facts |= {"changed_by": by.fact.TYPE, "changed_on": by.effective_on}
        causes.append(Cause("one_off", now - then, facts))
    return causes


def _rounding(earlier: LineState, later: LineState) -> Cause:
    """Interest in whole cents, less what the exact interest rounds to, then and now."""
    parts = []
    for state in (earlier, later):
        exact = _span(state.interest_days, state.opened_on, state.as_of)
        parts.append(_interest_cents(state) - exact.cents)
    facts: dict[str, Fact] = {"event": "rounding", "earlier_cents": parts[0], "later_cents": parts[1]}
    return Cause("one_off", parts[1] - parts[0], facts)


def _span(segments: Sequence[InterestSegment], from_on: date, until_on: date) -> _Span:
    """The days from `from_on` to the one before `until_on`."""
    principal_days = rate_days = 0
    for segment in segments:
        first, last = max(segment.from_day, from_on), min(segment.to_day.toordinal(), until_on.toordinal() - 1)
        days = last - first.toordinal() + 1
        if days > 0:
            principal_days += segment.principal_cents * days
            rate_days += segment.principal_cents * segment.apr_bp * days
    return _Span((until_on - from_on).days, principal_days, rate_days)


def _cents(rate_days: Fraction) -> int:
    exact = rate_days / (BASIS_POINTS * DAYS_PER_YEAR)
    return round_half_up(exact.numerator, exact.denominator)


def _moved(state: LineState) -> dict[str, int]:
    """By event: what it adds to the balance, interest apart."""
    moved: dict[str, int] = {}
    for entry in state.entries:
        if entry.kind == _INTEREST or entry.event_id is None:
            continue
        cents = sum(leg.signed_cents for leg in entry.postings if leg.account in _BALANCE_ACCOUNTS)
        moved[entry.event_id] = moved.get(entry.event_id, 0) + cents
    return moved


def _interest_cents(state: LineState) -> int:
    """All interest ever, billed or accrued."""
    billed = sum(
        leg.signed_cents
        for entry in state.entries
        if entry.kind == _INTEREST
        for leg in entry.postings
        if leg.account in _BALANCE_ACCOUNTS
    )
    return billed + state.accrued_interest_cents


def _names(fact: LineFact, about: Mapping[str, str | None]) -> dict[str, Fact]:
    """The ids a fact is about."""
    names = {f.name: getattr(fact, f.name) for f in fields(fact) if f.name.endswith("_id")}  # type: ignore[arg-type]
    if isinstance(fact, DisputeResolved):
        names["about"] = about.get(fact.dispute_id)
    return {name: value for name, value in names.items() if value is not None and name != "bank_account_id"}


def _shares(names: Mapping[str, Fact], others: Mapping[str, Fact]) -> bool:
    return bool(set(names.values()) & set(others.values()))
