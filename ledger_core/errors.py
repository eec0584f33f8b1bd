"""What can go wrong in the books. A lawful no is a refusal, a value, and not in this tree.

CashLineError                  code
├── DayNotClosed               day_not_closed      the general ledger has no closed day of that date
├── StoreError
│   ├── VersionConflict        version_conflict    somebody else appended first: start the transaction again
│   ├── BooksBusy              books_busy          a lock was not to be had in time: start the transaction again
│   ├── StatementTimedOut      statement_timed_out the database was not done in time: nothing was written
│   ├── KeyReused              key_reused          the key was used with another input
│   ├── OverLimit              over_limit          a new hold would pass the limit
│   ├── LineNotFound           line_not_found      no such line for this identity
│   ├── LineNotOpenYet         line_not_open_yet   the day asked about lies before the line's opening
│   ├── InvalidInput           invalid_input       no amount, day, code or id at all: nothing was looked at
│   ├── BooksRefused           books_refused       the database refuses: unbalanced, malformed, forbidden
│   └── TransferRefused        transfer_refused    no such step in the life of a bank transfer
├── BankFileRefused            bank_file_refused   a file of the bank is malformed or not about us; nothing was done
├── BankDisagrees              bank_disagrees      the bank has another file under the name of one of ours
├── NumbersMissing             numbers_missing     account numbers that a bank file needs are not there any more
├── NumbersSealed              numbers_sealed      an account number does not open: another key, or another row's
└── ServerError
    ├── ServerUnavailable      server_unavailable  the embedded server does not start or answer
    └── BinariesMissing        binaries_missing    the wheel with the server's binaries is not installed

Codes are stable: logs, metrics and `api/errors.py` go by them. Messages name ids, never people.
"""

from __future__ import annotations

from typing import ClassVar

from ledger_core.refusals import Reason


class CashLineError(Exception):
    """Any failure of the platform that has a stable code."""

    code: ClassVar[str] = "error"


class DayNotClosed(CashLineError):
    """The general ledger answers for closed days: the date is before its first or after its last one."""

    code = "day_not_closed"


class StoreError(CashLineError):
    """The books did not take or give what was asked."""

    code = "store_error"


class VersionConflict(StoreError):
    """The line moved on since it was read, or the same key is being appended: read and decide again."""

    code = "version_conflict"


class BooksBusy(StoreError):
    """A deadlock, or a lock that was not to be had in time: nothing is wrong with the work, start it again."""

    code = "books_busy"


class StatementTimedOut(StoreError):
    """A statement was not done in the time its role has, or an operator ended it. Nothing was written.

    Not started again by itself: it would take as long.
    """

    code = "statement_timed_out"


class KeyReused(StoreError):
    """This key was used on the line before, with another input."""

    code = "key_reused"


class OverLimit(StoreError):
    """Principal and holds would pass the limit through a new draw."""

    code = "over_limit"


class LineNotFound(StoreError):
    """The line does not exist, or this identity may not see it; the two are not told apart."""

    code = "line_not_found"


class LineNotOpenYet(StoreError):
    """The day asked about, or acted on, lies before the line's opening: there is no state to tell."""

    code = "line_not_open_yet"


class InvalidInput(StoreError):
    """What was given is no amount, day, code, id or text; a mistake of the caller. Nothing was written."""

    code = "invalid_input"


class BooksRefused(StoreError):
    """The database holds an invariant that this write would break; a programmer's error."""

    code = "books_refused"


class TransferRefused(StoreError):
    """A bank transfer cannot take this step from the state it is in."""

    code = "transfer_refused"


class BankFileRefused(CashLineError):
    """A file of the bank, refused whole: why, in the order of the file. Nothing of it was done."""

    code = "bank_file_refused"

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        assert reasons
        super().__init__("; ".join(_told(reason) for reason in reasons))
        self.reasons = reasons

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.reasons)


class BankDisagrees(CashLineError):
    """The bank's file of that name is not ours, byte for byte: a human has to look before anything is sent."""

    code = "bank_disagrees"


class NumbersMissing(CashLineError):
    """A bank file cannot be written again: account numbers in it were erased with their customer."""

    code = "numbers_missing"


class NumbersSealed(CashLineError):
    """An account number does not open: its key is not in the ring, or it was sealed for another row."""

    code = "numbers_sealed"


def _told(reason: Reason) -> str:
    return " ".join([reason.code, *(f"{name}={value}" for name, value in reason.facts.items())])


class ServerError(CashLineError):
    """The embedded database server."""

    code = "server_error"


class ServerUnavailable(ServerError):
    """It does not start or does not answer; the message holds the end of its log."""

    code = "server_unavailable"


class BinariesMissing(ServerError):
    """The wheel that carries the server's binaries is not installed."""

    code = "binaries_missing"
