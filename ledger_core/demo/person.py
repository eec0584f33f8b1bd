"""One person of the demo book: who they are, their line, their habit and their story."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from ledger_core.demo.acts import Act
from ledger_core.demo.calendar import Ago, Calendar, When, due_day_near
from ledger_core.demo.habits import QUIET, Habit

FLEX = "cash_line_flex"
MEMBERSHIP = "cash_line_membership"
TO_THE_END = Ago(-1)
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

TIMEZONES = {
    **dict.fromkeys(["CA", "NV", "OR", "WA"], "America/Los_Angeles"),
    **dict.fromkeys(["AZ"], "America/Phoenix"),
    **dict.fromkeys(["CO", "NM", "UT"], "America/Denver"),
    **dict.fromkeys(["AL", "IL", "LA", "MN", "MO", "TN", "TX", "WI"], "America/Chicago"),
}
"""Time zones of the states in the book; all others keep New York's."""


@dataclass(frozen=True)
class Bank:
    """A bank account of theirs."""

    name: str
    last4: str
    nickname: str = "Checking"
    status: Literal["verified", "pending", "closed"] = "verified"


@dataclass(frozen=True)
class Person:
    """Somebody invented. Days count from the anchor, amounts are cents, rates basis points."""

    name: str
    state: str
    story: str
    banks: tuple[Bank, ...]
    product_id: str = FLEX
    limit_cents: int = 200_000
    apr_bp: int = 2599
    opened_ago: int = 360
    due_offset: int = 12
    """The due date falls about so many days from the anchor; negative: before it."""
    language: Literal["en", "es"] = "en"
    military: bool = False
    habit: Habit = QUIET
    habit_until: When = TO_THE_END
    """From this day on only the script acts."""
    script: tuple[tuple[When, Act], ...] = ()
    returns: tuple[tuple[When, str], ...] = field(default=())
    """Payments received in the week from that day come back from the bank, with this code."""

    @property
    def customer_id(self) -> str:
        """`cus_maria_gonzalez`: readable, and the same in every book."""
        return "cus_" + "_".join(self.name.lower().replace("'", "").replace("-", " ").split())

    @property
    def line_apr_bp(self) -> int:
        """The rate their line opens with: a membership has none."""
        return self.apr_bp if self.product_id == FLEX else 0

    @property
    def line_id(self) -> str:
        """A fixed id made of the customer's, so that every book of the demo has the same lines."""
        return _fixed_id("line", self.customer_id)

    def bank_account_id(self, index: int) -> str:
        """The fixed id of their index-th bank account."""
        return _fixed_id("bank", f"{self.customer_id}:{index}")

    @property
    def email(self) -> str:
        """An address at example.com, which belongs to nobody."""
        return self.customer_id.removeprefix("cus_").replace("_", ".") + "@example.com"

    @property
    def timezone(self) -> str:
        """The IANA name of the time zone they live in."""
        return TIMEZONES.get(self.state, "America/New_York")

    def calendar(self, anchor: date) -> Calendar:
        """Their due and closing dates in a book that ends at the anchor."""
        return Calendar(anchor, due_day_near(anchor, self.due_offset))

    def opened_on(self, anchor: date) -> date:
        """The day their line is opened."""
        return anchor - timedelta(days=self.opened_ago)


def _fixed_id(prefix: str, of: str) -> str:
    number = int.from_bytes(hashlib.sha256(of.encode()).digest()[:16], "big")
    return f"{prefix}_" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
