"""Appends by column: the six arguments of `core.append_many`, as the JSON arrays that it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ledger_core.store.plain import encode

if TYPE_CHECKING:
    from ledger_core.store.append import Append, Projection

_WIDTHS = (20, 5, 7, 3, 2, 5)
"""how many columns heads, events, entries, postings, messages and openings have"""
_ARRAYS = ", ".join(f"ARRAY[{', '.join(['%s'] * width)}]::json[]" for width in _WIDTHS)
APPEND_MANY = f"SELECT core.append_many({_ARRAYS})"
"""takes what `columns_of` returns"""
_PROJECTED = (
    *("status", "limit_cents", "principal_cents", "held_cents", "owed_cents", "rate_bp", "disputed_cents"),
    *("next_close_on", "due_on", "days_past_due", "locked", "plan_id"),
)
_projection: Callable[[Projection], tuple[Any, ...]] = attrgetter(*_PROJECTED)


def columns_of(batch: Sequence[Append]) -> list[str]:
    """The columns of heads, events, entries, postings, messages and openings, one JSON array each.

    They stand in the order that `core.append_many` documents; counts say how many rows belong to which append.
    """
    events = [event for a in batch for event in a.events]
    entries = [entry for a in batch for entry in a.entries]
    postings = [posting for entry in entries for posting in entry.postings]
    messages = [message for a in batch for message in a.outbox]
    return [
        *_heads(batch),
        *_columns(
            [e.event_id for e in events],
            [e.type for e in events],
            [e.version for e in events],
            [e.effective_on for e in events],
            [e.payload for e in events],
        ),
        *_columns(
            [e.entry_id for e in entries],
            [e.kind for e in entries],
            [e.stage for e in entries],
            [e.effective_on for e in entries],
            [e.event_id for e in entries],
            [e.reason for e in entries],
            [len(e.postings) for e in entries],
        ),
        *_columns(
            [p.account for p in postings], [p.side for p in postings], [p.amount_cents for p in postings]
        ),
        *_columns([m.topic for m in messages], [m.payload for m in messages]),
        *_openings(batch),
    ]


def _heads(batch: Sequence[Append]) -> list[str]:
    own = _columns(
        [a.line_id for a in batch],
        [a.expected_version for a in batch],
        [a.key for a in batch],
        [a.input_hash for a in batch],
        [a.result for a in batch],
    )
    counts = _columns(
        [len(a.events) for a in batch], [len(a.entries) for a in batch], [len(a.outbox) for a in batch]
    )
    return own + _columns(*zip(*(_projected(a.projection) for a in batch), strict=True)) + counts


def _openings(batch: Sequence[Append]) -> list[str]:
    opened = [(n, a.new_line) for n, a in enumerate(batch, start=1) if a.new_line is not None]
    return _columns(
        [n for n, _ in opened],
        [line.customer_id for _, line in opened],
        [line.product_id for _, line in opened],
        [line.product_version for _, line in opened],
        [line.opened_on for _, line in opened],
    )


def _projected(p: Projection | None) -> tuple[Any, ...]:
    return (None,) * len(_PROJECTED) if p is None else _projection(p)


def _columns(*columns: Sequence[Any]) -> list[str]:
    return [encode(column).decode() for column in columns]
