"""The allowance for expected losses: what of the balances will not come back, before any of it is charged off.

Each night the general ledger books by how much it changed. A line that is charged off leaves it: the loss is the
line's own then, and what was set aside for it returns to the provision that night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.gl.layout import dollars, table
from ledger_core.gl.queries import QUERIES
from ledger_core.gl.trial_balance import require_closed

MOST_BP = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What of the balances is expected to be lost from that many days past due on."""

    from_days: int
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """The balances of one product in one bucket of delinquency, and what is set aside for them."""

    product_id: str
    from_days: int
    lines: int
    exposure_cents: int
    """owed at the end of the day, billed interest, fees and disputed amounts included"""
    rate_bp: int
    allowance_cents: int


def rates_on(day: date) -> Mapping[str, tuple[Rate, ...]]:
    """The rates of each product in force on a day; empty before the first version."""
    in_force = [rates for effective_on, rates in _versions() if effective_on <= day]
    return in_force[-1] if in_force else MappingProxyType({})


def rows_on(day: date) -> list[dict[str, object]]:
    """The same as rows, for `core.gl_provide`."""
    return [
        {"product_id": product_id, "from_days": rate.from_days, "rate_bp": rate.rate_bp}
        for product_id, rates in rates_on(day).items()
        for rate in rates
    ]


async def allowance(conn: AsyncConnection, on: date) -> tuple[Bucket, ...]:
    """What was set aside at the end of that day, by product and bucket. Raises DayNotClosed."""
    await require_closed(conn, on)
    return tuple(Bucket(*row) for row in await conn.execute(QUERIES["allowance"], {"on": on}))


def print_out(on: date, buckets: Sequence[Bucket]) -> str:
    """The allowance as a page."""
    rows: list[tuple[str, ...] | None] = [
        (
            *(b.product_id, f"{b.from_days} days past due on" if b.from_days else "current", f"{b.lines:,}"),
            *(
                dollars(b.exposure_cents),
                f"{b.rate_bp // 100}.{b.rate_bp % 100:02d} %",
                dollars(b.allowance_cents),
            ),
        )
        for b in buckets
    ]
    exposure, lines = sum(b.exposure_cents for b in buckets), sum(b.lines for b in buckets)
    total = dollars(sum(b.allowance_cents for b in buckets))
    rows += [None, ("", "Total", f"{lines:,}", dollars(exposure), "", total)]
    head = ("product", "bucket", "lines", "owed", "rate", "allowance")
    title = f"Allowance for expected losses, end of {on:%B} {on.day}, {on.year}"
    return f"{title}\n\n{table(head, rows, numbers=(2, 3, 4, 5))}\n"


@cache
def _versions() -> tuple[tuple[date, Mapping[str, tuple[Rate, ...]]], ...]:
    """By the day they come into force. ValueError names a product whose rates are not lawful."""
    document = yaml.safe_load(files("ledger_core.gl").joinpath("allowance.yaml").read_text(encoding="utf-8"))
    found = [(version["effective_on"], _checked(version["products"])) for version in document["versions"]]
    return tuple(sorted(found, key=lambda version: version[0]))


def _checked(products: Mapping[str, Sequence[Mapping[str, Any]]]) -> Mapping[str, tuple[Rate, ...]]:
    made = {product_id: tuple(Rate(**given) for given in rates) for product_id, rates in products.items()}
    for product_id, rates in made.items():
        days, shares = [rate.from_days for rate in rates], [rate.rate_bp for rate in rates]
        lawful = days[:1] == [0] and days == sorted(set(days)) and shares == sorted(shares)
        if not lawful or not 0 <= shares[0] <= shares[-1] <= MOST_BP:
            raise ValueError(
                f"the rates of {product_id} do not rise from 0 days past due on, within 0 to 100 %"
            )
    return MappingProxyType(made)
