"""`python -m api.erasure CUSTOMER_ID`: a person's data goes, once the law no longer asks for it; the books stay whole.

Gone: name, address, phone, bank accounts and their numbers, words they wrote and words about them, conversations
and what the agent remembered of them. Kept: facts, entries and statements, decisions and notices, and of rights,
agreements and acts the figures, days and who acted, under ids that lead to nobody; wishes not to be contacted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.dates import SystemClock, add_months
from ledger_core.refusals import Reason, Refused
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import make_engine, named_queries, system, transaction
from ledger_core.store.running import batch_url
from tools.rules import rules

IDENTITY = system("erasure")
_SQL = named_queries(Path(__file__).parent / "erasure.sql")


async def erase(batch_engine: AsyncEngine, customer_id: str, today: date) -> Refused | None:
    """Erases the customer in one transaction; or every reason against it, and nothing is erased.

    Reasons: not_found (nobody, or erased before), line_open, duty_open, kept_until. Source: 12 CFR 1002.12(b),
    1026.25(a), 1005.13(b).
    """
    given = {"customer_id": customer_id}
    async with transaction(batch_engine, IDENTITY) as conn:
        reasons = tuple(_against((await conn.execute(_SQL["standing"], given)).one(), today))
        if reasons:
            return Refused(reasons)
        for schema in ("agent", "servicing", "core"):
            await conn.execute(_SQL[schema], given)
    return None


def _against(standing: Row[tuple[int, int, date | None, date | None, bool]], today: date) -> Iterator[Reason]:
    if not standing.there:
        yield Reason("not_found")
    if standing.lines:
        yield Reason("line_open", {"lines": standing.lines})
    if standing.duties:
        yield Reason("duty_open", {"duties": standing.duties})
    kept = rules().retention
    until = [
        add_months(on, months)
        for on, months in (
            (standing.decided_on, kept.decision_months),
            (standing.lived_on, kept.line_months),
        )
        if on is not None
    ]
    if until and max(until) >= today:
        yield Reason("kept_until", {"until": max(until)})


def main(arguments: list[str] | None = None) -> int:
    """0 when the customer is erased, 1 when something stands against it, which is printed."""
    parser = argparse.ArgumentParser(prog="python -m api.erasure", description=__doc__)
    home = Path(os.environ.get("CASHLINE_HOME", ".cashline"))
    parser.add_argument("--home", type=Path, default=home, help="of the embedded server")
    parser.add_argument("customer_id")
    return asyncio.run(_run(parser.parse_args(arguments)))


async def _run(options: argparse.Namespace) -> int:
    engine = make_engine(batch_url(options.home, os.environ), pool_size=1)
    try:
        async with transaction(engine, IDENTITY) as conn:
            today = (await servicing_moment(conn, SystemClock())).on
        no = await erase(engine, options.customer_id, today)
    finally:
        await engine.dispose()
    if no is None:
        print(f"{options.customer_id} is erased")
        return 0
    for reason in no.reasons:
        facts = " ".join(f"{name}={value}" for name, value in reason.facts.items())
        print(f"refused: {reason.code} {facts}".rstrip(), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
