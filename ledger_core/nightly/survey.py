"""Which lines the steps of a night have to look at."""

from __future__ import annotations

import json
from datetime import timedelta

from ledger_core.line.cycle import due_after
from ledger_core.nightly.disputes import WARN_AHEAD
from ledger_core.nightly.night import IDENTITY, QUERIES, Night
from ledger_core.products import all_products
from ledger_core.store.postgres import transaction
from ledger_core.underwriting.policy import reviews_on


async def survey(night: Night) -> None:
    """Find them in one query, after the reconciliation, which notes what was touched.

    It may name a line too many: each step replays it and decides.
    """
    products = all_products()
    grace_days = {product.plan_grace_days for product in products}
    reviews = reviews_on(night.on)
    missed = sorted((night.on - timedelta(days=days + 1)).isoformat() for days in grace_days)
    given = night.given(
        fee_days=sorted({product.late_fee_from_day for product in products}),
        charge_off_day=min(product.charge_off_day for product in products),
        bankruptcy_days=min(product.charge_off_bankruptcy_days for product in products),
        missed=json.dumps({"days": missed}),
        warned=night.on + WARN_AHEAD,
        review_every=0 if reviews is None else reviews.every_statements,
        review_dues=sorted({due_after(product, night.closed) for product in products}),
    )
    async with transaction(night.engine, IDENTITY) as conn:
        for what, line_id in await conn.execute(QUERIES["due"], given):
            night.due[what].append(line_id)
