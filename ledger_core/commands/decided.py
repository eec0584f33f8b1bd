"""What a command decides from, and what it decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from ledger_core.dates import Moment
from ledger_core.errors import LineNotOpenYet
from ledger_core.ids import new_id
from ledger_core.line.events import Fact, Recorded, from_stored
from ledger_core.line.replay import Walk
from ledger_core.line.state import LineState
from ledger_core.products import Product, load
from ledger_core.store.read import BankAccount, LineRow, LineSnapshot
from ledger_core.underwriting.record import CreditDecision

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class World:
    """A line as a decision finds it: its terms, its facts, and its state at that moment."""

    line: LineRow
    product: Product
    recorded: tuple[Recorded, ...]
    walk: Walk
    """through `at`; what is decided is written by going on with it"""
    at: Moment
    account: BankAccount | None = None
    """the bank account that the command is about, if it is there to be seen"""

    @property
    def state(self) -> LineState:
        return self.walk.state


@dataclass(frozen=True, slots=True)
class Decided(Generic[D]):
    """A yes: the facts to record, and the answer."""

    done: D
    effective_on: date
    facts: tuple[Fact, ...]
    """all effective on that day; none: nothing is left to do, and the answer says so"""
    terms: Mapping[str, Any]
    """the exact terms, flat: amounts in cents, dates as ISO strings, no new ids"""
    decision: CreditDecision | None = None
    """the credit decision behind it, kept in the same transaction"""
    follow: tuple[Fact, ...] = ()
    """what follows from the facts, effective on the line's latest day (`latest_day`)"""

    def recorded(self, last_seq: int, latest: date) -> tuple[Recorded, ...]:
        """All facts in the order of writing, after `last_seq`, under new ids."""
        dated = [(self.effective_on, fact) for fact in self.facts] + [(latest, fact) for fact in self.follow]
        return tuple(
            Recorded(new_id("event"), last_seq + n, on, fact) for n, (on, fact) in enumerate(dated, start=1)
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """The terms that the command would act on now. Equal terms mean the same act."""

    terms: Mapping[str, Any]


def latest_day(recorded: Iterable[Recorded], on: date) -> date:
    """The day of a command; or of the newest fact, where a bank tells of an earlier day than others have told of.

    What a fact of such a command undoes cannot be undone before it was done.
    """
    return max((on, *(fact.effective_on for fact in recorded)))


def world_of(snapshot: LineSnapshot, at: Moment) -> World:
    """The stored line, replayed as of that moment's day. LineNotOpenYet for one before its opening."""
    if at.on < snapshot.line.opened_on:
        raise LineNotOpenYet(f"line {snapshot.line.line_id} was opened on {snapshot.line.opened_on}")
    product = load(snapshot.line.product_id, snapshot.line.product_version)
    recorded = tuple(from_stored(event) for event in snapshot.events)
    return World(snapshot.line, product, recorded, Walk(product, recorded, at.on), at, snapshot.account)
