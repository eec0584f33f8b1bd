"""The journal of one replay, its entries drafted when they are asked for: most readers of a line never ask."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import takewhile
from operator import eq

from ledger_core.journal.chart import ACCOUNTS
from ledger_core.journal.entries import DraftEntry

Call = tuple[Callable[..., DraftEntry], date, str, tuple[object, ...]]
"""a posting rule, the day, the fact it follows from, and what else the rule takes"""


class Journal:
    """Entries in order, as hindsight would write them. Two are equal when the same rules were called alike."""

    __slots__ = ("_calls", "_entries")

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = tuple(calls)
        self._entries: tuple[DraftEntry, ...] | None = None

    @property
    def entries(self) -> tuple[DraftEntry, ...]:
        if self._entries is None:
            self._entries = self.entries_from(0)
        return self._entries

    def entries_from(self, n: int) -> tuple[DraftEntry, ...]:
        """Those after the first `n`."""
        return tuple([rule(on, event_id, *rest) for rule, on, event_id, rest in self._calls[n:]])

    def totals(self) -> dict[str, int]:
        """Debits less credits of every account of the chart."""
        totals = dict.fromkeys(ACCOUNTS, 0)
        for entry in self.entries:
            for account, side, cents in entry.postings:
                totals[account] += cents if side == "debit" else -cents
        return totals

    def shared_with(self, other: "Journal") -> int:
        """How many entries both begin with."""
        return sum(1 for _ in takewhile(bool, map(eq, self._calls, other._calls)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Journal) and self._calls == other._calls

    __hash__ = None  # type: ignore[assignment]
