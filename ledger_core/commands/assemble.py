"""One append out of a decision: events, journal entries, messages, projection."""

from datetime import date
from typing import Any

from ledger_core.commands.decided import Decided, latest_day
from ledger_core.ids import new_id
from ledger_core.journal.difference import entries_between
from ledger_core.journal.entries import DraftEntry
from ledger_core.journal.journal import Journal
from ledger_core.line.events import Recorded
from ledger_core.line.outline import Outline
from ledger_core.line.replay import Walk
from ledger_core.line.state import LineState
from ledger_core.products import Product
from ledger_core.store.append import (
    Append,
    NewEntry,
    NewEvent,
    NewLine,
    NewPosting,
    OutboxMessage,
    Projection,
)
from ledger_core.store.read import LineRow


def assemble(
    line: LineRow,
    product: Product,
    recorded: tuple[Recorded, ...],
    decided: Decided[Any],
    *,
    on: date,
    key: str,
    hashed: str,
    new_line: NewLine | None = None,
    walk: Walk | None = None,
) -> Append:
    """What the decision writes.

    on: the servicing date, which a correction bears. The entries are those by which the journal of a replay
    with the new facts differs from one without: the posting rules of the new facts, and a correction where
    older entries would read otherwise. walk: the replay without them; None for a new line.
    """
    last_seq = max((fact.seq for fact in recorded), default=0)
    horizon = latest_day(recorded, on)
    new = decided.recorded(last_seq, horizon)
    before = Journal(())
    if walk is None:
        after = Walk(product, new, horizon)
    else:
        before = walk.journal if walk.as_of == horizon else Walk(product, recorded, horizon).journal
        after = walk.extended(new, horizon)
    drafts = entries_between(before, after.journal, new_ids={r.event_id for r in new}, on=on)
    payloads = [r.fact.to_payload() for r in new]
    return Append(
        line_id=line.line_id,
        expected_version=line.version,
        key=key,
        input_hash=hashed,
        result=decided.done,
        events=tuple(
            NewEvent(r.event_id, r.fact.TYPE, r.fact.VERSION, r.effective_on, payload)
            for r, payload in zip(new, payloads, strict=True)
        ),
        entries=tuple(_entry(entry) for entry in drafts),
        outbox=tuple(_message(r, payload) for r, payload in zip(new, payloads, strict=True)),
        projection=projection(after.outline),
        new_line=new_line,
    )


def projection(state: LineState | Outline) -> Projection:
    """What lists and the nightly work select by. After the last statement only what is unpaid has a day."""
    ended = state.statements_ended
    return Projection(
        status=state.status,
        limit_cents=state.limit_cents,
        principal_cents=state.principal_cents,
        held_cents=state.held_cents,
        owed_cents=state.owed_cents,
        rate_bp=state.apr_bp,
        disputed_cents=state.disputed_cents,
        next_close_on=None if ended else state.next_close_on,
        due_on=None if ended and not state.minimum_due_cents else state.next_due_on,
        days_past_due=state.days_past_due,
        locked=state.locked,
        plan_id=state.plan_id,
    )


def _entry(entry: DraftEntry) -> NewEntry:
    legs = tuple(NewPosting(leg.account, leg.side, leg.amount_cents) for leg in entry.postings)
    reason = entry.reason or entry.kind
    return NewEntry(
        new_id("entry"), entry.kind, entry.stage, entry.effective_on, entry.event_id, reason, legs
    )


def _message(recorded: Recorded, payload: dict[str, Any]) -> OutboxMessage:
    told = {
        "event_id": recorded.event_id,
        "effective_on": recorded.effective_on.isoformat(),
        "payload": payload,
    }
    return OutboxMessage(f"line.{recorded.fact.TYPE}", told)
