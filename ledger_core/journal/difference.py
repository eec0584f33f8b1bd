"""From two replays to the entries a command writes: new facts' own entries, and corrections."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from ledger_core.journal.entries import DraftEntry, Posting, Stage, credit, debit, draft
from ledger_core.journal.journal import Journal

REASON = "difference of two replays"


def entries_of(
    before: Sequence[DraftEntry], after: Sequence[DraftEntry], *, new_ids: Iterable[str], on: date
) -> tuple[DraftEntry, ...]:
    """The entries to append for new facts, so that what is written sums to what was replayed.

    before: the entries of a replay without the new facts, same `as_of`; empty for a new line. The entries
    hindsight gives the new facts stand as they are. Whatever else differs (a payment undone, interest of
    closed cycles) is one entry of kind `correction`, dated `on`, the day it is written; holds are corrected
    apart from posted money.
    """
    new = frozenset(new_ids)
    own = tuple(entry for entry in after if entry.event_id in new)
    changes: dict[Stage, Counter[str]] = {"posted": Counter(), "void": Counter()}
    _add(changes, (entry for entry in after if entry.event_id not in new), 1)
    _add(changes, before, -1)
    corrections = tuple(
        draft("correction", stage, on, None, _legs(totals), REASON)
        for stage, totals in changes.items()
        if any(totals.values())
    )
    return own + corrections


def entries_between(
    before: Journal, after: Journal, *, new_ids: Iterable[str], on: date
) -> tuple[DraftEntry, ...]:
    """`entries_of` for two journals; what both begin with is not drafted."""
    shared = before.shared_with(after)
    return entries_of(before.entries_from(shared), after.entries_from(shared), new_ids=new_ids, on=on)


def _add(changes: dict[Stage, Counter[str]], entries: Iterable[DraftEntry], sign: int) -> None:
    for entry in entries:
        totals = changes["posted" if entry.stage == "posted" else "void"]
        for account, side, cents in entry.postings:
            totals[account] += sign * cents if side == "debit" else -sign * cents


def _legs(totals: Counter[str]) -> tuple[Posting, ...]:
    return tuple(
        debit(account, cents) if cents > 0 else credit(account, -cents)
        for account, cents in sorted(totals.items())
    )
