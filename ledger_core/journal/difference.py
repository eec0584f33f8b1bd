"""From two replays to the entries a command writes: new facts' own entries, and one correction."""

from collections.abc import Iterable, Mapping
from datetime import date

from ledger_core.journal.entries import DraftEntry, Posting, credit, debit, draft
from ledger_core.line.state import LineState


def entries_of(
    before: LineState | None, after: LineState, new_event_ids: Iterable[str], on: date, reason: str
) -> tuple[DraftEntry, ...]:
    """The entries to append for new facts, so that the written totals equal the replayed ones.

    before: the replay without the new facts, same `as_of`; None for a new line. The entries hindsight
    gives the new facts come first; whatever else differs (a payment undone, interest of closed cycles)
    is one entry of kind `correction` dated `on`, the day it is written.
    """
    new = set(new_event_ids)
    own = tuple(e for e in after.entries if e.event_id in new)
    written = dict(before.account_totals) if before is not None else {}
    for entry in own:
        for posting in entry.postings:
            written[posting.account] = written.get(posting.account, 0) + posting.signed_cents
    rest = difference(written, after.account_totals, on, reason)
    return own if rest is None else (*own, rest)


def difference(
    before: Mapping[str, int], after: Mapping[str, int], on: date, reason: str
) -> DraftEntry | None:
    """The one balanced entry that leads from the account totals `before` to `after`; None when equal."""
    legs: list[Posting] = []
    for account in sorted(before.keys() | after.keys()):
        change = after.get(account, 0) - before.get(account, 0)
        if change:
            legs.append(debit(account, change) if change > 0 else credit(account, -change))
    return draft("correction", "posted", on, None, tuple(legs), reason) if legs else None
