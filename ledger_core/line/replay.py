"""The state of a line from its facts: pure, whole integers, the same answer for the same facts."""

from collections.abc import Sequence
from datetime import date, timedelta

from ledger_core.line.apply import HANDLERS
from ledger_core.line.book import Book
from ledger_core.line.events import DisputeOpened, LineOpened, Recorded, StatementIssued
from ledger_core.line.foresight import Foresight
from ledger_core.line.snapshot import snapshot
from ledger_core.line.state import LineState
from ledger_core.products import Product

_ONE_DAY = timedelta(days=1)


def replay(
    product: Product, events: Sequence[Recorded], *, as_of: date, known_at_seq: int | None = None
) -> LineState:
    """The line on the day `as_of`, with that day's facts and interest through the day before.

    events: in any order; the first by date and sequence is LineOpened. Facts of later days, and those
    written after `known_at_seq`, are left out. Facts of one day go by sequence, its statement last.
    """
    known = [
        e for e in events if e.effective_on <= as_of and (known_at_seq is None or e.seq <= known_at_seq)
    ]
    known.sort(key=_order)
    first = known[0]
    assert isinstance(first.fact, LineOpened)
    book = Book(product, first.effective_on, first.fact, Foresight(known))
    book.found_about = book.foresight.found_about(e.fact for e in known if isinstance(e.fact, DisputeOpened))
    for recorded in known[1:]:
        on = recorded.effective_on
        fact_type = type(recorded.fact)
        book.accrue(on + _ONE_DAY if fact_type is StatementIssued else on)
        book.event_id = recorded.event_id
        HANDLERS[fact_type](book, recorded, recorded.fact)
    book.accrue(as_of)
    return snapshot(book, as_of)


def _order(recorded: Recorded) -> tuple[date, bool, int]:
    return recorded.effective_on, type(recorded.fact) is StatementIssued, recorded.seq
