"""The ceilings of the law on rates and charges, as data, by state and by day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from ledger_core.errors import CashLineError

_FILE = Path(__file__).parent / "caps.yaml"


class StateUnknown(CashLineError):
    """No such state in the list of caps: whether a line may be opened there is not known."""

    code = "state_unknown"


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling in basis points a year."""

    kind: Literal["interest", "all_in"]
    """interest alone, or interest and every fee that is a finance charge, per cycle"""
    cap_bp: int
    effective_on: date
    source: str


def caps(state_code: str, on: date, *, covered: bool) -> tuple[Cap, ...]:
    """What is in force there on that day. covered: a covered borrower of 32 CFR 232.3(g).

    Raises StateUnknown.
    """
    known = _all()
    if state_code not in known["states"]:
        raise StateUnknown(state_code)
    rows = (*known["states"][state_code], *(known["covered"] if covered else ()))
    return tuple(cap for cap in rows if cap.effective_on <= on)


def interest_cap_bp(state_code: str, on: date, *, covered: bool) -> int | None:
    """The highest rate a line may bear there: an all-in cap bounds interest too. None where there is no cap."""
    return min((cap.cap_bp for cap in caps(state_code, on, covered=covered)), default=None)


def all_in_cap_bp(state_code: str, on: date, *, covered: bool) -> int | None:
    """The highest all-in cost of a cycle, a year; None where there is no such cap."""
    found = caps(state_code, on, covered=covered)
    return min((cap.cap_bp for cap in found if cap.kind == "all_in"), default=None)


def in_service_cap_bp(on: date) -> int:
    """The highest rate on balances from before active duty. Source: 50 USC 3937(a)."""
    found: int = min(cap.cap_bp for cap in _all()["in_service"] if cap.effective_on <= on)
    return found


@cache
def _all() -> Mapping[str, Any]:
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    states = {code: tuple(_read(rows)) for code, rows in raw["states"].items()}
    assert not states.keys() & set(raw["uncapped"]), "a state is capped or not"
    assert len(states) + len(raw["uncapped"]) == 51, "fifty states and the District"
    return {
        "states": states | dict.fromkeys(raw["uncapped"], ()),
        "covered": tuple(_read(raw["covered"])),
        "in_service": tuple(_read(raw["in_service"])),
    }


def _read(rows: list[dict[str, Any]]) -> Iterator[Cap]:
    for row in rows:
        cap = Cap(**row)
        assert cap.kind in ("interest", "all_in")
        assert 0 < cap.cap_bp <= 10_000
        yield cap
