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


class _Running:
    """A segment that may still grow."""

    __slots__ = ("apr_bp", "bucket", "from_day", "next_day", "per_day", "principal")

    def __init__(self, bucket: str, from_day: date, principal: int, apr_bp: int) -> None:
        self.bucket = bucket
        self.from_day = from_day
        self.principal = principal
        self.apr_bp = apr_bp
        self.per_day = daily_interest_microcents(principal, apr_bp)
        self.next_day = from_day
        """the first day it does not hold"""


class Accrual:
    """Interest of the running cycle. Mutable: it lives inside one replay."""

    __slots__ = ("_all", "_open", "microcents", "next_day", "principal_days")

    def __init__(self, first_day: date) -> None:
        self.next_day = first_day
        """the first day not yet accrued"""
        self.microcents = _NOTHING.copy()
        self.principal_days = 0
        self._all: list[_Running] = []
        self._open: dict[str, _Running] = {}
        """by bucket: the last segment of the running cycle"""

    def run(self, until: date, balances: Mapping[str, int], rates: Mapping[str, int]) -> None:
        """Accrue every day before `until` on the principal owed at the end of each of them.

        A segment grows while nothing changes and no day lies between; else another begins.
        """
        first_day = self.next_day
        days = (until - first_day).days
        if days <= 0:
            return
        for bucket, principal in balances.items():
            if not principal and bucket != "standard":
                continue
            apr_bp = rates[bucket]
            running = self._open.get(bucket)
            unchanged = running is not None and running.principal == principal and running.apr_bp == apr_bp
            if running is None or not unchanged or running.next_day != first_day:
                running = self._open[bucket] = _Running(bucket, first_day, principal, apr_bp)
                self._all.append(running)
            running.next_day = until
            self.microcents[bucket] += running.per_day * days
            self.principal_days += principal * days
        self.next_day = until

    def close(self) -> None:
        """A new cycle begins; its segments never join those of the last."""
        self.microcents = _NOTHING.copy()
        self.principal_days = 0
        self._open.clear()

    def segments(self) -> tuple[InterestSegment, ...]:
        """All of them, in the order in which they began."""
        return tuple(
            [
                InterestSegment(s.from_day, s.next_day - _ONE_DAY, s.principal, s.apr_bp, s.per_day, s.bucket)
                for s in self._all
            ]
        )


def per_day(balances: Mapping[str, int], rates: Mapping[str, int]) -> dict[str, int]:
    """Micro-cents a day by bucket as balances and rates stand."""
    return {b: daily_interest_microcents(cents, rates[b]) for b, cents in balances.items() if cents}
