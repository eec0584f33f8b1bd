"""The reconciliation: line ledgers, general ledger, bank and interest held against each other, kept and printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.gl.checks import QUERIES, Checked, Difference, Scope, projections, set_based
from ledger_core.gl.layout import dollars, table
from ledger_core.gl.queries import IDENTITY
from ledger_core.gl.trial_balance import require_closed
from ledger_core.ids import new_id
from ledger_core.money import MICROCENTS_PER_CENT
from ledger_core.nightly.reconcile import INTEREST
from ledger_core.nightly.reconciliation import check_books
from ledger_core.nightly.report import NightlyReport
from ledger_core.store.postgres import transaction


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All checks of one run."""

    reconciliation_id: str
    on: date
    checked: tuple[Checked, ...]

    @property
    def differences(self) -> tuple[tuple[Checked, Difference], ...]:
        return tuple((check, difference) for check in self.checked for difference in check.differences)


async def reconcile(engine: AsyncEngine, on: date, *, every_line: bool = False) -> Reconciliation:
    """Hold the books against each other and keep what was found in `core.gl_reconciliations`.

    on: a closed ledger day; the ledger is compared as of it, the lines and the bank as they stand. every_line:
    replay and hash every line, not only those folded on that day (and, of the nightly check, those touched
    since and a thirtieth of the rest). Nothing is repaired. Raises DayNotClosed.
    """
    scope = Scope(on, every_line)
    async with transaction(engine, IDENTITY) as conn:
        await require_closed(conn, on)
    night = await check_books(engine, full=every_line)
    async with transaction(engine, IDENTITY) as conn:
        checked = (*await set_based(conn, scope), await projections(conn, scope), *_of_night(night))
    done = Reconciliation(new_id("reconciliation"), on, checked)
    await _keep(engine, done)
    return done


def print_out(done: Reconciliation) -> str:
    """The report as a page: every check with what it compared, then everything that differs."""
    found = done.differences
    verdict = "Everything agrees." if not found else f"{len(found)} differences: see below."
    summary = [
        (check.title, f"{check.compared:,}", str(len(check.differences)) if check.differences else "–")
        for check in done.checked
    ]
    pages = [
        f"Reconciliation, end of {done.on:%B} {done.on.day}, {done.on.year}\n{verdict}",
        table(("check", "compared", "differ"), summary, numbers=(1, 2)),
    ]
    for check in done.checked:
        if check.differences:
            rows = [_row(difference) for difference in check.differences]
            head = ("about", "line", "what", "expected", "found", "difference")
            pages.append(f"{check.title}\n{table(head, rows, numbers=(3, 4, 5))}")
    pages.append(f"Kept as {done.reconciliation_id}.")
    return "\n\n".join(pages) + "\n"


def _of_night(night: NightlyReport) -> Iterator[Checked]:
    """The nightly check's own differences: interest to the micro-cent, accounts to the cent, written and replayed."""
    compared = night.counts.get("reconcile", 0)
    for name, title, of_interest in (
        ("accrual_against_replay", "Interest accrued night by night against the replay", True),
        ("accounts_against_replay", "Accounts of the lines against their replay", False),
    ):
        differences = tuple(
            Difference(
                *(d.about, d.line_id, "since the line opened", "microcents" if of_interest else "cents"),
                *(str(d.replayed), str(d.written)),
            )
            for d in night.differences
            if (d.about == INTEREST) == of_interest
        )
        yield Checked(name, title, compared, differences)


def _row(difference: Difference) -> tuple[str, ...]:
    expected, found = difference.expected, difference.found
    shown = (expected, found, "")
    if difference.unit == "cents":
        shown = (dollars(int(expected)), dollars(int(found)), dollars(int(found) - int(expected)))
    elif difference.unit == "microcents":
        shown = (_cents(int(expected)), _cents(int(found)), _cents(int(found) - int(expected)))
    return difference.about, difference.line_id or "", difference.what, *shown


def _cents(microcents: int) -> str:
    """1,234.567891 cents"""
    whole, rest = divmod(abs(microcents), MICROCENTS_PER_CENT)
    return f"{'-' if microcents < 0 else ''}{whole:,}.{rest:06d} ¢"


async def _keep(engine: AsyncEngine, done: Reconciliation) -> None:
    checked = {
        check.name: {"compared": check.compared, "differ": len(check.differences)} for check in done.checked
    }
    async with transaction(engine, IDENTITY) as conn:
        head = {"reconciliation_id": done.reconciliation_id, "on": done.on, "checked": json.dumps(checked)}
        await conn.execute(QUERIES["keep"], head | {"differences": len(done.differences)})
        for position, (check, d) in enumerate(done.differences, start=1):
            row = {
                "reconciliation_id": done.reconciliation_id,
                "position": position,
                "check_name": check.name,
            }
            told = {
                name: getattr(d, name) for name in ("about", "line_id", "what", "unit", "expected", "found")
            }
            await conn.execute(QUERIES["keep_difference"], row | told)
