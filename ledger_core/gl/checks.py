"""What the reconciliation holds against each other; a check gives what differs, line by line and cent by cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.assemble import projection
from ledger_core.commands.decided import World
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.store.postgres import named_queries

QUERIES = named_queries(Path(str(files("ledger_core.gl"))) / "checks.sql")
OWN_KINDS = [
    *("draw_paid_out", "draw_sent_back"),
    *("interest_accrued", "accrual_corrected", "accrual_billed", "allowance_changed"),
]
"""entries that the general ledger makes itself"""
_LINES_PER_BATCH = 500

Unit = Literal["cents", "microcents", "text"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sides that should be one. expected: what the source says; found: what was made of it."""

    about: str
    line_id: str | None
    what: str
    unit: Unit
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One check, how many things it compared, and what differs."""

    name: str
    title: str
    compared: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """A closed ledger day, and whether lines are looked at that were not folded on it."""

    on: date
    every_line: bool

    def given(self, **params: object) -> dict[str, object]:
        return {"on": self.on, "every_line": self.every_line, "own_kinds": OWN_KINDS, **params}


@dataclass(frozen=True, slots=True)
class _Query:
    name: str
    title: str
    unit: Unit


SET_BASED = (
    _Query("ledger_balances", "Trial balance of each product and day is zero", "cents"),
    _Query("ledger_days", "Closed days are as they were closed", "text"),
    _Query("ledger_against_lines", "General ledger against line ledgers", "cents"),
    _Query("balances_against_postings", "Balances of the lines against their postings", "cents"),
    _Query("chains", "Journals of the lines against their hashes", "text"),
    _Query("bank", "Bank transfers against cash and clearing of the lines", "cents"),
    _Query("bank_files", "Files that left for the bank against their entries", "cents"),
    _Query("bank_entries", "Entries of files against the transfers they move", "cents"),
    _Query("draws_cleared", "Draws in transit are cleared", "cents"),
    _Query("interest_not_billed", "Interest accrued and not billed", "microcents"),
    _Query("expected_losses", "Allowance for expected losses", "cents"),
)


async def set_based(conn: AsyncConnection, scope: Scope) -> list[Checked]:
    """The checks that are one query each."""
    done = []
    for check in SET_BASED:
        sql = QUERIES[check.name]
        wanted = {name: value for name, value in scope.given().items() if f":{name}" in sql.text}
        rows = (await conn.execute(sql, wanted)).all()
        found = [
            Difference(row.about, row.line_id, row.what, check.unit, str(row.expected), str(row.found))
            for row in rows
            if row.about is not None
        ]
        if check.name == "ledger_against_lines":
            found += [day for account in found for day in await _days_of(conn, scope, account.about)]
        done.append(Checked(check.name, check.title, rows[0].compared, tuple(found)))
    return done


async def projections(conn: AsyncConnection, scope: Scope) -> Checked:
    """What lists and the nights select by, against the replay of the lines."""
    given = {"on": scope.on, "every_line": scope.every_line}
    line_ids = (await conn.execute(QUERIES["lines_to_replay"], given)).scalars().all()
    found: list[Difference] = []
    for start in range(0, len(line_ids), _LINES_PER_BATCH):
        found += await _projections_of(conn, scope, line_ids[start : start + _LINES_PER_BATCH])
    return Checked(
        "projections", "Projections of the lines against their replay", len(line_ids), tuple(found)
    )


async def _projections_of(conn: AsyncConnection, scope: Scope, line_ids: Sequence[str]) -> list[Difference]:
    rows = await conn.execute(QUERIES["projections"], {"line_ids": list(line_ids)})
    kept = {row.line_id: row._mapping for row in rows}
    worlds = await read_worlds(conn, line_ids, Moment(scope.on + timedelta(days=1), time()))
    found = []
    for world in worlds:
        line_id = world.line.line_id
        if _is_ahead(world):
            continue
        replayed = vars(projection(world.state))
        for name, value in kept[line_id].items():
            if name == "rate_bp" and world.state.promotions:
                continue  # begins and ends by itself; kept as of the last write, and no accrual goes by it
            if name != "line_id" and replayed[name] != value:
                unit: Unit = "cents" if name.endswith("_cents") else "text"
                found.append(Difference(name, line_id, "projection", unit, str(replayed[name]), str(value)))
    return found


def _is_ahead(world: World) -> bool:
    """Whether the line lives in a later day than this replay: its projection is of that day."""
    return any(fact.effective_on > world.at.on for fact in world.recorded)


async def _days_of(conn: AsyncConnection, scope: Scope, about: str) -> list[Difference]:
    product_id, _, account = about.partition(" ")
    given = {"on": scope.on, "own_kinds": OWN_KINDS, "product_id": product_id, "account": account}
    return [
        Difference(
            about, row.line_id, f"{row.booked_on} {row.kind}", "cents", str(row.expected), str(row.found)
        )
        for row in await conn.execute(QUERIES["days_of_account"], given)
    ]
