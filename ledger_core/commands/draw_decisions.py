"""Draws as credit decisions: rules decide, and what they decided is kept like any other decision.

A draw is kept with the facts it leads to. A command that refuses writes nothing, and a refused draw is no adverse
action (12 CFR 1002.2(c)(2)); whoever was asked by a customer, a tool most often, keeps that it was refused and why. The
same wish refused for the same reasons on one day is kept once, however often it is sent or shown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from time import perf_counter_ns

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.events import DrawRequested
from ledger_core.refusals import Refused
from ledger_core.store.postgres import driver_of
from ledger_core.underwriting.policy import policy_on
from ledger_core.underwriting.reasons import principal
from ledger_core.underwriting.record import CreditDecision

_KEEP_REFUSED = files("ledger_core.store").joinpath("sql/keep_refused_draw.sql").read_bytes()
_BY_RULES = "rules"
"""for a grade: no model looked at it"""
_NO_FEATURES = hashlib.sha256(b"[]").hexdigest()


@dataclass(frozen=True, slots=True)
class AskedDraw:
    """What a customer wished for."""

    line_id: str
    amount_cents: int
    bank_account_id: str
    speed: str


def approved_draw(world: World, fact: DrawRequested, began: int) -> CreditDecision:
    """The decision behind a draw; its id ends as the draw's. began: by the timer, in nanoseconds."""
    return CreditDecision(
        line_id=world.line.line_id,
        decision_id=f"decision_{fact.draw_id.removeprefix('draw_')}",
        customer_id=world.line.customer_id,
        kind="draw",
        decided_on=world.at.on,
        known_seq=world.recorded[-1].seq,
        asked_cents=fact.amount_cents,
        outcome="approved",
        limit_cents=world.state.limit_cents,
        expires_on=None,
        grade=_BY_RULES,
        reasons=(),
        features=(),
        features_sha256=_NO_FEATURES,
        micrologits=None,
        default_ppm=None,
        path="rules",
        why_conservative=None,
        model_version=None,
        policy_version=policy_on(world.at.on).version,
        challenger_version=None,
        challenger_ppm=None,
        latency_us=(perf_counter_ns() - began) // 1000,
        product_id=world.product.product_id,
        state_code=world.state.state_code,
    )


async def record_refused_draw(
    conn: AsyncConnection, at: Moment, asked: AskedDraw, refusal: Refused, began: int
) -> None:
    """Keep a refusal with its first four reasons, in this transaction; nothing for what is no amount."""
    if asked.amount_cents <= 0:
        return
    wish = (asked.line_id, at.on, asked.amount_cents, asked.bank_account_id, asked.speed, refusal.codes)
    row = {
        "line_id": asked.line_id,
        "decision_id": f"decision_{hashlib.sha256(repr(wish).encode()).hexdigest()[:26]}",
        "decided_on": at.on,
        "asked_cents": asked.amount_cents,
        "reasons": list(principal(refusal.codes)),
        "features_sha256": _NO_FEATURES,
        "policy_version": policy_on(at.on).version,
        "latency_us": (perf_counter_ns() - began) // 1000,
    }
    driver = await driver_of(conn)
    await driver.execute(_KEEP_REFUSED, row, prepare=True)
