"""The state of a line from its facts: pure, whole integers, the same answer for the same facts."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date, timedelta

from ledger_core.journal.journal import Journal
from ledger_core.line.apply import HANDLERS, QUIET
from ledger_core.line.book import Book
from ledger_core.line.events import DisputeOpened, LineOpened, Recorded, StatementIssued
from ledger_core.line.foresight import Foresight
from ledger_core.line.outline import Outline, outline
from ledger_core.line.snapshot import snapshot
from ledger_core.line.state import InterestSegment, LineState
from ledger_core.products import Product

_ONE_DAY = timedelta(days=1)


def replay(
    product: Product,
    events: Sequence[Recorded],
    *,
    as_of: date,
    known_at_seq: int | None = None,
    foreseen: Sequence[Recorded] = (),
) -> LineState:
    """The line on the day `as_of`, with that day's facts and interest through the day before.

    events: in any order; the first by date and sequence is LineOpened. Facts of later days, and those
    written after `known_at_seq`, are left out. Facts of one day go by sequence, its statement last.
    foreseen: all facts that are known when later ones than those of the day may undo what is walked.
    """
    if known_at_seq is not None:
        events = [e for e in events if e.seq <= known_at_seq]
    return Walk(product, events, as_of, foreseen).state


class Walk:
    """A replay that can go on with new facts instead of beginning again."""

    def __init__(
        self,
        product: Product,
        recorded: Sequence[Recorded],
        as_of: date,
        foreseen: Sequence[Recorded] = (),
    ) -> None:
        self._product = product
        self._recorded = tuple(recorded)
        self.as_of = as_of
        """the day it has come to"""
        known = _in_order(e for e in recorded if e.effective_on <= as_of)
        self._last = known[-1]
        self._book: Book | None = _begin(product, known, foreseen)
        _go_on(self._book, known[1:], as_of)
        self._state: LineState | None = None

    @property
    def state(self) -> LineState:
        """As `replay` returns it; it stays as it is whatever is asked next."""
        if self._state is None:
            assert self._book is not None
            self._state = snapshot(self._book, self.as_of)
        return self._state

    @property
    def interest_days(self) -> Sequence[InterestSegment]:
        """As in the state, at less cost; asked before the walk is carried on."""
        assert self._book is not None
        return self._book.accrual.segments()

    @property
    def account_totals(self) -> Mapping[str, int]:
        """As in the state, at less cost; asked before the walk is carried on."""
        assert self._book is not None
        return Journal(self._book.calls).totals()

    @property
    def outline(self) -> Outline:
        """As in the state, at less cost; asked before the walk is carried on."""
        assert self._book is not None
        return outline(self._book, self.as_of)

    @property
    def journal(self) -> Journal:
        """As in the state, at less cost."""
        return self.state.journal if self._book is None else Journal(self._book.calls)

    def extended(self, new: Sequence[Recorded], as_of: date) -> "Walk":
        """The walk through that day with these facts too: as one of all of them.

        The books are carried on, once, where the new facts come after all others and undo none of them;
        otherwise a replay begins with the opening of the line.
        """
        recorded = (*self._recorded, *new)
        later = [e for e in self._recorded if e.effective_on > self.as_of]
        ahead = _in_order(e for e in (*later, *new) if e.effective_on <= as_of)
        if self._book is None or as_of < self.as_of or not self._ends_before(self._book, ahead):
            return Walk(self._product, recorded, as_of)
        self._state = self.state
        return self._carried_on(ahead, recorded, as_of)

    def _carried_on(self, ahead: Sequence[Recorded], recorded: Sequence[Recorded], as_of: date) -> "Walk":
        walk = copy(self)
        self._book = None
        assert walk._book is not None
        walk._recorded, walk.as_of, walk._state = tuple(recorded), as_of, None
        walk._last = ahead[-1] if ahead else self._last
        walk._book.foresight.see(ahead)
        _go_on(walk._book, ahead, as_of)
        return walk

    def _ends_before(self, book: Book, ahead: Sequence[Recorded]) -> bool:
        """Whether all of these facts come after those walked, on days not yet accrued, and none looks back."""
        if not ahead:
            return True
        first = ahead[0]
        comes_after = first.effective_on >= self.as_of and walk_order(first) > walk_order(self._last)
        return comes_after and not Foresight(ahead).touches(book.foresight)


def _begin(product: Product, known: Sequence[Recorded], foreseen: Sequence[Recorded]) -> Book:
    """The books on the day the line was opened."""
    first = known[0]
    assert isinstance(first.fact, LineOpened)
    ahead = foreseen or known
    book = Book(product, first.effective_on, first.fact, Foresight(ahead))
    if book.foresight.found:
        opened = (e.fact for e in ahead if isinstance(e.fact, DisputeOpened))
        book.found_about = book.foresight.found_about(opened)
    return book


def _go_on(book: Book, facts: Sequence[Recorded], as_of: date) -> None:
    for recorded in facts:
        on = recorded.effective_on
        fact_type = type(recorded.fact)
        if fact_type is StatementIssued:
            book.accrue(on + _ONE_DAY)
        elif fact_type not in QUIET:
            book.accrue(on)
        book.event_id = recorded.event_id
        HANDLERS[fact_type](book, recorded, recorded.fact)
        if book.charged_off:
            book.match_allowance(on)
    book.accrue(as_of)


def _in_order(facts: Iterable[Recorded]) -> list[Recorded]:
    return sorted(facts, key=walk_order)


def walk_order(recorded: Recorded) -> tuple[int, int]:
    """By day, a day's statement last, then by the order of writing."""
    return 2 * recorded.effective_on.toordinal() + (type(recorded.fact) is StatementIssued), recorded.seq
