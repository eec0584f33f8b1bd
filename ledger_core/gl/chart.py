"""The lender's chart of accounts, and which account of the line ledgers goes where; data in `chart.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

import yaml

from ledger_core.journal.entries import Side

AccountClass = Literal["asset", "liability", "income", "expense", "memorandum"]
CLASSES: tuple[AccountClass, ...] = get_args(AccountClass)
OWN_SOURCES = ("accrued_interest", "accrued_income", "expected_losses", "provision")
"""Of the general ledger alone: interest accrued and not yet billed, and the income of it; losses that are expected,
and the expense of them."""


@dataclass(frozen=True, slots=True)
class GlAccount:
    account: str
    """four digits"""
    name: str
    account_class: AccountClass
    normal_side: Side
    sources: tuple[str, ...]
    """accounts of the line ledgers, or of OWN_SOURCES"""

    def stored(self) -> dict[str, Any]:
        """What `core.gl_keep_chart` keeps of it: all but the name."""
        row = asdict(self)
        del row["name"]
        return row | {"class": row.pop("account_class")}


@cache
def chart() -> Mapping[str, GlAccount]:
    """The accounts by number, ascending. ValueError names an account that is malformed or a source used twice."""
    document = yaml.safe_load(files("ledger_core.gl").joinpath("chart.yaml").read_text(encoding="utf-8"))
    accounts = sorted((_account(raw) for raw in document["accounts"]), key=lambda a: a.account)
    taken: set[str] = set()
    for one in accounts:
        for name in (one.account, *one.sources):
            if name in taken:
                raise ValueError(f"{name} is in the chart twice")
            taken.add(name)
    return MappingProxyType({one.account: one for one in accounts})


@cache
def account_of() -> Mapping[str, str]:
    """The GL account of each source."""
    return MappingProxyType({source: a.account for a in chart().values() for source in a.sources})


def _account(raw: dict[str, Any]) -> GlAccount:
    account = str(raw["account"])
    lawful = (
        (len(account) == 4 and account.isdigit() and account[0] != "0")
        and raw["class"] in CLASSES
        and raw["normal_side"] in get_args(Side)
    )
    if not lawful:
        raise ValueError(f"account {account} has no such number, class or side")
    return GlAccount(account, raw["name"], raw["class"], raw["normal_side"], tuple(raw["sources"]))
