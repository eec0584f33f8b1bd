"""What an error of the database means for the books."""

from __future__ import annotations

import psycopg

from ledger_core.errors import (
    BooksBusy,
    BooksRefused,
    KeyReused,
    LineNotFound,
    OverLimit,
    StatementTimedOut,
    StoreError,
    TransferRefused,
    VersionConflict,
)

_MEANING: dict[str, type[StoreError]] = {
    "CL001": VersionConflict,
    "CL002": KeyReused,
    "CL003": OverLimit,
    "CL004": LineNotFound,
    "CL005": BooksRefused,
    "CL006": TransferRefused,
    "40001": BooksBusy,  # serialization
    "40P01": BooksBusy,  # deadlock
    "55P03": BooksBusy,  # lock time-out
    "57014": StatementTimedOut,
}


def meaning_of(failure: psycopg.Error) -> StoreError | psycopg.Error:
    """The error of the books behind an error of the driver; the driver's own when the books have none.

    A violated constraint or privilege is BooksRefused. Of a pipeline, the error of its first statement that failed.
    """
    if isinstance(failure, psycopg.errors.PipelineAborted) and isinstance(failure.__context__, psycopg.Error):
        failure = failure.__context__
    state = failure.sqlstate or ""
    message = failure.diag.message_primary or str(failure)
    if state in _MEANING:
        return _MEANING[state](message)
    if state.startswith("23") or state == "42501":
        return BooksRefused(message)
    return failure
