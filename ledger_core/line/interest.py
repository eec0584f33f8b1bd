"""Daily simple interest per bucket: whole micro-cents a day, whole cents once per cycle."""

from collections.abc import Mapping
from datetime import date, timedelta

from ledger_core.line.state import InterestSegment
from ledger_core.money import daily_interest_microcents, microcents_to_cents_half_up

BUCKETS = ("standard", "protected", "disputed", "disputed_protected")
DISPUTED = frozenset(BUCKETS[2:])
_NOTHING = dict.fromkeys(BUCKETS, 0)
_ONE_DAY = timedelta(days=1)


def billed_cents(microcents_by_bucket: Mapping[str, int], still_disputed: bool) -> tuple[int, int]:
    """Undisputed and disputed interest in cents: each bucket rounded once, half up, nothing carried.

    What accrued in dispute is undisputed when no dispute about principal is open at the close.
    """
    undisputed = disputed = 0
    for bucket, microcents in microcents_by_bucket.items():
        if not microcents:
            continue
        if still_disputed and bucket in DISPUTED:
            disputed += microcents_to_cents_half_up(microcents)
        else:
            undisputed += microcents_to_cents_half_up(microcents)
    return undisputed, disputed


class Accrual:
    """Interest of the running cycle. Mutable: it lives inside one replay."""

    __slots__ = ("_open", "microcents", "next_day", "principal_days", "segments")

    def __init__(self, first_day: date) -> None:
        self.next_day = first_day
        """the first day not yet accrued"""
        self.microcents = _NOTHING.copy()
        self.principal_days = 0
        self.segments: list[InterestSegment] = []
        self._open: dict[str, int] = {}
        """by bucket: where its running segment lies"""

    def run(self, until: date, balances: Mapping[str, int], rates: Mapping[str, int]) -> None:
        """Accrue every day before `until` on the principal owed at the end of each of them."""
        days = (until - self.next_day).days
        if days <= 0:
            return
        last_day = until - _ONE_DAY
        for bucket, principal in balances.items():
            if principal or bucket == "standard":
                per_day = daily_interest_microcents(principal, rates[bucket])
                self.microcents[bucket] += per_day * days
                self.principal_days += principal * days
                self._record(last_day, principal, rates[bucket], per_day, bucket)
        self.next_day = until

    def close(self) -> None:
        """A new cycle begins; its segments never join those of the last."""
        self.microcents = _NOTHING.copy()
        self.principal_days = 0
        self._open.clear()

    def _record(self, last_day: date, principal: int, apr_bp: int, per_day: int, bucket: str) -> None:
        """Lengthen the running segment when nothing changed and no day lies between, else begin one."""
        at = self._open.get(bucket)
        if at is not None:
            running = self.segments[at]
            unchanged = running.principal_cents == principal and running.apr_bp == apr_bp
            if unchanged and self.next_day - running.to_day == _ONE_DAY:
                self.segments[at] = running._replace(to_day=last_day)
                return
        self._open[bucket] = len(self.segments)
        self.segments.append(InterestSegment(self.next_day, last_day, principal, apr_bp, per_day, bucket))


def per_day(balances: Mapping[str, int], rates: Mapping[str, int]) -> dict[str, int]:
    """Micro-cents a day by bucket as balances and rates stand."""
    return {b: daily_interest_microcents(cents, rates[b]) for b, cents in balances.items() if cents}
