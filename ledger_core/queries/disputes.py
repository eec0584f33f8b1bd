"""Disputes of a line, and the items a customer may mean."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.dates import Moment
from ledger_core.line.state import DisputeState
from ledger_core.queries.activity import ActivityItem, items
from ledger_core.queries.line import line_at

DUPLICATE_DAYS: Final = 3
_DISPUTABLE: Final = ("draw", "payment", "fee", "refund")
_NEAR_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class DisputeView:
    """One dispute and its clocks. Source of the clocks: 12 CFR 1026.13."""

    dispute_id: str
    kind: str
    """unauthorized, duplicate, wrong_amount, payment_not_credited or other"""
    about: str | None
    amount_cents: int
    status: str
    """open, acknowledged, resolved or withdrawn"""
    received_on: date
    acknowledge_by: date
    resolve_by: date
    late_notice: bool
    acknowledged_on: date | None
    closed_on: date | None
    outcome: str | None
    credited_cents: int


async def status(
    conn: AsyncConnection, at: Moment, line_id: str, dispute_id: str | None = None
) -> tuple[DisputeView, ...]:
    """The dispute, or all disputes of the line, the latest first."""
    state = (await line_at(conn, at, line_id)).state
    views = dispute_views(reversed(list(state.disputes.values())))
    return tuple(view for view in views if dispute_id in (None, view.dispute_id))


async def find_candidates(
    conn: AsyncConnection,
    at: Moment,
    line_id: str,
    amount_cents: int | None = None,
    on: date | None = None,
    text: str | None = None,
    kinds: Iterable[str] = _DISPUTABLE,
) -> tuple[ActivityItem, ...]:
    """The draws, payments, fees and refunds that fit an amount and a day, the best fit first.

    A day fits within five days, the exact one first. Of the words only these count: those of a memo. With
    neither amount nor day nor fitting words: what looks like a duplicate, else the latest items.
    `duplicate_of` names the earlier item of the same kind and amount within three days.
    """
    world = await line_at(conn, at, line_id)
    found = [
        i for i in await items(conn, world, kinds=tuple(kinds)) if i.stage not in ("cancelled", "failed")
    ]
    found = [replace(item, duplicate_of=_duplicate_of(item, found)) for item in found]
    fitting = [item for item in found if _fits(item, amount_cents, on)]
    if amount_cents is None and on is None:
        worded = [item for item in found if text and item.memo and _shares_words(text, item.memo)]
        fitting = worded or [item for item in found if item.duplicate_of] or found[:5]
    return tuple(sorted(fitting, key=lambda item: _distance(item, on)))


def dispute_views(disputes: Iterable[DisputeState]) -> tuple[DisputeView, ...]:
    """Disputes as they are told."""
    names = DisputeView.__dataclass_fields__
    return tuple(DisputeView(**{name: getattr(d, name) for name in names}) for d in disputes)


def _fits(item: ActivityItem, amount_cents: int | None, on: date | None) -> bool:
    if amount_cents is not None and item.amount_cents != amount_cents:
        return False
    return on is None or abs((item.on - on).days) <= _NEAR_DAYS


def _distance(item: ActivityItem, on: date | None) -> tuple[int, int, int]:
    away = abs((item.on - on).days) if on else 0
    return away, 0 if item.duplicate_of else 1, -item.on.toordinal()


def _duplicate_of(item: ActivityItem, others: Iterable[ActivityItem]) -> str | None:
    """The earlier item of which this one seems to be a repetition."""
    if item.kind == "fee":
        return None
    for other in sorted(others, key=lambda o: (o.on, o.reference_id)):
        if (other.on, other.reference_id) >= (item.on, item.reference_id):
            return None
        same = other.kind == item.kind and other.amount_cents == item.amount_cents
        if same and item.on - other.on <= timedelta(days=DUPLICATE_DAYS):
            return other.reference_id
    return None


def _shares_words(text: str, memo: str) -> bool:
    said = {word for word in text.casefold().split() if len(word) > 3}
    return bool(said & set(memo.casefold().split()))
